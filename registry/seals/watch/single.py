"""One seal, proven from published files, or offline from its credential and its tlog-proof.

Each thing that is checked is said, also the ones that could not be: what was not looked at is not the same as what
holds. Offline, the proof says that the log held this event when the witnesses cosigned it; that nothing came later only
the status lists and a monitor can say.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from registry.core.crypto import unb64url, verified
from registry.core.phrase import Phrase, joined
from registry.seals import credential, log, note, policy, rules, snapshot, status_list, tlog_proof
from registry.seals.did import Keys
from registry.seals.jose import Untrusted
from registry.seals.log import KEPT, Event
from registry.seals.note import Checkpoint
from registry.seals.policy import Policy
from registry.seals.snapshot import Entry, Record, Shard, ShardRef, State
from registry.seals.tiles import Tiles
from registry.seals.watch import head
from registry.seals.watch.head import NOBODY, Get, Head
from registry.seals.watch.showing import LISTS, NOT_THERE, compared, credential_of


class Check(msgspec.Struct, frozen=True):
    """`holds` is None for what could not be looked at."""

    what: str
    holds: bool | None
    detail: str = ""


class Unproven(Untrusted):
    """Something does not hold; `checks` says what."""

    def __init__(self, checks: list[Check]) -> None:
        super().__init__(joined([check.detail or check.what for check in checks if check.holds is False]))
        self.checks = checks


class Proven(msgspec.Struct, frozen=True):
    """One seal, as the files prove it."""

    entry: Entry
    as_of: datetime
    leaf: int
    size: int
    proof: str  # C2SP tlog-proof
    jws: str
    checks: list[Check]


class Offline(msgspec.Struct, frozen=True):
    """What a credential and its proof say by themselves. `seen_at`: when the quorum cosigned, None without one."""

    code: str
    event: str
    state: str  # that the leaf names, if it is one of those
    said: dict[str, Any]
    leaf: int
    size: int
    seen_at: datetime | None
    checks: list[Check]


async def look_up(get: Get, code: str, believed: Policy = NOBODY) -> Proven:
    """One seal with its proof. Raises KeyError when the code is in no shard, Unproven when something does not hold."""
    top = await head.read(get, believed)
    checks = [Check("keys", True, top.keys.did), Check("manifest", True, _moment(top.manifest.iat))]
    record, shard = await _record(get, top, code)
    entry = snapshot.reveal(record, shard.seq, code)
    checks.append(Check("record", True, shard.name))
    checks += await _logged(get, top, entry, record, shard)
    checks += [_listed(purpose, state, await _bits(get, top, purpose, entry.status_index))
               for purpose, state in (("revocation", entry.state in rules.FINAL),
                                      ("suspension", entry.state is State.SUSPENDED))]  # fmt: skip
    jws, told = await _jws(get, top, record, code)
    checks.append(told)
    proof, signed, inclusion = await _included(get, top, entry, believed)
    checks += [inclusion, *witnessed(signed, believed)]
    _all(checks)
    size = note.parse_checkpoint(note.split(signed)[0], top.checkpoint.origin).size
    return Proven(entry, _instant(top.manifest.iat), entry.log_index, size, proof, jws, checks)


def offline(jws: str, proof: str, believed: Policy, keys: Keys | None, at: datetime | None = None) -> Offline:
    """A credential and its tlog-proof, without asking anybody. Raises Unproven when something does not hold.

    `keys`: from a did.json that was kept; without it the issuer's signature is not looked at, and the leaf alone binds
    the credential to a log that the policy names. `at`: to hold the dates against.
    """
    read = tlog_proof.read(proof)
    checkpoint = head.checkpoint_of(read.signed, keys, believed)
    checks = [Check("checkpoint", True, f"{checkpoint.origin}, {checkpoint.size}")]
    said = _said(jws, keys, checks, at)
    leaf = _leaf(read.leaf)
    checks.append(Check("leaf", _speaks_of(leaf, jws, said), str(read.index)))
    checks.append(Check("inclusion", read.holds(checkpoint), _of(read.index, checkpoint.size)))
    checks += witnessed(read.signed, believed)
    _all(checks)
    times = policy.cosigners(read.signed, believed, verified)
    seen = _instant(min(times.values())) if times and believed.met(times) else None
    code = str(said.get("id", "")).rpartition("/s/")[2]
    return Offline(code, leaf["t"], leaf.get("state", ""), said, read.index, checkpoint.size, seen, checks)


def witnessed(signed: str, believed: Policy) -> list[Check]:
    """Whether enough of the policy's witnesses stand under this checkpoint, and who."""
    if believed == NOBODY:
        return [Check("witnesses", None)]
    try:
        times = policy.cosigners(signed, believed, verified)
    except Untrusted as error:
        return [Check("witnesses", False, head.why_not(error))]
    who = ", ".join(f"{name} {_moment(seconds)}" for name, seconds in times.items())
    return [Check("witnesses", believed.met(times), who or Phrase("nobody of the policy"))]


