"""What may be shown of a seal's row: what the log and the signed credential bear out, and never more. Pure.

Whoever can write the database can write a row. So a row is shown only where its last leaf in the log speaks of it, in
no better state than that leaf, and under the names that the credential behind the leaf's hash was signed with. What
does not hold is left out or shown as less, and told.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from registry.core.crypto import b64url
from registry.seals import log, rules
from registry.seals.snapshot import Entry, Facts, Kind, State, unit_name

logger = logging.getLogger(__name__)


class _Named(msgspec.Struct, frozen=True):
    name: str
    registeredId: str = ""  # noqa: N815  # as UNTP spells it


class _Facility(msgspec.Struct, frozen=True):
    facility: _Named


class _Product(msgspec.Struct, frozen=True):
    product: _Named


class _Assessment(msgspec.Struct, frozen=True):
    assessedFacility: tuple[_Facility, ...] = ()  # noqa: N815  # as UNTP spells it
    assessedProduct: tuple[_Product, ...] = ()  # noqa: N815  # as UNTP spells it


class _Subject(msgspec.Struct, frozen=True):
    issuedToParty: _Named  # noqa: N815  # as UNTP spells it
    assessment: tuple[_Assessment, ...]


class _Said(msgspec.Struct, frozen=True):
    """Of a credential, the names a page shows in large type."""

    credentialSubject: _Subject  # noqa: N815  # as the W3C spells it


# Three times as fast as asking the enumeration, for each of a million.
_KINDS: dict[str, Kind] = {str(kind): kind for kind in Kind}
_BASE64 = msgspec.json.Decoder(bytes)
_LEAF = msgspec.json.Decoder(rules.Leaf)
_FACTS = msgspec.json.Decoder(Facts)
_SAID = msgspec.json.Decoder(_Said)


def state(row: Mapping[str, Any]) -> State | None:
    """The state the log bears out, or None where it does not know this row."""
    leaf = _LEAF.decode(row["last_leaf"]) if row["last_leaf"] else None
    salt = row["salt"]
    sealed = log.commitment(bytes(salt), row["code"]) if salt else leaf.seal if leaf else ""
    own = rules.Leaf(
        "", sealed, row["credential"], log.instant(row["valid_until"]), row["status_index"],
        valid_from=log.instant(row["valid_from"]),
    )  # fmt: skip
    shown = rules.logged(State(row["state"]), own, leaf)
    if shown != row["state"]:
        logger.error("the row of seal %s says %s and the log does not: shown as %s", row["id"], row["state"], shown)
    return shown


def facts(row: Mapping[str, Any]) -> Facts | None:
    """The facts under the names that were signed; only those where the row has others; None where the credential is not
    the one whose hash was logged. Of an erased holder nothing is left to say."""
    if not row["salt"]:
        return Facts(name="", holder="")
    jws = row["jws"].encode()
    if hashlib.sha256(jws).hexdigest() != row["credential"]:
        logger.error("the credential of seal %s is not the one that was logged: not shown", row["id"])
        return None
    kept = _FACTS.decode(row["facts"])
    # The hash above says which bytes these are, so their base64 need not be canonical. This runs once for each seal of
    # a shard, and msgspec reads base64 four times as fast as binascii.
    payload = jws[jws.index(b".") + 1 : jws.rindex(b".")].replace(b"-", b"+").replace(b"_", b"/")
    subject = _SAID.decode(_BASE64.decode(b'"' + payload + b"=" * (-len(payload) % 4) + b'"')).credentialSubject
    [assessed] = subject.assessment
    kind = _KINDS[row["kind"]]
    vehicle = kind is Kind.VEHICLE
    unit = assessed.assessedProduct[0].product if vehicle else assessed.assessedFacility[0].facility
    holder = subject.issuedToParty.name
    plate = unit.registeredId if vehicle else ""
    salt = b64url(bytes(row["salt"]))
    if (kept.holder, kept.plate, unit_name(kind, kept)) == (holder, plate, unit.name):
        return msgspec.structs.replace(kept, salt=salt)
    logger.error("the row of seal %s names another unit than its credential: shown as signed", row["id"])
    return Facts(name="" if unit.name == plate else unit.name, holder=holder, plate=plate, salt=salt)


def erased(row: Mapping[str, Any]) -> bool:
    """Whether the log says that nothing shows this seal any more. Its bits in the lists stay what they are."""
    return bool(row["last_leaf"]) and _LEAF.decode(row["last_leaf"]).t == log.Event.ERASED


def entry(row: Mapping[str, Any]) -> Entry | None:
    """A seal as it may travel, or None."""
    shown = None if erased(row) else state(row)
    said = facts(row) if shown is not None else None
    if shown is None or said is None:
        return None
    return Entry(
        code=row["code"], kind=_KINDS[row["kind"]], state=shown, since=row["since"], region=row["region"],
        valid_from=row["valid_from"], valid_until=row["valid_until"], scheme=row["scheme"], version=row["version"],
        serial=row["serial"], year=row["year"], status_index=row["status_index"], issued_index=row["issued_index"],
        log_index=row["last_number"], credential=row["credential"], zone=row["zone"],
        plate_tag=row["plate_tag"] if said.plate else "", facts=said,
    )  # fmt: skip


def entries(rows: Iterable[Mapping[str, Any]]) -> list[Entry]:
    return [shown for row in rows if (shown := entry(row))]
