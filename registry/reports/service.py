"""Verbs of the strangers' side, and drills. The authorities' verbs are in answers.py, the clock's in delivery.py.

Nothing here enters the main trail or the main outbox: the schema has its own of both. The stranger's verbs run under
the role that may only call `reports.file` and `reports.box`; the rest under the role of the reports.
"""

import asyncio
import json
import secrets
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core import crypto
from registry.core.context import Context
from registry.core.db import PUBLIC_DB, REPORTS_DB, Database, execute, fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.storage import FolderStorage
from registry.reports import envelope, files, gate, queries, rules
from registry.reports.code import Derived, derive, new_code
from registry.reports.envelope import Context as Inside
from registry.reports.envelope import Inner, Place, Report, Sealed, fingerprint
from registry.reports.files import Ready
from registry.reports.schemas import Box, Carried, Filing, Receipt


def erasure(context: Context) -> FolderStorage:
    """Where each report's erasure key lies, apart from the database and from every backup: without its key a copy is
    noise."""
    return FolderStorage(context.config.erasure_folder)


async def shred(context: Context, name: str) -> None:
    """Forget an erasure key so that it stays forgotten, also when the power fails now."""
    await erasure(context).shred(name)


def key_lock(name: str) -> int:
    """The lock of one erasure key, until the end of a transaction: shared by those who file under it, and alone for
    whoever takes it away (erasing.py)."""
    return int.from_bytes(crypto.sha256(b"erasure key " + name.encode())[:8], signed=True)


def label(context: Context) -> str:
    """The salt of this instance's codes: a code is good at one instance only."""
    return f"resguardo {context.config.origin}"


def lookup_mac(context: Context, derived: Derived) -> bytes:
    return crypto.hmac_sha256(context.keys.derived("reports code pepper"), derived.lookup)


@verb(Permission.REPORTS_FILE, engine=PUBLIC_DB)
async def file(actor: Actor, now: datetime, context: Context, filing: Filing) -> Receipt:
    """Seal and keep one report, if the gate is open at this instant. The same form twice gives the same answer once.

    Conflict `report-closed` (nothing is kept) or `report-form-used` (this form already sent another text).
    """
    return await _take(now, context, filing, "server", PUBLIC_DB)


@verb(Permission.REPORTS_ENTER, engine=REPORTS_DB)
async def enter(actor: Actor, now: datetime, context: Context, filing: Filing) -> Receipt:
    """What a caller tells, typed by a hotline's operator: the same gate, the same sealing. Who typed it is not kept."""
    return await _take(now, context, filing, "operator", REPORTS_DB)


async def _take(now: datetime, context: Context, filing: Filing, sealed_by: str, engine: Database) -> Receipt:
    place = filing.report.place
    opening = await queries.availability(context, place.code, place.premises, now, engine, filing.home)
    if isinstance(opening, gate.Closed):
        raise Conflict("report-closed", reasons=[str(r) for r in opening.reasons])
    _may_have(opening, len(filing.files))
    sealing = partial(_seal, filing.report, filing.derived, opening, "es", attached=filing.files)
    sealed = await asyncio.to_thread(sealing) if filing.files else sealing()
    typed = b"".join((filing.typed, *(file.manifest.sha256.encode() for file in filing.files)))
    receipt_key = crypto.hkdf(filing.nonce, b"reports receipt")
    outer = _outer(context, now, sealed, filing.derived, opening) | {
        "sealed_by": sealed_by,
        "burst": filing.burst,
        "token_mac": crypto.hmac_sha256(context.keys.derived("reports form"), filing.nonce).hex(),
        "body_mac": crypto.hmac_sha256(crypto.hkdf(filing.nonce, b"reports body"), typed).hex(),
        "receipt": crypto.seal(receipt_key, filing.code.encode(), b"receipt").hex(),
    }
    done = await _keep(context, sealed, outer, engine)
    if done["done"] == "other":
        raise Conflict("report-form-used")
    code: str | None = filing.code
    if done["done"] == "same":
        kept = done["receipt"]
        code = crypto.unseal(receipt_key, bytes.fromhex(kept), b"receipt").decode() if kept else None
    return _receipt(now, code, sealed.urgent, opening, again=done["done"] == "same")