def _said(jws: str, keys: Keys | None, checks: list[Check], at: datetime | None) -> dict[str, Any]:
    if keys is None:
        checks.append(Check("signature", None))
        said: dict[str, Any] = _unverified(jws)
        return said
    try:
        said = credential.verified(jws, keys.verifier("issuer", verified), at)
    except ValueError as error:
        raise Unproven([*checks, Check("signature", False, head.why_not(error))]) from error
    checks.append(Check("signature", True, keys.did))
    return said


def _unverified(jws: str) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(unb64url(jws.split(".")[1]), type=dict[str, Any])
    except (IndexError, ValueError) as error:
        raise Untrusted("not a credential") from error
    return said


def _leaf(data: bytes) -> dict[str, Any]:
    try:
        leaf = msgspec.json.decode(data, type=dict[str, Any])
    except ValueError as error:
        raise Untrusted("the proof does not bring its leaf") from error
    return leaf


def _speaks_of(leaf: dict[str, Any], jws: str, said: dict[str, Any]) -> bool:
    """The leaf holds the credential's hash, its dates and its place in the lists."""
    entries = said.get("credentialStatus") or [{}]
    number = str(leaf.get("status", -1) % status_list.LENGTH) if isinstance(leaf.get("status"), int) else ""
    return (
        leaf.get("vc") == hashlib.sha256(jws.encode()).hexdigest()
        and (leaf.get("from"), leaf.get("until")) == (said.get("validFrom"), said.get("validUntil"))
        and all(entry.get("statusListIndex") == number for entry in entries)
    )


# -- from published files --------------------------------------------------------------------------------------------


async def _record(get: Get, top: Head, code: str) -> tuple[Record, Shard]:
    """The shard that should hold a code is read first; that no shard does is known when all were read."""
    address = snapshot.address(code)
    for ref in sorted(top.table.shards, key=_likely(code), reverse=True):
        shard = snapshot.decode_shard(await get(f"snapshot/{ref.sha256}"), ref.sha256)
        for record in shard.records:
            if record.key == address:
                return record, shard
    raise KeyError(code)


def _likely(code: str) -> Callable[[ShardRef], bool]:
    hexed = hashlib.sha256(snapshot.address(code).encode()).hexdigest()

    def holds(ref: ShardRef) -> bool:
        digits = ref.name.removeprefix(ref.region).removeprefix("-")
        return hexed.startswith(digits)

    return holds


async def _logged(get: Get, top: Head, entry: Entry, record: Record, shard: Shard) -> list[Check]:
    """This seal's own leaves, from the last back to its issue, and what they make of it."""
    if not entry.issued_index <= entry.log_index < top.checkpoint.size:
        return [Check("leaf", False, Phrase("no such leaf: %(leaf)s", leaf=entry.log_index))]
    tiles, number, chain = Tiles(get, top.checkpoint.size), entry.log_index, list[tuple[int, dict[str, Any]]]()
    while number >= entry.issued_index:
        leaf = _leaf(await tiles.leaf(number))
        chain.append((number, leaf))
        earlier = leaf.get("prev")
        number = earlier if isinstance(earlier, int) and earlier < number else -1
    sealed = chain[-1][1].get("seal", "")
    folded, wrong = None, list[str]()
    for number, leaf in reversed(chain):
        if leaf.get("seal") != sealed:
            return [Check("leaf", False, Phrase("leaf %(leaf)s speaks of another seal", leaf=number))]
        folded, why = rules.follow(folded, number, leaf)
        wrong += why
    salt = entry.facts.salt
    if salt and log.commitment(unb64url(salt), entry.code) != sealed:
        wrong.append(Phrase("the leaf speaks of another seal"))
    wrong += [finding.why for finding in compared(record, folded, sealed, shard.name)]
    holds = Phrase("%(count)s about this seal, the last %(leaf)s", count=len(chain), leaf=entry.log_index)
    return [Check("leaf", not wrong, joined(wrong) or holds)]


