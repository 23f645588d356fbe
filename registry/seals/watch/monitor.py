"""One run of a monitor: follow the log from where the last run ended, and hold against it whatever is served.

What a run may find, by `what`: fork, rollback (the past is not what it was) · leaf (an event that cannot honestly
follow; a backdated seal) · unlogged, hidden, record, credential, list, tile, shard, manifest (what is served is not
what the leaves give) · key (one the log does not know, or another did.json than the log speaks of) · quorum · stale ·
split, frozen, unseen, unproven, away (what others are shown).
After a fork or a rollback nothing that was remembered is given up: the evidence is both notes.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from registry.core.crypto import verified
from registry.core.phrase import Phrase
from registry.seals import log, note, policy, rules
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.policy import Policy
from registry.seals.snapshot import State
from registry.seals.tiles import Tiles
from registry.seals.watch import comparing, folding, showing
from registry.seals.watch.comparing import Compared, Other
from registry.seals.watch.folding import Told as Told
from registry.seals.watch.head import NOBODY, Finding, Get, Head, manifest_in_log, pin, read, why_not
from registry.seals.watch.memory import Followed, Memory

PULSE = timedelta(minutes=15)
"""A manifest is signed anew every two minutes; one much older says that nothing is published any more, or that we are
shown a copy somebody froze."""


TRIES, PAUSE = 3, 2.0
"""did.json is published a moment before the checkpoint that speaks of it."""


class Report(msgspec.Struct, frozen=True):
    """What was looked at, and everything that does not hold. Nothing wrong is an empty list, never a missing one."""

    size: int
    root: str
    read: int  # leaves that were new
    seq: int
    as_of: datetime
    seals: int
    valid: int
    suspended: int
    revoked: int
    listings: int
    cosigned: dict[str, datetime]  # by the policy's names, under the newest checkpoint
    compared: dict[str, int]  # who else was asked, and the size they were shown
    findings: list[Finding]
    earlier: list[Finding]  # found in the log's own leaves by earlier runs: it cannot unsay them
    evidence: dict[str, str]

    @property
    def wrong(self) -> list[str]:
        return [finding.why for finding in self.findings]


def silent(_: int) -> None:
    """No progress to show."""


async def watch(
    get: Get, memory: Memory, now: datetime | None, *, believed: Policy = NOBODY, others: Sequence[Other] = (),
    told: Told = silent,
) -> Report:  # fmt: skip
    """Raises Untrusted where nothing can be believed at all, KeyError where a file it cannot do without is not there.

    `now`: for how old things are; None leaves that out (the files of a house that is not running). What changes while
    it is read is read again: two files of two publications need not agree.
    """
    for attempt in range(TRIES):
        if attempt:
            memory.again()
        report, manifest = await _watch(get, memory, now, believed, others, told)
        early = any(finding.what == "key" for finding in report.findings)
        if not report.findings or (not early and (await get("snapshot/manifest")).decode() == manifest):
            break
        if early and attempt < TRIES - 1:
            await asyncio.sleep(PAUSE)
    return report


async def _watch(
    get: Get, memory: Memory, now: datetime | None, believed: Policy, others: Sequence[Other], told: Told
) -> tuple[Report, str]:
    was = memory.followed()
    earlier = [Finding(*one) for one in memory.found()]
    head = await read(get, believed, was.key if was else None)
    found = _older(was, head)
    evidence: dict[str, str] = {}
    grown = await _grown(get, memory, was, head, told)
    found += grown.findings
    if grown.evidence:
        evidence |= {"remembered": was.signed if was else "", "shown": head.signed}
    compared = await comparing.compare(get, head.signed, pin(head.keys), verified, others)
    found += await manifest_in_log(get, head)
    found += await showing.snapshot_of(get, memory, head, grown.touched)
    found += await showing.lists_of(get, head.keys, memory)
    found += _keys(memory, head)
    cosigned = policy.cosigners(head.signed, believed, verified)
    found += await _quorum(get, head, believed, cosigned) + _fresh(head, now)
    for one in compared:
        found += one.findings
        evidence |= one.evidence
    if not grown.evidence:
        _remember(memory, head, grown.edge, cosigned, await _whole(get, head, believed))
    return _report(memory, head, grown.read, found, earlier, cosigned, compared, evidence), head.jws


class _Grown(msgspec.Struct, frozen=True):
    edge: list[list[bytes]]
    touched: set[int]
    read: int
    findings: list[Finding] = []
    evidence: bool = False


async def _grown(get: Get, memory: Memory, was: Followed | None, head: Head, told: Told) -> _Grown:
    size, edge = (was.size, was.edge) if was else (0, [])
    to = head.checkpoint
    if was and to.size < was.size:
        gone = memory.since(to.size)
        whys = [Finding("rollback", Phrase("leaves about the seal of leaf %(leaf)s were removed", leaf=one), (one,))
                for one in gone]  # fmt: skip
        less = Phrase("the log had %(was)s entries and now shows %(now)s", was=was.size, now=to.size)
        whole = Finding("rollback", less, tuple(gone))
        return _Grown(edge, set(), 0, [whole, *whys], evidence=True)
    memory.mark()
    try:
        edge, found = await folding.fold(get, memory, edge, size, to, told)
    except Untrusted as error:
        memory.back()
        if was is None or not was.size:
            raise
        return await _forked(get, memory, was, to, error)
    return _Grown(edge, set(memory.since(size)), to.size - size, found)


async def _forked(get: Get, memory: Memory, was: Followed, to: Checkpoint, error: Untrusted) -> _Grown:
    """The leaves do not continue the tree we followed. Either they alone are wrong, or the past was rewritten; then the
    leaves are read again from the first, to say which seals are not what they were."""
    path = await Tiles(get, to.size).consistency(was.size)
    if log.consistent(was.size, was.root, to.size, to.root, path):
        return _Grown(was.edge, set(), 0, [Finding("entries", why_not(error))], evidence=True)
    anew = Memory()
    with contextlib.suppress(KeyError, Untrusted):  # what could be read is compared all the same
        await folding.beginning(get, anew, to, was.size)
    leaves = [fold.first for sealed, fold in memory.seals() if anew.seal(sealed) != fold]
    anew.close()
    why = Phrase("the %(was)s entries it had are not the beginning of the %(now)s it shows now", was=was.size,
                 now=to.size)  # fmt: skip
    each = [Finding("fork", Phrase("the seal of leaf %(leaf)s is not what it was", leaf=one), (one,))
            for one in leaves]  # fmt: skip
    return _Grown(was.edge, set(), 0, [Finding("fork", why, tuple(leaves)), *each], evidence=True)


def _older(was: Followed | None, head: Head) -> list[Finding]:
    if was is None or head.manifest.seq > was.seq:
        return []
    if head.manifest.seq < was.seq:
        why = Phrase("manifest %(seq)s is older than %(was)s, which was shown before", seq=head.manifest.seq,
                     was=was.seq)  # fmt: skip
        return [Finding("rollback", why)]
    same = head.manifest.root == was.manifest
    return [] if same else [Finding("fork", Phrase("two snapshots under number %(seq)s", seq=was.seq))]


def _keys(memory: Memory, head: Head) -> list[Finding]:
    """did:web has no history of its own: a key that signs stands in the log, and has not retired there."""
    used = {kid.partition("#")[2] for kid in (*head.keys.issuer, *head.keys.snapshot)}
    unlogged = sorted(used - memory.keys())
    why = Phrase("keys that are not in the log, or retired there: %(keys)s", keys=", ".join(unlogged))
    found = [Finding("key", why)] if unlogged else []
    said = memory.document()
    if said and said[1] != head.document:
        why = Phrase("did.json is not the one that leaf %(leaf)s speaks of", leaf=said[0])
        found.append(Finding("key", why, (said[0],)))
    return found


async def _whole(get: Get, head: Head, believed: Policy) -> tuple[int, int] | None:
    """Size and time of the newest checkpoint that a quorum of the policy cosigned."""
    for key in ("checkpoint", "checkpoint.cosigned"):
        try:
            signed = head.signed if key == "checkpoint" else (await get(key)).decode()
            checkpoint = note.read_checkpoint(signed, head.keys.log_name, head.keys.log_key, verified)
        except (KeyError, Untrusted):  # none yet, or by a key that was dropped since
            return None
        times = policy.cosigners(signed, believed, verified)
        if times and believed.met(times):
            return checkpoint.size, min(times.values())
    return None


async def _quorum(get: Get, head: Head, believed: Policy, cosigned: dict[str, int]) -> list[Finding]:
    if believed.met(cosigned):
        return []
    whole = await _whole(get, head, believed)
    if whole is None:
        return [Finding("quorum", Phrase("no checkpoint with enough of the policy's witnesses is shown"))]
    late = datetime.fromtimestamp(head.manifest.iat, UTC) - datetime.fromtimestamp(whole[1], UTC)
    if late < PULSE:  # the next lines are on their way
        return []
    why = Phrase("enough witnesses saw %(size)s entries, and none of the later ones, %(late)s ago", size=whole[0],
                 late=str(late))  # fmt: skip
    return [Finding("quorum", why)]


def _fresh(head: Head, now: datetime | None) -> list[Finding]:
    if now is None:
        return []
    as_of = datetime.fromtimestamp(head.manifest.iat, UTC)
    if now.timestamp() > head.manifest.exp:
        return [Finding("stale", Phrase("the manifest of %(when)s has expired", when=log.instant(as_of)))]
    why = Phrase("nothing was published since %(when)s", when=log.instant(as_of))
    return [Finding("stale", why)] if now - as_of > PULSE else []


def _remember(
    memory: Memory, head: Head, edge: list[list[bytes]], cosigned: dict[str, int], whole: tuple[int, int] | None
) -> None:
    """What the next run begins with. The manifest's date and the witnesses' are statements about a size and a time."""
    to = head.checkpoint
    memory.follow(Followed(pin(head.keys), to.size, to.root, edge, head.signed, head.manifest.seq, head.manifest.root))
    memory.add_moment(head.manifest.log.size, head.manifest.iat)
    if whole:
        memory.add_moment(*whole)


def _report(
    memory: Memory, head: Head, new: int, found: list[Finding], earlier: list[Finding], cosigned: dict[str, int],
    compared: list[Compared], evidence: dict[str, str],
) -> Report:  # fmt: skip
    shown = memory.shown()
    revoked = sum(count for state, count in shown.items() if state in rules.FINAL)
    seals, listings = showing.sizes(head.table)
    times = {name: datetime.fromtimestamp(seconds, UTC) for name, seconds in cosigned.items()}
    return Report(
        head.checkpoint.size, head.checkpoint.root.hex(), new, head.manifest.seq,
        datetime.fromtimestamp(head.manifest.iat, UTC), seals, shown.get(State.VALID, 0),
        shown.get(State.SUSPENDED, 0), revoked, listings, times, {one.name: one.size for one in compared}, found,
        earlier, evidence,
    )  # fmt: skip
