"""People who come in, and what tests ask of them."""

from datetime import datetime
from uuid import UUID

from registry.access.actor import STRANGER, SYSTEM
from registry.access.permissions import Role
from registry.accounts import entry, jobs, rules, service
from registry.accounts.schemas import Invite
from registry.core.context import Context
from registry.core.db import fetch
from registry.outbox import service as outbox
from tests.people import PASSWORD

NEW = Invite("nueva@registro.example", "Nueva Persona", Role.AUDITOR)


async def invited(context: Context, now: datetime, data: Invite = NEW) -> tuple[UUID, str]:
    """An invitation whose letter is sent, and its link's token."""
    made = await service.invite(SYSTEM, now, data)
    await outbox.drain(context, now)
    return made, jobs.link_token(context.keys, made, 1)


async def joined(context: Context, now: datetime, data: Invite = NEW) -> tuple[UUID, bytes, str]:
    """A person who came in: account, phone's secret, session's token."""
    _, token = await invited(context, now, data)
    account = await service.accept_invitation(STRANGER, now, token, PASSWORD)
    half = await service.sign_in(STRANGER, now, data.email, PASSWORD)
    assert half
    secret = entry.proposed_secret(context.keys, account, half)
    session = await service.enrol_totp(STRANGER, now, context.keys, half, rules.totp(secret, rules.step_at(now)))
    assert session
    return account, secret, session


async def events(subject: UUID) -> list[str]:
    rows = await fetch("SELECT event FROM trail_entry WHERE subject = $1 ORDER BY id", subject)
    return [row["event"] for row in rows]
