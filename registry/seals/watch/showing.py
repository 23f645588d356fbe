"""Whether snapshot, status lists and credentials say what the leaves give: no more, and no less."""

import asyncio
import hashlib
from collections.abc import Sequence

from registry.core.crypto import unb64url, verified
from registry.core.phrase import Phrase
from registry.seals import credential, jose, log, rules, snapshot, status_list
from registry.seals.did import Keys
from registry.seals.jose import Untrusted
from registry.seals.rules import Fold
from registry.seals.snapshot import Record, Shard, ShardRef, Table
from registry.seals.watch.head import Finding, Get, Head, why_not
from registry.seals.watch.memory import Memory

TOGETHER = 8
"""Shards on their way at one time; each holds some thousands of seals."""
NOT_THERE = Phrase("not there")
LISTS = {"revocation": Phrase("revocation list"), "suspension": Phrase("suspension list")}
NAMED = 10
"""How many leaves a sentence names."""


async def snapshot_of(get: Get, memory: Memory, head: Head, touched: set[int]) -> list[Finding]:
    """Every record against its seal. A shard that was right and is unchanged is not read again, unless a new leaf spoke
    of a seal in it."""
    refs, found = head.table.shards, []
    settled = (memory.clean_shards() & {ref.sha256 for ref in refs}) - memory.shards_of(touched)
    memory.forget_shards(settled)
    if head.manifest.count != sum(ref.seals for ref in refs):
        found.append(Finding("manifest", Phrase("the manifest counts other seals than the shards hold")))
    waiting = [ref for ref in refs if ref.sha256 not in settled]
    for start in range(0, len(waiting), TOGETHER):
        some = waiting[start : start + TOGETHER]
        for ref, shard in zip(some, await asyncio.gather(*(_shard(get, ref) for ref in some)), strict=True):
            if isinstance(shard, Finding):
                found.append(shard)
                continue
            wrong = await _looked(get, memory, head.keys, ref, shard)
            memory.showed(ref.sha256, clean=not wrong)
            found += wrong
    if missing := memory.missing():
        why = Phrase("seals of the log that the snapshot does not show: leaves %(leaves)s", leaves=_named(missing))
        found.append(Finding("hidden", why, tuple(missing)))
    return found


async def _shard(get: Get, ref: ShardRef) -> Shard | Finding:
    try:
        return snapshot.decode_shard(await get(f"snapshot/{ref.sha256}"), ref.sha256)
    except KeyError:
        return Finding("shard", Phrase("shard %(shard)s is not there", shard=ref.name))
    except Untrusted as error:
        return Finding("shard", Phrase("shard %(shard)s: %(why)s", shard=ref.name, why=why_not(error)))


async def _looked(get: Get, memory: Memory, keys: Keys, ref: ShardRef, shard: Shard) -> list[Finding]:
    found = []
    if (len(shard.records), len(shard.listings)) != (ref.seals, ref.listings):
        found.append(Finding("shard", Phrase("shard %(shard)s holds other seals than the table says", shard=ref.name)))
    for record in shard.records:
        first = record.issued_index
        wrong = compared(record, memory.at(first), memory.commitment(first), shard.name)
        if not memory.show(first, ref.sha256, record.state):
            wrong.append(_of_record(first, shard.name, Phrase("shown more than once")))
        if record.code:
            wrong += await credential_of(get, keys, record, record.code)
        found += wrong
    return found


def compared(record: Record, fold: Fold | None, commitment: str, where: str) -> list[Finding]:
    """A record says what the log says."""
    first = record.issued_index
    if fold is None:
        return [_of_record(first, where, Phrase("no such issue in the log"), "unlogged")]
    wrong = []
    if (rules.as_logged(record.state), record.log_index) != (fold.state, fold.last):
        shown, logged = Phrase(str(record.state)), Phrase(str(fold.state))
        wrong.append(Phrase("shown as %(state)s, in the log %(logged)s", state=shown, logged=logged))
    if (record.credential, record.status_index) != (fold.vc, fold.status):
        wrong.append(Phrase("another credential or status index than in the log"))
    if (log.instant(record.valid_from), log.instant(record.valid_until)) != (fold.valid_from, fold.valid_until):
        wrong.append(Phrase("other dates than in the log"))
    salt = record.facts.salt if record.facts else ""
    if record.code and salt and log.commitment(unb64url(salt), record.code) != commitment:
        wrong.append(Phrase("the leaf speaks of another seal"))
    if fold.erased:
        wrong.append(Phrase("shown although it was erased"))
    return [_of_record(first, where, one) for one in wrong]


