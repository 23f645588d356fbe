"""Verbs of authorities and of the directory. A key enters it only when its holder has opened a test envelope and read
its fingerprint back; a directory, when the root has signed it. Keys' verbs are in ceremony.py, hotlines' in lines.py.
"""

import json
from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.authorities import hotlines, queries, rules
from registry.authorities.directory import accept, digest
from registry.authorities.hours import Hours
from registry.authorities.root import Root
from registry.authorities.schemas import NewContact, Register, Sign
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.errors import Invalid, NotFound
from registry.core.ids import uuid7
from registry.core.telephone import e164
from registry.outbox import service as outbox
from registry.seals import edition as seals
from registry.trail import service as trail


@verb(Permission.AUTHORITIES_MANAGE)
async def register(actor: Actor, now: datetime, data: Register) -> UUID:
    """Enrol an authority. It answers nowhere until keys are proven, the agreement signed, and the root has signed."""
    authority = uuid7()
    await _sensible(authority, data)
    await execute(
        "INSERT INTO authority (id, names, kind, country, languages, always_open, behind, created_at, offences, abroad,"
        " hours, timezone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        authority,
        json.dumps(data.names),
        data.kind,
        data.country,
        list(data.languages),
        data.always_open,
        data.then,
        now,
        [str(o) for o in data.offences],
        data.abroad,
        _hours(data.hours),
        data.timezone,
    )
    await _compete(authority, data)
    await trail.record(actor, now, "authorities.registered", authority, country=data.country)
    await outbox.announce("authorities.registered", now, authority=str(authority))
    return authority


@verb(Permission.AUTHORITIES_MANAGE)
async def amend(actor: Actor, now: datetime, authority: UUID, data: Register) -> None:
    """Write an authority's record anew: what it answers for, when, and who stands behind it. What is served changes
    only with the next directory that the custodians sign."""
    await there(authority)
    await _sensible(authority, data)
    await execute(
        "UPDATE authority SET names = $2, kind = $3, country = $4, languages = $5, always_open = $6, behind = $7,"
        " offences = $8, abroad = $9, hours = $10, timezone = $11 WHERE id = $1",
        authority,
        json.dumps(data.names),
        data.kind,
        data.country,
        list(data.languages),
        data.always_open,
        data.then,
        [str(o) for o in data.offences],
        data.abroad,
        _hours(data.hours),
        data.timezone,
    )
    await execute("DELETE FROM authority_competence WHERE authority = $1", authority)
    await _compete(authority, data)
    await trail.record(actor, now, "authorities.amended", authority)


async def _sensible(authority: UUID, data: Register) -> None:
    rules.hours_sensible(data.hours, data.timezone, always_open=data.always_open)
    if data.then == authority:
        raise Invalid("authority-behind-itself", fields={"then": "authority-behind-itself"})
    if data.then is not None:
        await there(data.then)


async def _compete(authority: UUID, data: Register) -> None:
    for competence in data.competence:
        for place in competence.places:
            await execute(
                "INSERT INTO authority_competence (id, authority, place, premises) VALUES ($1, $2, $3, $4)",
                uuid7(),
                authority,
                place,
                list(competence.premises),
            )


def _hours(hours: Hours | None) -> str | None:
    return msgspec.json.encode(hours).decode() if hours is not None else None


@verb(Permission.AUTHORITIES_MANAGE)
async def sign_agreement(actor: Actor, now: datetime, authority: UUID, data: Sign) -> UUID:
    """Record the agreement that both signed."""
    kind = await there(authority)
    agreed = rules.Agreed(data.reference, data.terms, data.valid_from, data.valid_until, data.attachments)
    rules.agreement_sensible(agreed, kind)
    agreement = uuid7()
    await execute(
        "INSERT INTO authority_agreement (id, authority, reference, signed_on, signatory, valid_from, valid_until,"
        " acknowledge_hours, urgent_hours, outcome_days, attachments)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
        data.attachments,
    )
    await trail.record(actor, now, "authorities.agreement_signed", authority, reference=data.reference)
    await outbox.announce("authorities.agreement_signed", now, authority=str(authority))
    return agreement


@verb(Permission.AUTHORITIES_MANAGE)
async def add_contact(actor: Actor, now: datetime, authority: UUID, data: NewContact) -> UUID:
    """Record where an authority is told that something waits. It counts once confirmed."""
    await there(authority)
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
    rows = await fetch(
        "UPDATE authority_contact SET confirmed_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING authority",
        contact,
        now,
    )
    if not rows:
        raise NotFound("contact-not-found")
    await trail.record(actor, now, "authorities.contact_confirmed", rows[0]["authority"], contact=str(contact))


@verb(Permission.AUTHORITIES_MANAGE)
async def confirm_number(actor: Actor, now: datetime, contact: UUID, heard: str) -> None:
    """Note that somebody answered a contact's duty number and read it back to us. Only then does an urgent report ring
    it. Invalid `number-differs` when it is not the number we have: somebody else's telephone would ring at night."""
    rows = await fetch(
        "SELECT c.authority, c.phone, a.country FROM authority_contact c JOIN authority a ON a.id = c.authority"
        " WHERE c.id = $1 AND c.ended_at IS NULL FOR UPDATE OF c",
        contact,
    )
    if not rows:
        raise NotFound("contact-not-found")
    kept, country = rows[0]["phone"], rows[0]["country"]
    if not kept or e164(kept, country) != kept or e164(heard, country) != kept:
        raise Invalid("number-differs", fields={"number": "number-differs"})
    await execute("UPDATE authority_contact SET number_confirmed_at = $2 WHERE id = $1", contact, now)
    await trail.record(actor, now, "authorities.number_confirmed", rows[0]["authority"], contact=str(contact))


@verb(Permission.AUTHORITIES_MANAGE)
async def end_contact(actor: Actor, now: datetime, contact: UUID) -> None:
    """Stop writing to a contact. With fewer than two that are confirmed, the authority's forms close."""
    rows = await fetch(
        "UPDATE authority_contact SET ended_at = $2, confirmed_at = NULL, number_confirmed_at = NULL WHERE id = $1"
        " AND ended_at IS NULL RETURNING authority",
        contact,
        now,
    )
    if not rows:
        raise NotFound("contact-not-found")
    await trail.record(actor, now, "authorities.contact_ended", rows[0]["authority"], contact=str(contact))


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
async def keep_warned(actor: Actor, now: datetime, key: str) -> None:
    """Remember that a warning was sent."""
    await execute("INSERT INTO authority_warned (key, sent_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", key, now)
    await trail.record(actor, now, "authorities.warned", UUID(int=0), about=key)


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


async def there(authority: UUID) -> rules.Kind:
    """What kind of office it is; NotFound unless it is one of ours."""
    rows = await fetch("SELECT kind FROM authority WHERE id = $1", authority)
    if not rows:
        raise NotFound("authority-not-found")
    return rules.Kind(rows[0]["kind"])
