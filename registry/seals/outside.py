"""Checking what is published, as anybody can: from the files alone, with no database and no key of ours.

`audit` reads everything and computes from the leaves what every other file must say; `look_up` follows one code. Both
take a `get` that fetches a published file, from a folder, a bucket or another house's /log address.
A vehicle's facts open to its code alone, so a whole audit checks their dates, state and hashes, and `look_up` the rest.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from registry.core.crypto import unb64url, verified
from registry.seals import credential, did, log, note, rules, snapshot, status_list
from registry.seals.did import Keys
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.snapshot import Entry, Manifest, Record, Shard, State, Table

Get = Callable[[str], Awaitable[bytes]]


class Found(msgspec.Struct, frozen=True):
    """What was looked at, and everything that does not hold. Nothing wrong is an empty list, never a missing one."""

    size: int
    root: str
    seq: int
    as_of: datetime
    seals: int
    valid: int
    suspended: int
    revoked: int
    listings: int
    wrong: list[str]


class Proven(msgspec.Struct, frozen=True):
    """One seal, as the files prove it."""

    entry: Entry
    as_of: datetime
    leaf: int
    size: int
    proof: str  # C2SP tlog-proof
    jws: str


class Copy(msgspec.Struct, frozen=True):
    """The published files, read and held against their signatures and hashes."""

    keys: Keys
    checkpoint: Checkpoint
    note: str
    manifest: Manifest
    table: Table
    shards: list[Shard]
    leaves: list[bytes]


async def read(get: Get) -> Copy:
    """Raises Untrusted at the first file that does not prove what it claims; KeyError where one is not there."""
    keys = did.keys(msgspec.json.decode(await get("did.json")))
    # The manifest first: what it refers to was written before it, so nothing newer is needed to understand it.
    manifest = snapshot.read_manifest((await get("snapshot/manifest")).decode(), keys.verifier("snapshot", verified))
    table = snapshot.decode_table(await get(f"snapshot/{manifest.root}"), manifest.root)
    shards = [snapshot.decode_shard(await get(f"snapshot/{ref.sha256}"), ref.sha256) for ref in table.shards]
    signed = (await get("checkpoint")).decode()
    checkpoint = note.parse_checkpoint(note.open_note(signed, keys.log_name, keys.log_key, verified), keys.log_name)
    return Copy(keys, checkpoint, signed, manifest, table, shards, await log.read_leaves(get, checkpoint))


async def audit(get: Get) -> Found:
    """Everything: tiles, every leaf, every record, both lists, every credential that stands in clear."""
    copy = await read(get)
    leaves = [msgspec.json.decode(leaf) for leaf in copy.leaves]
    folded, wrong = rules.fold(leaves)
    wrong += await _tiles(get, copy)
    wrong += _log_of(copy, leaves)
    by_issue = {fold.first: (commitment, fold) for commitment, fold in folded.items()}
    records = [(record, shard) for shard in copy.shards for record in shard.records]
    for record, shard in records:
        wrong += _record(record, shard, by_issue)
        if record.code:
            wrong += await _credential(get, copy.keys, record)
    if missing := set(by_issue) - {record.issued_index for record, _ in records}:
        wrong.append(f"seals of the log that the snapshot does not show: leaves {sorted(missing)[:10]}")
    wrong += await _lists(get, copy.keys, folded)
    states = [record.state for record, _ in records]
    return Found(
        copy.checkpoint.size, copy.checkpoint.root.hex(), copy.manifest.seq, _instant(copy.manifest.iat), len(records),
        states.count(State.VALID), states.count(State.SUSPENDED), sum(state in rules.FINAL for state in states),
        sum(len(shard.listings) for shard in copy.shards), wrong,
    )  # fmt: skip


async def look_up(get: Get, code: str) -> Proven:
    """One seal with its proof. Raises KeyError when the code is in no shard, Untrusted when something does not hold."""
    copy = await read(get)
    address = snapshot.address(code)
    for shard in copy.shards:
        for record in shard.records:
            if record.key == address:
                return await _proven(get, copy, record, snapshot.reveal(record, shard.seq, code))
    raise KeyError(code)


async def _proven(get: Get, copy: Copy, record: Record, entry: Entry) -> Proven:
    leaves = [msgspec.json.decode(leaf) for leaf in copy.leaves]
    folded, wrong = rules.fold(leaves)
    issued = leaves[entry.issued_index]
    if entry.facts.salt and issued["seal"] != log.commitment(unb64url(entry.facts.salt), entry.code):
        wrong.append("the leaf speaks of another seal")
    wrong += _record(record, None, {entry.issued_index: (issued["seal"], folded[issued["seal"]])})
    wrong += await _credential(get, copy.keys, msgspec.structs.replace(record, code=entry.code))
    wrong += await _lists(get, copy.keys, folded)
    if wrong:
        raise Untrusted("; ".join(wrong))
    path = log.inclusion([log.leaf_hash(leaf) for leaf in copy.leaves], entry.log_index)
    leaf = log.leaf_hash(copy.leaves[entry.log_index])
    if not log.included(leaf, entry.log_index, copy.checkpoint.size, path, copy.checkpoint.root):
        raise Untrusted("its leaf is not in the log")
    return Proven(
        entry, _instant(copy.manifest.iat), entry.log_index, copy.checkpoint.size,
        log.proof(entry.log_index, path, copy.note), (await get(f"credentials/{entry.code}.jwt")).decode(),
    )  # fmt: skip


async def _tiles(get: Get, copy: Copy) -> list[str]:
    wrong = []
    _, files = log.grow([], 0, [log.leaf_hash(leaf) for leaf in copy.leaves])
    for path, data in files.items():
        try:
            if await get(path) != data:
                wrong.append(f"{path} does not hold what its leaves give")
        except KeyError:
            wrong.append(f"{path} is not there")
    return wrong


def _log_of(copy: Copy, leaves: list[dict[str, Any]]) -> list[str]:
    """The manifest's log is this log, at that time, and all keys that signed are in it."""
    wrong = []
    size = copy.manifest.log.size
    root = log.root([log.leaf_hash(leaf) for leaf in copy.leaves[:size]])
    if size > copy.checkpoint.size or note.Checkpoint("", size, root).text().split("\n")[2] != copy.manifest.log.root:
        wrong.append("the manifest's tree is not a beginning of the log")
    logged = {leaf["kid"] for leaf in leaves if leaf["t"] == log.Event.KEY_ADDED}
    used = {kid.partition("#")[2] for kid in (*copy.keys.issuer, *copy.keys.snapshot)}
    if used - logged:
        wrong.append(f"keys that are not in the log: {sorted(used - logged)}")
    if copy.manifest.count != sum(len(shard.records) for shard in copy.shards):
        wrong.append("the manifest counts other seals than the shards hold")
    return wrong


