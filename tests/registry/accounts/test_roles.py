"""Roles: given, ended, and never more than the giver holds."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from registry.access.actor import STRANGER, Actor
from registry.access.permissions import Role
from registry.accounts import queries, service
from registry.accounts.schemas import Invite
from registry.accounts.tables import Invitation
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Conflict, Forbidden, NotFound
from registry.core.ids import uuid7
from tests.people import AMALIA, BRUNO, DORA, IRENE, PASSWORD, Person, enter
from tests.registry.accounts.looks import NEW, joined

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_role_is_granted_and_ended_and_works_at_once(context: Context, now: datetime) -> None:
    admin, bruno = await enter(AMALIA, now), await enter(BRUNO, now)
    given = await service.grant_role(admin, now, bruno.id, Role.TRAINER)
    assert given == await service.grant_role(admin, now, bruno.id, Role.TRAINER)
    assert Role.TRAINER in (await queries.actor_of(bruno.id)).roles
    await service.end_role(admin, now, given)
    assert Role.TRAINER not in (await queries.actor_of(bruno.id)).roles
    with pytest.raises(NotFound):
        await service.end_role(admin, now, given)


async def test_an_administrator_cannot_make_themselves_decider(context: Context, now: datetime) -> None:
    admin = await enter(AMALIA, now)
    with pytest.raises(Forbidden, match="own-roles"):
        await service.grant_role(admin, now, admin.id, Role.DECIDER)
    with pytest.raises(Forbidden, match="own-roles"):
        await service.invite(admin, now, Invite(AMALIA.email, AMALIA.name, Role.DECIDER))
    mine = (await queries.people(admin))[0][0].roles[0]
    with pytest.raises(Forbidden, match="own-roles"):
        await service.end_role(admin, now, mine.id)


@pytest.mark.parametrize("person", [BRUNO, DORA])
async def test_who_may_not_invite_is_refused_and_it_is_recorded(
    context: Context, now: datetime, person: Person
) -> None:
    actor = await enter(person, now)
    with pytest.raises(Forbidden):
        await service.invite(actor, now, NEW)
    rows = await fetch("SELECT 1 FROM trail_entry WHERE event = 'access.refused' AND actor = $1", actor.id)
    assert rows


async def test_an_association_invites_for_its_own_house_and_its_members_only(context: Context, now: datetime) -> None:
    mine, other, member = uuid7(), uuid7(), uuid7()
    irene = await enter(IRENE, now, mine)
    await service.invite(irene, now, Invite("a@x.example", "A", Role.INSPECTOR, mine))
    for data in (
        Invite("b@x.example", "B", Role.INSPECTOR, other),
        Invite("c@x.example", "C", Role.DECIDER),
        Invite("d@x.example", "D", Role.AUTHORITY_OFFICER, mine),
    ):
        with pytest.raises(Forbidden):
            await service.invite(irene, now, data)

    async def within(actor: Actor, organisation: UUID) -> bool:
        return actor.id == irene.id and organisation == member

    before = service.WITHIN.get(Role.REPRESENTATIVE)
    service.WITHIN[Role.REPRESENTATIVE] = within
    try:
        await service.invite(irene, now, Invite("e@x.example", "E", Role.REPRESENTATIVE, member))
        with pytest.raises(Forbidden):
            await service.invite(irene, now, Invite("f@x.example", "F", Role.REPRESENTATIVE, other))
    finally:
        service.WITHIN.pop(Role.REPRESENTATIVE)
        if before:
            service.WITHIN[Role.REPRESENTATIVE] = before


async def test_one_association_does_not_see_the_people_of_another(context: Context, now: datetime) -> None:
    mine, other = uuid7(), uuid7()
    irene = await enter(IRENE, now, mine)
    stranger = await enter(Person("Otra Admin", "otra@camara.example", Role.ASSOCIATION_ADMIN), now, other)
    made = await service.invite(stranger, now, Invite("x@otra.example", "X", Role.INSPECTOR, other))
    seen, _ = await queries.people(irene)
    assert [person.id for person in seen] == [irene.id]
    assert await queries.invitations(irene, now) == []
    for act in (service.resend, service.end_invitation):
        with pytest.raises(NotFound):
            await act(irene, now, made)
    everybody, _ = await queries.people(await enter(AMALIA, now))
    assert {irene.id, stranger.id} <= {person.id for person in everybody}


async def test_people_come_in_pages_and_are_found_by_name(context: Context, now: datetime) -> None:
    admin = await enter(AMALIA, now)
    for number in range(queries.PAGE + 5):
        await enter(Person(f"Persona {number:03}", f"p{number}@registro.example", Role.TRAINER), now)
    first, following = await queries.people(admin)
    second, ending = await queries.people(admin, after=following)
    assert len(first) == queries.PAGE
    assert ending == ""
    assert not {p.id for p in first} & {p.id for p in second}
    assert [p.name for p in (await queries.people(admin, q="persona 007"))[0]] == ["Persona 007"]
    assert (await queries.people(admin, q="%_\\"))[0] == []


async def test_a_locked_account_is_out_everywhere(context: Context, now: datetime) -> None:
    account, _, session = await joined(context, now)
    admin = await enter(AMALIA, now)
    await service.lock(admin, now, account, "teléfono robado")
    assert await queries.visitor(session, now) is None
    assert await service.sign_in(STRANGER, now, NEW.email, PASSWORD) is None
    with pytest.raises(NotFound):
        await queries.actor_of(account)
    with pytest.raises(Conflict):
        await service.lock(admin, now, account, "otra vez")
    await service.unlock(admin, now, account, "recuperado")
    assert await service.sign_in(STRANGER, now, NEW.email, PASSWORD)
    with pytest.raises(Forbidden, match="own-account"):
        await service.lock(admin, now, admin.id, "yo")


async def test_an_invitation_that_ran_out_waits_for_whoever_sent_it(context: Context, now: datetime) -> None:
    admin = await enter(AMALIA, now)
    await service.invite(admin, now, NEW)
    assert await queries.waiting(admin, now) == 0
    assert await queries.waiting(admin, now + timedelta(days=15)) == 1
    assert (await queries.invitations(admin, now + timedelta(days=15)))[0].expired
    assert await Invitation.count() == 1