def _of_record(first: int, where: str, why: str, what: str = "record") -> Finding:
    return Finding(
        what, Phrase("seal of leaf %(leaf)s in %(shard)s: %(why)s", leaf=first, shard=where, why=why), (first,)
    )


def _named(leaves: Sequence[int]) -> str:
    return ", ".join(map(str, leaves[:NAMED]))


async def credential_of(get: Get, keys: Keys, record: Record, code: str) -> list[Finding]:
    leaf = record.issued_index

    def wrong(why: str) -> list[Finding]:
        said = Phrase("credential of leaf %(leaf)s: %(why)s", leaf=leaf, why=why)
        return [Finding("credential", said, (leaf,))]

    try:
        jws = (await get(f"credentials/{code}.jwt")).decode()
        if record.state in rules.FINAL and jose.header(jws).kid not in keys.issuer:
            # What is over is not signed again when its key goes: from then on its leaf, which has its hash, proves it.
            same = hashlib.sha256(jws.encode()).hexdigest() == record.credential
            return [] if same else wrong(Phrase("not the one that was logged"))
        said = credential.verified(jws, keys.verifier("issuer", verified))
    except KeyError:
        return wrong(NOT_THERE)
    except ValueError as error:
        return wrong(why_not(error))
    places = status_list.entries(_origin(said["id"]), record.status_index)
    same = (
        hashlib.sha256(jws.encode()).hexdigest() == record.credential
        and said["id"].endswith(f"/s/{code}")
        and said["validFrom"] == log.instant(record.valid_from)
        and said["validUntil"] == log.instant(record.valid_until)
        and [one["id"] for one in said["credentialStatus"]] == [place["id"] for place in places]
    )
    return [] if same else wrong(Phrase("it says something else than the snapshot"))


async def lists_of(get: Get, keys: Keys, memory: Memory) -> list[Finding]:
    """Both lists, bit by bit, as the leaves give them; a wrong bit is named by its seal's leaf."""
    found = []
    for purpose, numbers in rules.bits(memory.states()).items():
        expected = status_list.by_list(numbers)
        for number in range(1, status_list.list_of(memory.highest_status()) + 1):
            found += await _list(get, keys, memory, purpose, number, expected.get(number, set()))
    return found


async def _list(
    get: Get, keys: Keys, memory: Memory, purpose: str, number: int, expected: set[int]
) -> list[Finding]:  # fmt: skip
    here = Phrase("%(list)s %(number)s", list=LISTS[purpose], number=number) if number > 1 else LISTS[purpose]
    try:
        data = (await get(status_list.key(purpose, number))).decode()
        bits = credential.verified_list(data, keys.verifier("issuer", verified), purpose)
    except KeyError as error:
        return [Finding("list", Phrase("%(list)s: %(why)s", list=here, why=why_not(error)))]
    except ValueError as error:
        return [Finding("list", Phrase("%(list)s: %(why)s", list=here, why=why_not(error)))]
    wrong = sorted(bits ^ expected)
    if not wrong:
        return []
    firsts = [memory.on_status((number - 1) * status_list.LENGTH + index) for index in wrong]
    leaves = tuple(first for first in firsts if first is not None)
    why = Phrase("%(list)s: %(count)s bits are not what the log gives, of the seals of leaves %(leaves)s", list=here,
                 count=len(wrong), leaves=_named(leaves))  # fmt: skip
    return [Finding("list", why, leaves)]


def _origin(id: str) -> str:
    return id.rpartition("/s/")[0]


def sizes(table: Table) -> tuple[int, int]:
    """Seals and listings, as the table says."""
    return sum(ref.seals for ref in table.shards), sum(ref.listings for ref in table.shards)
