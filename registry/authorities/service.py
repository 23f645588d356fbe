"""Verbs. A key enters the directory only when its holder has proved it; a directory, when the root has signed it."""

import json
from datetime import datetime
from uuid import UUID

import msgspec
import pyrage

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.authorities import hotlines, queries, rules
from registry.authorities.directory import accept, digest
from registry.authorities.root import Root
from registry.authorities.rules import Use
from registry.authorities.schemas import Challenge, NewContact, NewHotline, Proof, PublicKey, Register, Sign
from registry.core import crypto
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.seals import edition as seals
from registry.trail import service as trail


@verb(Permission.AUTHORITIES_MANAGE)
async def register(actor: Actor, now: datetime, data: Register) -> UUID:
    """Enrol an authority. It answers nowhere until keys are proven, the agreement signed, and the root has signed."""
    authority = uuid7()
    if data.then is not None:
        await _there(data.then)
    await execute(
        "INSERT INTO authority (id, names, kind, country, languages, always_open, behind, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        authority,
        json.dumps(data.names),
        data.kind,
        data.country,
        list(data.languages),
        data.always_open,
        data.then,
        now,
    )
    for competence in data.competence:
        for place in competence.places:
            await execute(
                "INSERT INTO authority_competence (id, authority, place, premises) VALUES ($1, $2, $3, $4)",
                uuid7(),
                authority,
                place,
                list(competence.premises),
            )
    await trail.record(actor, now, "authorities.registered", authority, country=data.country)
    await outbox.announce("authorities.registered", now, authority=str(authority))
    return authority


@verb(Permission.AUTHORITIES_MANAGE)
async def record_key(actor: Actor, now: datetime, authority: UUID, data: PublicKey) -> Challenge:
    """Record a public key and make the task that only its holder can do."""
    await _there(authority)
    secret = crypto.token(20)
    task = secret if data.use is Use.SIGNING else crypto.b64url(_sealed(secret, data.public))
    kept = secret.encode() if data.use is Use.SIGNING else crypto.sha256(secret.encode())
    if data.use is Use.SIGNING:
        _signing_key(data.public)
    if await fetch("SELECT 1 FROM authority_key WHERE public = $1", data.public):
        raise Conflict("key-already-recorded")
    key = uuid7()
    await execute(
        "INSERT INTO authority_key (id, authority, use, public, holder, recorded_at, challenge)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        key,
        authority,
        data.use,
        data.public,
        data.holder,
        now,
        kept,
    )
    await trail.record(actor, now, "authorities.key_recorded", authority, key=str(key), use=str(data.use))
    return Challenge(key, data.use, data.public, task)


@verb(Permission.AUTHORITIES_MANAGE)
async def prove_key(actor: Actor, now: datetime, data: Proof) -> None:
    """Accept a key whose holder opened (or signed) its task. Without this it never stands in the directory."""
    rows = await fetch("SELECT * FROM authority_key WHERE id = $1 FOR UPDATE", data.key)
    if not rows:
        raise NotFound("key-not-found")
    key = rows[0]
    if not _proves(Use(key["use"]), key["public"], bytes(key["challenge"]), data.answer):
        raise Invalid("key-not-proven", fields={"answer": "key-not-proven"})
    await execute("UPDATE authority_key SET proven_at = $2 WHERE id = $1", data.key, now)
    await trail.record(actor, now, "authorities.key_proven", key["authority"], key=str(data.key))


@verb(Permission.AUTHORITIES_MANAGE)
async def revoke_key(actor: Actor, now: datetime, key: UUID, reason: str) -> None:
    """Take a key out of the next directory. Until that is signed and loaded, the old one is still served."""
    rows = await fetch(
        "UPDATE authority_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING authority", key, now
    )
    if not rows:
        raise NotFound("key-not-found")
    await trail.record(actor, now, "authorities.key_revoked", rows[0]["authority"], key=str(key), reason=reason)


@verb(Permission.AUTHORITIES_MANAGE)
async def sign_agreement(actor: Actor, now: datetime, authority: UUID, data: Sign) -> UUID:
    """Record the agreement that both signed."""
    await _there(authority)
    rules.agreement_sensible(rules.Agreed(data.reference, data.terms, data.valid_from, data.valid_until))
    agreement = uuid7()
    await execute(
        "INSERT INTO authority_agreement (id, authority, reference, signed_on, signatory, valid_from, valid_until,"
        " acknowledge_hours, urgent_hours, outcome_days) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        agreement,
        authority,
        data.reference,
        data.signed_on,
        data.signatory,
        data.valid_from,
        data.valid_until,
        data.terms.acknowledge_hours,
        data.terms.urgent_hours,
        data.terms.outcome_days,
    )
    await trail.record(actor, now, "authorities.agreement_signed", authority, reference=data.reference)
    await outbox.announce("authorities.agreement_signed", now, authority=str(authority))
    return agreement


@verb(Permission.AUTHORITIES_MANAGE)
async def add_contact(actor: Actor, now: datetime, authority: UUID, data: NewContact) -> UUID:
    """Record where an authority is told that something waits. It counts once confirmed."""
    await _there(authority)
    contact = uuid7()
    await execute(
        "INSERT INTO authority_contact (id, authority, post, email, phone) VALUES ($1, $2, $3, $4, $5)",
        contact,
        authority,
        data.post,
        data.email,
        data.phone,
    )
    await trail.record(actor, now, "authorities.contact_added", authority, contact=str(contact))
    return contact


