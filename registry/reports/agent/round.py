"""One round: look at the directory, collect, open, check, write a case file, and say so under signature.

What comes out of an envelope is a stranger's text: it was bounded and checked field by field when it was opened, it is
written to a file as text, and nothing in it is ever run, linked or shown as anything else.
"""

import hashlib
import os
from pathlib import Path
from uuid import UUID

import msgspec

from registry.authorities.directory import Directory, Seen, accept, digest
from registry.authorities.root import Root
from registry.core import crypto
from registry.core.clock import Clock, utc_now
from registry.core.errors import Invalid
from registry.reports import envelope, notary
from registry.reports.agent.caller import Register
from registry.reports.agent.keys import Settings
from registry.reports.envelope import Context, Inner
from registry.reports.schemas import Collected


class Done(msgspec.Struct):
    """What a round did: how many envelopes it opened, how many were drills, how many could not be read."""

    opened: int = 0
    drills: int = 0
    unreadable: int = 0
    files: list[str] = []


class Agent:
    """An authority's agent at work."""

    def __init__(
        self,
        register: Register,
        settings: Settings,
        identities: list[str],
        signer: crypto.Signer,
        cases: Path,
        clock: Clock = utc_now,
    ) -> None:
        self._register, self._settings, self._identities = register, settings, identities
        self._signer, self._cases, self._clock = signer, cases, clock

    async def once(self) -> Done:
        """Everything that waits now. An envelope seen before is acknowledged again and written only once."""
        self._cases.mkdir(parents=True, exist_ok=True, mode=0o700)
        directory = self.directory(await self._register.directory())
        done = Done()
        for waiting in await self._register.waiting():
            await self._take(waiting.id, directory, done)
        return done

    def directory(self, document: bytes) -> Directory:
        """The directory as served, checked against the pinned root, what we saw before, and our own keys."""
        memory = self._cases / "directory-seen.json"
        seen = msgspec.json.decode(memory.read_bytes(), type=Seen) if memory.exists() else None
        found = accept(document, Root.parse(self._settings.root), self._clock(), seen)
        mine = found.record(self._settings.authority)
        if mine is None or mine.signing != crypto.b64url(self._signer.public_bytes()):
            raise Invalid("directory-not-my-key")
        ours = {envelope.recipient_of(i) for i in self._identities}
        if not ours <= set(mine.recipients):
            raise Invalid("directory-not-my-key")
        _write(memory, msgspec.json.encode(Seen(found.version, digest(found))))
        return found

    async def _take(self, which: UUID, directory: Directory, done: Done) -> None:
        outer, body = await self._register.contents(which)
        sha256 = hashlib.sha256(body)
        await self._register.tell(which, "fetched", {"sha256": sha256.hexdigest()})
        try:
            inner = self._open(which, outer, body, directory)
        except Invalid as refusal:
            said = notary.statement("unreadable", which, sha256.digest())
            await self._register.tell(which, "unreadable", {"signature": self._signature(said)})
            _write(self._cases / f"{which}.unreadable.txt", f"{refusal}\n".encode())
            done.unreadable += 1
            return
        await self._register.tell(which, "opened", {"proof": inner.proof})
        reference = "" if inner.drill else self._written(which, inner, outer, done)
        said = notary.statement("acknowledged", which, sha256.digest(), reference=reference)
        await self._register.tell(which, "acknowledged", {"reference": reference, "signature": self._signature(said)})
        done.opened += 1
        done.drills += inner.drill

    def _open(self, which: UUID, outer: Collected, body: bytes, directory: Directory) -> Inner:
        """Open and compare: the envelope asked for, sealed to keys the signed directory names, and no others."""
        if outer.id != which or hashlib.sha256(body).hexdigest() != outer.sha256:
            raise Invalid("envelope-moved")
        inner = envelope.open_sealed(
            body, self._identities, Context(which, outer.chain, outer.key_ids, outer.directory_version)
        )
        if outer.directory_version == directory.version:
            offices = [directory.record(a) for a in outer.chain]
            named = [envelope.fingerprint(key) for o in offices if o for key in o.recipients]
            if None in offices or tuple(named) != outer.key_ids:
                raise Invalid("envelope-other-keys")
        return inner

    def _written(self, which: UUID, inner: Inner, outer: Collected, done: Done) -> str:
        reference = f"CASO-{str(which)[:8].upper()}"
        path = self._cases / f"{reference}.json"
        case = {
            "reference": reference,
            "envelope": which,
            "urgent": outer.urgent,
            "answer_before": outer.due_at,
            "opened_at": self._clock(),
            "report": inner.report,
            "reply_recipient": inner.reply_recipient,
        }
        if not path.exists():
            _write(path, msgspec.json.format(msgspec.json.encode(case), indent=2))
        done.files.append(str(path))
        return reference

    def _signature(self, said: bytes) -> str:
        return crypto.b64url(self._signer.sign(said))


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
