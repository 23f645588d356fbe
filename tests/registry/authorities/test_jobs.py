"""Owners are asked to ring their lines before these get stale; officers are told of what ends. Once each."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import pytest

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.accounts import service as accounts
from registry.accounts.schemas import Invite
from registry.authorities import jobs, lines, queries, service
from registry.authorities.hotlines import Kind
from registry.authorities.hours import Hours
from registry.authorities.schemas import NewContact, NewHotline, Sign
from registry.core.context import Context
from registry.core.errors import NotFound
from registry.core.mail import Spool
from tests import people
from tests.registry.authorities.test_service import UNIT


def letters(context: Context) -> list[tuple[str, str, str]]:
    """To whom, subject and text of everything in the spool."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in _spool(context).glob("*.eml")]
    return [(one["to"], one["subject"], one.get_content()) for one in found]


def _spool(context: Context) -> Path:
    assert isinstance(context.mail, Spool)
    return context.mail._folder


def line(now: datetime, days: int, owner_email: str = "") -> NewHotline:
    return NewHotline(
        Kind.POLICE, "CR", {"es": "Policía turística"}, ("2555-0163",), Hours(), "America/Costa_Rica", ("es",),
        now.date() - timedelta(days=days), "Operación", owner="Guardia", owner_email=owner_email, source="Sitio",
    )  # fmt: skip


async def test_the_owner_is_asked_a_month_before_a_line_is_marked_and_again_after_a_fortnight(
    db: None, now: datetime, context: Context
) -> None:
    await lines.add_hotline(SYSTEM, now, line(now, 149, "guardia@policia.example"))
    assert await jobs.remind(context, now) == 0
    later = now + timedelta(days=1)
    assert await jobs.remind(context, later) == 1
    assert await jobs.remind(context, later + timedelta(hours=1)) == 0, "once a day is once"
    ((to, _subject, text),) = letters(context)
    assert to == "guardia@policia.example" and "2555-0163" in text and "/desk/hotlines" in text
    assert await jobs.remind(context, later + timedelta(days=14)) == 1


async def test_a_line_without_an_owners_address_is_asked_of_the_officers_and_a_call_ends_the_asking(
    db: None, now: datetime, context: Context
) -> None:
    olga = await people.enter(people.OLGA, now)
    asked = await lines.add_hotline(olga, now, line(now, 170))
    assert await jobs.remind(context, now) == 1
    assert [to for to, _subject, _text in letters(context)] == [people.OLGA.email]
    await lines.check_hotline(olga, now, asked, "Olga")
    assert await jobs.remind(context, now + timedelta(days=30)) == 0


async def test_officers_are_told_at_each_stage_before_an_agreement_ends(
    db: None, now: datetime, context: Context
) -> None:
    await people.enter(people.OLGA, now)
    authority = await service.register(SYSTEM, now, UNIT)
    today = now.date()
    until = today + timedelta(days=61)
    await service.sign_agreement(SYSTEM, now, authority, Sign("X", "Dirección", today, today, until))
    told = [day for day in range(61) if await jobs.remind(context, now + timedelta(days=day))]
    assert told == [1, 31, 40, 47, 54, 60], "60, 30, 21, 14, 7 days and one day before"
    assert all(to == people.OLGA.email for to, _subject, _text in letters(context)) and len(letters(context)) == 6


async def test_what_was_asked_and_warned_is_remembered_once(db: None, now: datetime) -> None:
    for _ in range(2):
        await service.keep_warned(SYSTEM, now, "agreement:x:2026-12-01:7")
    assert await queries.warned() == {"agreement:x:2026-12-01:7"}
    with pytest.raises(NotFound):
        await lines.ask_owner(SYSTEM, now, uuid4())


async def test_nobody_is_offered_an_offices_desk_without_its_contacts_hearing_of_it(
    db: None, now: datetime, context: Context
) -> None:
    office = await service.register(SYSTEM, now, UNIT)
    for post in ("guardia@unidad.example", "jefatura@unidad.example", "nueva@unidad.example"):
        contact = await service.add_contact(SYSTEM, now, office, NewContact(post, post))
        if not post.startswith("nueva"):
            await service.confirm_contact(SYSTEM, now, contact)
    offered = await accounts.invite(
        SYSTEM, now, Invite("mallory@else.example", "Mallory", Role.AUTHORITY_OFFICER, office)
    )
    other = await accounts.invite(SYSTEM, now, Invite("tomas@else.example", "Tomás", Role.TRAINER))
    for invitation in (offered, offered, other):
        await jobs.tell_office(context, now, {"invitation": str(invitation)})
    told = letters(context)
    assert sorted(to for to, _, _ in told) == ["guardia@unidad.example", "jefatura@unidad.example"]
    assert all("Mallory <mallory@else.example>" in text for _, _, text in told)