@verb(Permission.AUTHORITIES_MANAGE)
async def confirm_contact(actor: Actor, now: datetime, contact: UUID) -> None:
    """Note that somebody answered at a contact and said they are the ones."""
    rows = await fetch("UPDATE authority_contact SET confirmed_at = $2 WHERE id = $1 RETURNING authority", contact, now)
    if not rows:
        raise NotFound("contact-not-found")
    await trail.record(actor, now, "authorities.contact_confirmed", rows[0]["authority"], contact=str(contact))


@verb(Permission.AUTHORITIES_MANAGE)
async def load_directory(actor: Actor, now: datetime, root: Root, document: bytes) -> UUID:
    """Take a directory that came back signed; refused unless enough custodians signed and it follows the last one."""
    last = await queries.loaded()
    directory = accept(document, root, now, last[1] if last else None)
    made = await fetch(
        "INSERT INTO authority_directory (version, digest, document, loaded_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (version) DO NOTHING RETURNING version",
        directory.version,
        digest(directory),
        document.decode(),
        now,
    )
    subject = UUID(int=directory.version)
    if made:
        await trail.record(actor, now, "authorities.directory_loaded", subject, digest=digest(directory))
        await outbox.announce("authorities.directory_loaded", now, version=directory.version)
    return subject


@verb(Permission.AUTHORITIES_MANAGE)
async def add_hotline(actor: Actor, now: datetime, data: NewHotline) -> UUID:
    """Add a line that somebody rang."""
    line = uuid7()
    numbers = [hotlines.number(n, data.country) for n in data.numbers]
    await execute(
        "INSERT INTO hotline (id, kind, country, place, names, numbers, texts, hours, timezone, languages, from_abroad,"
        " fictitious, checked_on, checked_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        line,
        data.kind,
        data.country,
        data.place,
        json.dumps(data.names),
        numbers,
        [hotlines.number(n, data.country) for n in data.texts],
        msgspec.json.encode(data.hours).decode(),
        data.timezone,
        list(data.languages),
        data.from_abroad,
        data.fictitious,
        data.checked_on,
        data.checked_by,
    )
    await trail.record(actor, now, "authorities.hotline_added", line)
    await outbox.announce("authorities.hotline_added", now, hotline=str(line))
    return line


@verb(Permission.AUTHORITIES_MANAGE)
async def check_hotline(actor: Actor, now: datetime, hotline: UUID, checked_by: str) -> None:
    """Note that somebody rang a line today and it answered."""
    if not await fetch(
        "UPDATE hotline SET checked_on = $2, checked_by = $3 WHERE id = $1 AND retired_at IS NULL RETURNING id",
        hotline,
        now.date(),
        checked_by,
    ):
        raise NotFound("hotline-not-found")
    await trail.record(actor, now, "authorities.hotline_checked", hotline)
    await outbox.announce("authorities.hotline_checked", now, hotline=str(hotline))


@verb(Permission.AUTHORITIES_MANAGE)
async def retire_hotline(actor: Actor, now: datetime, hotline: UUID, reason: str) -> None:
    """Take a line that no longer answers off every page."""
    if not await fetch(
        "UPDATE hotline SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL RETURNING id", hotline, now
    ):
        raise NotFound("hotline-not-found")
    await trail.record(actor, now, "authorities.hotline_retired", hotline, reason=reason)
    await outbox.announce("authorities.hotline_retired", now, hotline=str(hotline))


async def publish(context: Context, now: datetime) -> None:
    """Write the directory (newest, and for ever under its number) and the hotlines where everybody reads them."""
    if last := await queries.loaded():
        _, seen, document = last
        await context.published.put(
            f"authorities/directory/{seen.version}.json", document, content_type="application/json"
        )
        await context.published.put(queries.DIRECTORY_KEY, document, content_type="application/json")
    found = hotlines.Published(hotlines.FORMAT, now, await queries.lines())
    data = msgspec.json.encode(found)
    await seals.bind(now, queries.HOTLINES_KEY, data)  # readers take no other numbers than these
    await context.published.put(queries.HOTLINES_KEY, data, content_type="application/json")


async def _there(authority: UUID) -> None:
    if not await fetch("SELECT 1 FROM authority WHERE id = $1", authority):
        raise NotFound("authority-not-found")


def _sealed(secret: str, recipient: str) -> bytes:
    try:
        return bytes(pyrage.encrypt(secret.encode(), [pyrage.x25519.Recipient.from_str(recipient)]))
    except pyrage.RecipientError as error:
        raise Invalid("key-not-age", fields={"public": "key-not-age"}) from error


def _signing_key(public: str) -> None:
    try:
        good = len(crypto.unb64url(public)) == 32
    except ValueError:
        good = False
    if not good:
        raise Invalid("key-not-ed25519", fields={"public": "key-not-ed25519"})


def _proves(use: Use, public: str, challenge: bytes, answer: str) -> bool:
    if use is not Use.SIGNING:
        return crypto.same(crypto.sha256(answer.strip().encode()), challenge)
    try:
        signature = crypto.unb64url(answer.strip())
    except ValueError:
        return False
    return crypto.verified(crypto.unb64url(public), signature, challenge)
