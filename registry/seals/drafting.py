"""Seals and log leaves before they are written. Pure but for randomness; runs in a thread for a large group."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from registry.core.ids import uuid7
from registry.seals import credential, jose, log, rules, snapshot, status_list
from registry.seals.attestation import Grant
from registry.seals.code import new_code
from registry.seals.credential import Attested
from registry.seals.publication import Press
from registry.seals.rules import LOGGED, Act
from registry.seals.snapshot import State
from registry.seals.tables import LogEntry, Seal

SALT = 16


class Tail(msgspec.Struct, frozen=True):
    """The end of the log: how many leaves, the last serial given, and how often anything changed."""

    size: int
    serial: int
    changed: int


class Drafts(msgspec.Struct):
    seals: list[Seal]
    entries: list[LogEntry]


class Renewed(msgspec.Struct, frozen=True):
    """A seal that stays what it is under a new credential: what its row says from now on, and the leaf that says so."""

    values: dict[str, Any]
    entry: LogEntry


def draft(
    press: Press, grants: list[Grant], taken: set[int], tail: Tail, now: datetime, replaces: UUID | None = None,
    revoked: int | None = None,
) -> Drafts:  # fmt: skip
    """A seal and its leaf for each grant, numbered on from the tail. `taken`: the newest list's status numbers.

    `revoked` is the leaf by which the seal that these take the place of was revoked: it accounts for dates that began
    before this leaf, which otherwise look backdated.
    """
    drafts, free = Drafts([], []), status_list.Free(taken, secrets.randbelow)
    for place, grant in enumerate(grants):
        index = free.draw()
        seal = _seal(press, grant, index, tail.serial + place + 1, tail.size + place, now)
        seal.replaces = replaces
        commitment = log.commitment(seal.salt, seal.code)
        leaf = log.seal_leaf(
            log.Event.ISSUED, now, commitment, vc=seal.credential, valid_from=grant.valid_from,
            valid_until=grant.valid_until, index=index, prev=None, replaces=revoked,
        )  # fmt: skip
        drafts.seals.append(seal)
        drafts.entries.append(entry(tail.size + place, leaf, now, seal.id))
    return drafts


def _seal(press: Press, grant: Grant, index: int, serial: int, number: int, now: datetime) -> Seal:
    code = new_code(secrets.randbits)
    jws = _signed(press, credential.build(press.issuer, attested(grant, code, index)))
    return Seal(
        id=uuid7(), code=code, certification=grant.certification, unit=grant.unit, kind=grant.kind, client=grant.client,
        association=grant.association, state=State.VALID, since=grant.valid_from, issued_at=now,
        valid_from=grant.valid_from, valid_until=grant.valid_until, zone=grant.zone, region=grant.region,
        scheme=grant.version.scheme, scheme_version=grant.version.id, version=grant.version.version,
        language=grant.language, serial=serial, year=grant.valid_from.astimezone(ZoneInfo(grant.zone)).year,
        status_index=index, salt=secrets.token_bytes(SALT), facts=msgspec.json.encode(grant.facts).decode(),
        plate_tag=snapshot.plate_tag(grant.facts.plate), jws=jws, credential=hashlib.sha256(jws.encode()).hexdigest(),
        issued_index=number, log_index=number,
    )  # fmt: skip


def attested(grant: Grant, code: str, index: int) -> Attested:
    """What the credential says: in the scheme's language of reference, names as certified."""
    version = grant.version
    return Attested(
        code=code, status_index=index, valid_from=grant.valid_from, valid_until=grant.valid_until, kind=grant.kind,
        unit=str(grant.unit), unit_name=grant.unit_name, plate=grant.facts.plate, holder=str(grant.client),
        holder_name=grant.holder, scheme=version.scheme, scheme_name=version.name[version.languages[0]],
        version=version.version, version_from=version.effective_on, certification=str(grant.certification),
        assessed_on=grant.assessed_on, auditor=grant.auditor or "-", visited=grant.visited,
        attestation=version.attestation,
    )  # fmt: skip


def erased(number: int, seal: dict[str, Any], now: datetime) -> LogEntry:
    """The last leaf of a seal: after it nothing shows whose it was."""
    return _said(log.Event.ERASED, number, seal, now)