async def _bits(get: Get, top: Head, purpose: str, number: int) -> frozenset[int] | str:
    key = status_list.key(purpose, status_list.list_of(number))
    try:
        bits = credential.verified_list((await get(key)).decode(), top.keys.verifier("issuer", verified), purpose)
    except (KeyError, ValueError) as error:
        return Phrase("%(list)s: %(why)s", list=LISTS[purpose], why=head.why_not(error))
    return frozenset({number}) if number % status_list.LENGTH in bits else frozenset()


def _listed(purpose: str, wanted: bool, bits: frozenset[int] | str) -> Check:
    if isinstance(bits, str):
        return Check(f"{purpose} list", False, bits)
    said = Phrase("%(list)s: %(why)s", list=LISTS[purpose], why=Phrase("bit set") if bits else Phrase("bit not set"))
    return Check(f"{purpose} list", bool(bits) == wanted, said)


async def _jws(get: Get, top: Head, record: Record, code: str) -> tuple[str, Check]:
    wrong = await credential_of(get, top.keys, record, code)
    if not wrong:
        return (await get(f"credentials/{code}.jwt")).decode(), Check("credential", True, record.credential)
    missing = wrong[0].why.endswith(NOT_THERE)
    # A mirror cannot list the codes of vehicles, so it may lack their credentials: the rest is proven all the same.
    holds = None if missing and not record.code else False
    return "", Check("credential", holds, wrong[0].why)


async def _included(get: Get, top: Head, entry: Entry, believed: Policy) -> tuple[str, str, Check]:
    """The proof, against the newest checkpoint that the policy believes, else the newest."""
    signed, checkpoint = await _best(get, top, entry, believed)
    tiles = Tiles(get, checkpoint.size)
    leaf, path = await tiles.leaf(entry.log_index), await tiles.inclusion(entry.log_index)
    proof = tlog_proof.Proof(entry.log_index, path, signed, leaf)
    said = _of(entry.log_index, checkpoint.size)
    return proof.text(), signed, Check("inclusion", proof.holds(checkpoint), said)


async def _best(get: Get, top: Head, entry: Entry, believed: Policy) -> tuple[str, Checkpoint]:
    if believed == NOBODY or believed.met(policy.cosigners(top.signed, believed, verified)):
        return top.signed, top.checkpoint
    try:
        signed = (await get("checkpoint.cosigned")).decode()
    except KeyError:
        return top.signed, top.checkpoint
    cosigned = head.checkpoint_of(signed, top.keys, believed)
    path = await Tiles(get, top.checkpoint.size).consistency(cosigned.size) if cosigned.size else ()
    known = log.consistent(cosigned.size, cosigned.root, top.checkpoint.size, top.checkpoint.root, path)
    return (signed, cosigned) if known and entry.log_index < cosigned.size else (top.signed, top.checkpoint)


def _of(leaf: int, size: int) -> str:
    return Phrase("leaf %(leaf)s of %(size)s", leaf=leaf, size=size)


def _all(checks: Iterable[Check]) -> None:
    kept = list(checks)
    if any(check.holds is False for check in kept):
        raise Unproven(kept)


def standing(event: str, leaf_state: str = "") -> State:
    """What an event makes of a seal, as far as one leaf tells."""
    if event in KEPT and leaf_state:
        return State(leaf_state)
    return {Event.SUSPENDED: State.SUSPENDED, Event.REVOKED: State.WITHDRAWN}.get(event, State.VALID)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment(seconds: int) -> str:
    return log.instant(_instant(seconds))