@verb(Permission.REPORTS_FILE, engine=PUBLIC_DB)
async def carry(
    actor: Actor, now: datetime, context: Context, data: Carried, nonce: bytes, burst: bool,
    attached: tuple[bytes, ...] = (),
) -> Receipt:  # fmt: skip
    """Keep one report that a browser sealed, and the files it sealed with it. We never see its text or its code: the
    receipt has none.

    Conflict `report-closed`, `report-directory-changed` (seal it again to the offices of now) or `report-form-used`;
    NotFound `report-files-off`; Invalid `envelope-not-sealed` when it is not what our page would have made.
    """
    opening = await queries.availability(context, data.place, data.premises, now, home=data.home)
    if isinstance(opening, gate.Closed):
        raise Conflict("report-closed", reasons=[str(r) for r in opening.reasons])
    chain = tuple(r.authority for r in opening.chain)
    keys = tuple(fingerprint(key) for record in opening.chain for key in record.recipients)
    if (data.directory, data.chain) != (opening.directory, chain):
        raise Conflict("report-directory-changed")
    _may_have(opening, len(attached))
    body, derived = _unpacked(data.sealed), Derived(_unpacked(data.lookup), "")
    if data.keys != keys or data.envelope.version != 4 or not envelope.carried(body, data.size_step, len(keys)):
        raise Invalid("envelope-not-sealed")
    if not all(files.carried(file, len(keys)) for file in attached) or bool(attached) != (data.form == files.FORM):
        raise Invalid("envelope-not-sealed")
    sealed = Sealed(
        body,
        Inside(data.envelope, chain, keys, opening.directory, data.form),
        data.size_step,
        crypto.sha256(body),
        bytes.fromhex(data.proof_hash),
        data.urgent,
        data.reply_recipient,
        attached,
    )
    outer = _outer(context, now, sealed, derived, opening) | {
        "sealed_by": "browser",
        "burst": burst,
        "token_mac": crypto.hmac_sha256(context.keys.derived("reports form"), nonce).hex(),
        "body_mac": crypto.hmac_sha256(crypto.hkdf(nonce, b"reports body"), body).hex(),
        "receipt": None,
    }
    done = await _keep(context, sealed, outer)
    if done["done"] == "other":
        raise Conflict("report-form-used")
    return _receipt(now, None, sealed.urgent, opening, again=done["done"] == "same")


def _may_have(opening: gate.Open, count: int) -> None:
    """Off unless every office of the chain may receive files."""
    if count and not files.allowed(opening.chain):
        raise NotFound("report-files-off")
    if count > files.MOST:
        raise Invalid("report-files-many", most=files.MOST, fields={"files": "report-files-many"})


def _unpacked(text: str) -> bytes:
    try:
        return crypto.unb64url(text)
    except ValueError:
        raise Invalid("envelope-not-sealed") from None


def _receipt(now: datetime, code: str | None, urgent: bool, opening: gate.Open, *, again: bool) -> Receipt:
    hour, terms = rules.hour(now), tuple(record.terms for record in opening.chain)
    due = rules.deadlines(hour, urgent, terms)
    return Receipt(code, opening.chain, due, rules.outcome_due(hour, terms[0]), again)


def _seal(
    report: Report, derived: Derived, opening: gate.Open, language: str, *, drill: bool = False,
    attached: tuple[Ready, ...] = (),
) -> Sealed:  # fmt: skip
    keys = tuple(key for record in opening.chain for key in record.recipients)
    chain, prints = tuple(r.authority for r in opening.chain), tuple(map(fingerprint, keys))
    inside = Inside(uuid4(), chain, prints, opening.directory)
    if attached:
        inside = msgspec.structs.replace(inside, form=files.FORM)
    reply = envelope.recipient_of(derived.reply_identity)
    names = tuple(r.name(report.language or language) for r in opening.chain)
    proof, manifest = envelope.new_proof(secrets.randbits(128)), tuple(file.manifest for file in attached)
    inner = Inner("sectt-report/1", proof, inside, report, reply, names, drill, manifest)
    sealed = tuple(files.seal(file, keys) for file in attached)
    return msgspec.structs.replace(envelope.seal(inner, keys), files=sealed)