def moved(number: int, seal: dict[str, Any], act: Act, now: datetime) -> LogEntry:
    """The leaf of a change."""
    return _said(LOGGED[act], number, seal, now)


def _said(event: str, number: int, seal: dict[str, Any], now: datetime) -> LogEntry:
    leaf = log.seal_leaf(
        event, now, _link(seal), vc=str(seal["credential"]), valid_from=seal["valid_from"],
        valid_until=seal["valid_until"], index=seal["status_index"], prev=seal["log_index"],
    )  # fmt: skip
    return entry(number, leaf, now, seal["id"])


class Resigned(NamedTuple):
    """A row of the log, in the order of its columns, and what the seal's row says from now on. Plain values: there are
    as many as there are seals."""

    number: int
    leaf: bytes
    hash: bytes
    event: str
    seal: UUID
    at: datetime
    jws: str
    credential: str


def renewed(press: Press, grant: Grant, seal: dict[str, Any], number: int, now: datetime) -> Renewed:
    """The same code, status index and sticker under a new decision: new dates, new facts, new credential. Its state is
    what it was: a renewal lifts no suspension."""
    start, end = rules.renewed(seal["valid_from"], seal["valid_until"], grant.valid_from, grant.valid_until, now)
    facts = msgspec.structs.replace(grant.facts, renewed_on=now.astimezone(ZoneInfo(grant.zone)).date())
    grant = msgspec.structs.replace(grant, valid_from=start, valid_until=end, facts=facts)
    jws = _signed(press, credential.build(press.issuer, attested(grant, seal["code"], seal["status_index"])))
    values = {
        "certification": grant.certification, "valid_from": start, "valid_until": end, "scheme": grant.version.scheme,
        "scheme_version": grant.version.id, "version": grant.version.version,
        "plate_tag": snapshot.plate_tag(grant.facts.plate), "facts": msgspec.json.encode(grant.facts).decode(),
    }  # fmt: skip
    return _kept(log.Event.RENEWED, seal, jws, values, number, now)


def resigned(press: Press, seal: dict[str, Any], number: int, now: datetime) -> Resigned:
    """The very words of its credential under the key in use now: they were held against the profile when they were
    first signed, and not a byte of them changes."""
    signer = press.keys.issuer
    jws = jose.sign(jose.body(seal["jws"]), signer, f"{press.issuer.did}#{signer.kid}", credential.MEDIA, "vc")
    digest = hashlib.sha256(jws.encode()).hexdigest()
    leaf = log.seal_leaf(
        log.Event.RESIGNED, now, _link(seal), vc=digest, valid_from=seal["valid_from"],
        valid_until=seal["valid_until"], index=seal["status_index"], prev=seal["log_index"], state=str(seal["state"]),
    )  # fmt: skip
    return Resigned(number, leaf, log.leaf_hash(leaf), log.Event.RESIGNED, seal["id"], now, jws, digest)


def _kept(event: str, seal: dict[str, Any], jws: str, values: dict[str, Any], number: int, now: datetime) -> Renewed:
    digest = hashlib.sha256(jws.encode()).hexdigest()
    leaf = log.seal_leaf(
        event, now, _link(seal), vc=digest, valid_from=values["valid_from"], valid_until=values["valid_until"],
        index=seal["status_index"], prev=seal["log_index"], state=str(seal["state"]),
    )  # fmt: skip
    signed = {"id": seal["id"], "jws": jws, "credential": digest, "log_index": number}
    return Renewed(values | signed, entry(number, leaf, now, seal["id"]))


def _signed(press: Press, said: dict[str, Any]) -> str:
    return credential.secure(said, press.keys.issuer, press.issuer.did)


def _link(seal: dict[str, Any]) -> str:
    """The commitment of a seal. Once a holder's data were erased there is no salt, and nothing more to say."""
    if not isinstance(seal["salt"], bytes):
        raise TypeError("this seal's link to the log was erased")
    return log.commitment(seal["salt"], str(seal["code"]))


def entry(number: int, leaf: bytes, now: datetime, seal: object = None) -> LogEntry:
    """A row of the log, its event read from the leaf itself."""
    event = msgspec.json.decode(leaf)["t"]
    return LogEntry(number=number, leaf=leaf, hash=log.leaf_hash(leaf), event=event, seal=seal, at=now)