def _record(record: Record, shard: Shard | None, by_issue: dict[int, tuple[str, rules.Fold]]) -> list[str]:
    """A record says what the log says."""
    here = f"seal of leaf {record.issued_index}" + (f" in {shard.name}" if shard else "")
    if record.issued_index not in by_issue:
        return [f"{here}: no such issue in the log"]
    commitment, fold = by_issue[record.issued_index]
    wrong = []
    if (rules.as_logged(record.state), record.log_index) != (fold.state, fold.last):
        wrong.append(f"{here}: shown as {record.state}, in the log {fold.state}")
    if (record.credential, record.status_index) != (fold.vc, fold.status):
        wrong.append(f"{here}: another credential or status index than in the log")
    if (log.instant(record.valid_from), log.instant(record.valid_until)) != (fold.valid_from, fold.valid_until):
        wrong.append(f"{here}: other dates than in the log")
    salt = record.facts.salt if record.facts else ""
    if record.code and salt and log.commitment(unb64url(salt), record.code) != commitment:
        wrong.append(f"{here}: the leaf speaks of another seal")
    return wrong


async def _credential(get: Get, keys: Keys, record: Record) -> list[str]:
    here = f"credential of leaf {record.issued_index}"
    try:
        jws = (await get(f"credentials/{record.code}.jwt")).decode()
        said = credential.verified(jws, keys.verifier("issuer", verified))
    except KeyError:
        return [f"{here} is not there"]
    except Untrusted as error:
        return [f"{here}: {error}"]
    same = (
        hashlib.sha256(jws.encode()).hexdigest() == record.credential
        and said["id"].endswith(f"/s/{record.code}")
        and said["validUntil"] == log.instant(record.valid_until)
        and said["credentialStatus"][0]["statusListIndex"] == str(record.status_index % status_list.LENGTH)
    )
    return [] if same else [f"{here} says something else than the snapshot"]


async def _lists(get: Get, keys: Keys, folded: dict[str, rules.Fold]) -> list[str]:
    wrong = []
    last = status_list.list_of(max((fold.status for fold in folded.values()), default=0))
    for purpose, numbers in rules.bits((fold.state, fold.status) for fold in folded.values()).items():
        expected = status_list.by_list(numbers)
        for number in range(1, last + 1):
            try:
                data = (await get(status_list.key(purpose, number))).decode()
                bits = credential.verified_list(data, keys.verifier("issuer", verified), purpose)
            except (KeyError, ValueError) as error:
                wrong.append(f"{purpose} list: {error}")
                continue
            if other := bits ^ expected.get(number, set()):
                wrong.append(f"{purpose} list: {len(other)} bits are not what the log gives")
    return wrong


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