def _outer(context: Context, now: datetime, sealed: Sealed, derived: Derived, opening: gate.Open) -> dict[str, Any]:
    hour = rules.hour(now)
    terms = tuple(r.terms for r in opening.chain)
    return {
        "id": str(sealed.context.envelope),
        "v": sealed.v,
        "suite": sealed.suite,
        "chain": [str(a) for a in sealed.context.chain],
        "directory_version": opening.directory,
        "gate": str(uuid4()),
        "gate_version": gate.VERSION,
        "gate_reasons": [str(reason) for reason in opening.lifted],
        "gate_override": str(opening.override) if opening.override else None,
        "key_ids": list(sealed.context.keys),
        "sealed_by": "server",
        "urgent": sealed.urgent,
        "hour": hour.isoformat(),
        "form": sealed.context.form,
        "size_step": sealed.size_step,
        "sha256": sealed.sha256.hex(),
        "lookup_mac": lookup_mac(context, derived).hex(),
        "reply_recipient": sealed.reply_recipient,
        "proof_hash": sealed.proof_hash.hex(),
        "due": [at.isoformat() for at in rules.deadlines(hour, sealed.urgent, terms)],
        "outcome_due": rules.outcome_due(hour, terms[0]).isoformat(),
    }


async def _keep(context: Context, sealed: Sealed, outer: dict[str, Any], engine: Any = PUBLIC_DB) -> dict[str, Any]:
    """Wrap the age file under a key of its own and store it. The key is on disk before the row is committed."""
    name = str(sealed.context.envelope)
    await fetch("SELECT pg_advisory_xact_lock_shared($1)", key_lock(name), engine=engine)
    key = await _erasure_key(context, name)
    body = crypto.seal(key, sealed.body, sealed.context.envelope.bytes)
    beside = [crypto.seal(key, file, attachment(sealed.context.envelope, n)) for n, file in enumerate(sealed.files, 1)]
    call, more = ("reports.file_with($1::jsonb, $2, $3)", [beside]) if beside else ("reports.file($1::jsonb, $2)", [])
    try:
        (row,) = await fetch(f"SELECT {call} AS said", json.dumps(outer), body, *more, engine=engine)
    except asyncpg.UniqueViolationError:  # only a browser names its envelope, and this one names another's
        raise Conflict("report-form-used") from None
    done: dict[str, Any] = json.loads(row["said"])
    if done["done"] != "stored" and outer["sealed_by"] != "browser":
        await erasure(context).delete(name)
    return done


def attachment(which: UUID, number: int) -> bytes:
    """What names one file of an envelope where it is wrapped under the envelope's erasure key."""
    return which.bytes + b"file" + bytes([number])


async def _erasure_key(context: Context, name: str) -> bytes:
    """A new key; or the one that is there: a browser sends its envelope again under the same name, perhaps while the
    first is still being stored, and that one must stay readable. So such a key is never taken back either."""
    key = secrets.token_bytes(32)
    try:
        await erasure(context).put(name, key, if_absent=True)
    except Conflict:
        return await erasure(context).get(name)
    return key


@verb(Permission.REPORTS_RETURN, engine=PUBLIC_DB)
async def look(actor: Actor, now: datetime, context: Context, derived: Derived, today: date) -> Box | None:
    """What a code opens, or None: a code that never was, a wrong one and a purged one look the same."""
    (row,) = await fetch("SELECT reports.box($1, $2) AS said", lookup_mac(context, derived), today, engine=PUBLIC_DB)
    return msgspec.json.decode(row["said"], type=Box) if row["said"] else None


@verb(Permission.AUTHORITIES_DRILL, engine=REPORTS_DB)
async def drill(actor: Actor, now: datetime, context: Context, authority: UUID, *, urgent: bool = False) -> UUID:
    """Send a marked test through the real path; it is told apart only after opening. Works while the gate is closed.
    An urgent one has the shorter clock and rings the telephone, as an urgent report does."""
    found = (await queries.facts(context, now, REPORTS_DB)).directory
    record = found.record(authority) if found else None
    if found is None or record is None:
        raise NotFound("authority-not-found")
    code = new_code(secrets.randbelow)
    derived = derive(code, label(context))
    report = Report(Place(record.competence.places[0]), "Simulacro · Drill · Simulado · Exercice", happening_now=urgent)
    opening = gate.Open(found.chain(record), found.version)
    sealed = _seal(report, derived, opening, "es", drill=True)
    outer = _outer(context, now, sealed, derived, opening)
    nonce = secrets.token_bytes(32)
    outer |= {"burst": False, "token_mac": nonce.hex(), "body_mac": nonce.hex(), "receipt": None}
    await _keep(context, sealed, outer, REPORTS_DB)
    due = now + rules.within(record.terms, sealed.urgent)
    await execute(
        "INSERT INTO reports.drill (envelope, authority, sent_at, due_at) VALUES ($1, $2, $3, $4)",
        sealed.context.envelope,
        authority,
        now,
        due,
        engine=REPORTS_DB,
    )
    return sealed.context.envelope
