"""Keeps this door's copy of the published files fresh, and never lets it go backwards.

Each beat looks at `snapshot/manifest` alone (a stat on a folder, a HEAD on S3). When it changed: its signature, the
hash of the table and of every shard that changed are checked, and only then is the whole copy replaced, in one
assignment. Whatever does not prove itself (half written, altered, an older sequence number, a second snapshot under
one number) is refused, the last good copy stays, and it is no longer confirmed: its age grows and the pages turn grey
by themselves.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from public_site.verification.copy import Copy, LoadedShard, load_shard
from registry.authorities import hotlines
from registry.core.clock import Clock
from registry.core.errors import Invalid
from registry.core.storage import Storage
from registry.seals.jose import Untrusted, Verify
from registry.seals.snapshot import decode_table, name_of, read_manifest

logger = logging.getLogger(__name__)

MANIFEST = "snapshot/manifest"
AT_ONCE = 16
"""Shards on their way at one time."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
PULSE = timedelta(minutes=5)
"""A registry signs its manifest anew every two minutes (registry.seals.rules.REFRESH). One that has not for this long
may hold decisions it cannot publish, and the copy is only known to be good up to then."""


class Following:
    """The copy and how fresh it is. `verify` knows the keys of whoever may sign a manifest.

    `prepare`: what `verify` has to learn before a new manifest is looked at (trust.py).
    `memory`: a small file that remembers the highest sequence number over restarts, so that a store put back to an
    older state is refused then too. A door without a disk starts trusting what it first sees.
    """

    def __init__(
        self, published: Storage, verify: Verify, clock: Clock, every: float = 0.25,
        memory: Path | None = None, prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        self._prepare = prepare
        self._published, self._verify, self._clock, self._every = published, verify, clock, every
        self._memory = memory
        self.changed: list[Callable[[], None]] = []
        self._etag: str | None = None
        self._hotlines = ""
        self._confirmed_at = NEVER
        self._highest = _recalled(memory)
        self.copy = Copy.empty()
        self.trouble = ""

    @property
    def as_of(self) -> datetime:
        """The instant up to which the copy is known to be the newest. A manifest whose pulse stopped confirms nothing
        more: a registry that stopped publishing looks the same as a store that somebody froze."""
        return min(self._confirmed_at, self.copy.expires_at, self.copy.issued_at + PULSE)

    def age(self, now: datetime) -> float:
        """Seconds since the copy was last known to be the newest."""
        return max(0.0, (self.instant(now) - self.as_of).total_seconds())

    def instant(self, now: datetime) -> datetime:
        """The time it is at least: never before the copy was signed, whatever our own clock says (seals.md 3.3). A
        clock put back must not make a seal that ended valid again; what it confirms then counts as old."""
        return max(now, self.copy.issued_at)

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(self._every)

    async def step(self) -> bool:
        """Look once; True when the copy is confirmed. Troubles are told once, not at every beat."""
        try:
            await self._look(self._clock())
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._trouble(f"{type(error).__name__}: {error}")
            return False
        self._trouble("")
        return True

    async def _look(self, began: datetime) -> None:
        # `began` is taken before looking: what we learn was true then, and may already be old when the answer is here.
        stat = await self._published.stat(MANIFEST)
        if stat is None:
            raise Untrusted("nothing is published yet")
        if stat.etag != self._etag:
            await self._adopt(await self._published.get(MANIFEST))
            self._etag = stat.etag
        if self._hotlines != self.copy.hotlines_sha256:
            await self._adopt_hotlines(self._hotlines)
        self._confirmed_at = began

    async def _adopt(self, data: bytes) -> None:
        if self._prepare:
            await self._prepare()
        manifest = read_manifest(data.decode("ascii").strip(), self._verify, self._highest)
        if manifest.seq == self.copy.seq and manifest.root != self.copy.root:
            raise Untrusted("fork: two snapshots under number %(seq)s", seq=manifest.seq)
        table = decode_table(await self._published.get(f"snapshot/{manifest.root}"), manifest.root)
        known = {shard.sha256: shard for shard in self.copy.shards}
        wanted = [ref.sha256 for ref in table.shards]
        for start in range(0, len(wanted), AT_ONCE):
            some = [name for name in wanted[start : start + AT_ONCE] if name not in known]
            known |= {shard.sha256: shard for shard in await asyncio.gather(*map(self._shard, some))}
        shards = [known[name] for name in wanted]
        self._replace(Copy.of(manifest, table, shards, self.copy))
        self._highest, self._hotlines = manifest.seq, manifest.hotlines
        _remember(self._memory, manifest.seq)

    async def _shard(self, sha256: str) -> LoadedShard:
        data = await self._published.get(f"snapshot/{sha256}")
        return await asyncio.to_thread(load_shard, data, sha256)

    async def _adopt_hotlines(self, sha256: str) -> None:
        """The numbers of the emergency bar: the bytes the manifest names and no others. A list that is lost or altered
        must not stop verdicts: the last good one stays, and without any the bar says the general number."""
        with suppress(Invalid, KeyError):
            data = await self._published.get(f"snapshot/{sha256}") if sha256 else b""
            if sha256 and name_of(data) != sha256:
                self._trouble("Untrusted: hotlines that are not the ones that were signed")
                return
            published = hotlines.decode(data) if sha256 else None
            self._replace(msgspec.structs.replace(self.copy, hotlines=published, hotlines_sha256=sha256))

    def _replace(self, copy: Copy) -> None:
        self.copy = copy
        for tell in self.changed:
            tell()

    def _trouble(self, words: str) -> None:
        if words and words != self.trouble:
            logger.warning("the copy was not confirmed: %s", words)
        self.trouble = words


def _recalled(memory: Path | None) -> int:
    with suppress(OSError, ValueError):
        return int(memory.read_text()) if memory else 0
    return 0


def _remember(memory: Path | None, seq: int) -> None:
    if memory is None:
        return
    draft = memory.with_suffix(".part")
    with suppress(OSError):  # a full or read-only disk must not stop verdicts; memory then lasts as long as we run
        memory.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(str(seq))
        draft.replace(memory)
