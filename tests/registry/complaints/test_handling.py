"""A complaint from its acknowledgement to its answer, by somebody without a part in what it is about."""

import json
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Role
from registry.authorities import hotlines
from registry.authorities import queries as authorities
from registry.authorities.hours import Hours
from registry.complaints import handling, queries, rules
from registry.complaints.rules import Act, Aside, Outcome, State
from registry.complaints.schemas import Assign, Conclude
from registry.core.context import Context
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.outbox import service as outbox
from tests import people
from tests.conftest import Browser
from tests.registry.appeals.scene import IMELDA, PAULA, pool
from tests.registry.certification import scene
from tests.registry.certification.conftest import hotel as hotel
from tests.registry.certification.looks import events
from tests.registry.certification.scene import BRUNO, CARLA, DIEGO, DORA, OLGA, Scene

WORDS = "El hotel cobra y no registra a nadie en la noche."
ANSWER = "Visitamos el hotel: el registro nocturno se lleva y está completo."


def given(form: UUID, now: datetime, about: str = "holder", contact: str = "") -> dict[str, str]:
    clock = rules.clock(now.date(), "CR")
    return {
        "id": str(form), "actor": str(STRANGER.id), "at": now.isoformat(), "on": str(now.date()), "about": about,
        "named": "Río Manso", "text": WORDS, "contact": contact, "language": "es",
        "acknowledge_by": str(clock.acknowledge_by), "answer_by": str(clock.answer_by),
    }  # fmt: skip


async def came(now: datetime, about: str = "holder", contact: str = "") -> UUID:
    """A complaint that came in, by the function a stranger's role calls, inside this test's own transaction."""
    form = uuid4()
    said = json.dumps(given(form, now, about, contact))
    await fetch("SELECT lodge_complaint($1::jsonb, $2, $3)", said, b"s" * 32, b"h" * 32)
    return form


async def test_from_acknowledgement_to_answer(hotel: Scene, now: datetime, context: Context) -> None:
    await scene.granted(now, hotel)
    await pool(now)
    one = await came(now, contact="quien@example.org")
    assert await queries.waiting(OLGA, now) == 1
    await handling.acknowledge(OLGA, now, one)
    await outbox.drain(context, now)
    await handling.assign(OLGA, now, one, Assign(investigator=PAULA.id, organisation=hotel.client))
    assert await queries.waiting(PAULA, now) == 1
    found = Conclude(outcome=Outcome.UNFOUNDED, answer=ANSWER, visit=True)
    with pytest.raises(Forbidden, match="not-your-investigation"):
        await handling.conclude(OLGA, now, one, found)
    await handling.conclude(PAULA, now, one, found)
    seen = await queries.one(OLGA, one)
    assert (seen.state, seen.outcome, seen.answer) == (State.CLOSED, Outcome.UNFOUNDED, ANSWER)
    assert [wanted.id for wanted in await queries.visits(OLGA)] == [one]
    await handling.visit_planned(OLGA, now, one)
    assert await queries.visits(OLGA) == []
    with pytest.raises(Conflict, match="no-visit-wanted"):
        await handling.visit_planned(OLGA, now, one)
    await outbox.drain(context, now)
    letters = [path.read_text() for path in (context.config.data / "mail").glob("complaint-*.eml")]
    assert len(letters) == 3, "acknowledged, given, answered"
    assert not any(ANSWER[:20] in text or WORDS[:20] in text for text in letters)
    assert (await queries.one(OLGA, one)).contact == "", "the address has served"
    assert (await events(one)) == [
        "complaints.lodged", "complaints.acknowledged", "complaints.assigned", "access.refused", "complaints.closed",
        "complaints.visit_planned", "complaints.told",
    ]  # fmt: skip


@pytest.mark.parametrize("who", [BRUNO, CARLA, DORA, OLGA])
async def test_nobody_looks_into_what_they_had_a_part_in(hotel: Scene, now: datetime, who: Actor) -> None:
    await scene.granted(now, hotel)
    one = await came(now)
    await handling.acknowledge(OLGA, now, one)
    if who is BRUNO:
        await scene.hold(who, Role.REVIEWER, None, now)
    with pytest.raises(Conflict, match="investigator-involved"):
        await handling.assign(OLGA, now, one, Assign(investigator=who.id, organisation=hotel.client))
    await handling.assign(OLGA, now, one, Assign(investigator=DIEGO.id, organisation=hotel.client))
    await handling.assign(OLGA, now, one, Assign(investigator=DIEGO.id, organisation=hotel.client))
    assert (await queries.steps(one))[-1].act is Act.REASSIGN


async def test_whom_it_is_about_never_reads_it(hotel: Scene, now: datetime) -> None:
    one = await came(now, "auditor")
    await handling.acknowledge(OLGA, now, one)
    await handling.assign(OLGA, now, one, Assign(investigator=DIEGO.id, person=OLGA.id))
    with pytest.raises(NotFound):
        await queries.one(OLGA, one)
    for who in (CARLA, BRUNO, hotel.ana, hotel.irene):
        with pytest.raises(NotFound):
            await queries.one(who, one)
    assert (await queries.one(DIEGO, one)).number == (await queries.one(IMELDA, one)).number
    with pytest.raises(Conflict, match="investigator-involved"):
        await handling.assign(SYSTEM_OFFICER, now, one, Assign(investigator=DIEGO.id, person=DIEGO.id))


async def test_of_a_complaint_about_the_register_nobody_gives_it_to_themselves(hotel: Scene, now: datetime) -> None:
    one = await came(now, "registry")
    await handling.acknowledge(OLGA, now, one)
    with pytest.raises(Conflict, match="investigator-involved"):
        await handling.assign(OLGA, now, one, Assign(investigator=OLGA.id))
    with pytest.raises(Invalid, match="investigator-unknown"):
        await handling.assign(OLGA, now, one, Assign(investigator=uuid4()))


async def test_what_is_set_aside_leaves_a_number_and_no_word(db: None, now: datetime) -> None:
    one = await came(now, contact="quien@example.org")
    await handling.set_aside(OLGA, now, one, Aside.ELSEWHERE)
    seen = await queries.one(OLGA, one)
    assert (seen.outcome, seen.text, seen.named) == (Outcome.ELSEWHERE, "", "")
    assert WORDS not in str(await fetch("SELECT * FROM complaint_step"))
    await handling.forget(SYSTEM, now, one)
    assert (await queries.one(OLGA, one)).contact == ""
    with pytest.raises(asyncpg.CheckViolationError):
        async with transaction():
            await execute("UPDATE complaint SET text = 'again' WHERE id = $1", one)


async def test_the_letter_names_the_number_of_the_place_to_call_in_danger(
    db: None, now: datetime, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def published(context: Context) -> tuple[hotlines.Hotline, ...]:
        kind = hotlines.Kind.EMERGENCY
        return tuple(
            hotlines.Hotline(uuid4(), kind, country, {"es": "Emergencias"}, (number,), Hours(), "UTC", ("es",),
                             now.date(), "Equipo") for country, number in (("PA", "115"), ("CR", "112"))
        )  # fmt: skip

    monkeypatch.setattr(authorities, "published_lines", published)
    one = await came(now, contact="quien@example.org")
    await handling.set_aside(OLGA, now, one, Aside.ELSEWHERE)
    await outbox.drain(context, now)
    [letter] = [path.read_text() for path in (context.config.data / "mail").glob("complaint-*.eml")]
    assert "llame al 112" in " ".join(letter.split())
    assert "911" not in letter


async def test_nobody_is_asked_to_look_into_what_was_set_aside_meanwhile(
    hotel: Scene, now: datetime, context: Context
) -> None:
    await scene.granted(now, hotel)
    await pool(now)
    letters = []
    for aside in (True, False):
        one = uuid4()
        await fetch("SELECT lodge_complaint($1::jsonb, $2, $3)", json.dumps(given(one, now)), one.bytes, one.bytes)
        await handling.acknowledge(OLGA, now, one)
        await handling.assign(OLGA, now, one, Assign(investigator=PAULA.id, organisation=hotel.client))
        if aside:
            await handling.set_aside(OLGA, now, one, Aside.SAID_BEFORE)
        await outbox.drain(context, now)
        letters.append(len(list((context.config.data / "mail").glob(f"complaint-{one}-investigator-*"))))
    assert letters == [0, 1]


async def test_one_press_sets_nothing_aside(sign_in: Browser, now: datetime) -> None:
    one = await came(now)
    olga = await sign_in(people.OLGA)
    at = f"/desk/complaints/{one}"
    page = (await olga.get(at)).text
    token = page.split('name="form_token" value="')[1].split('"')[0]
    refused = await olga.post(f"{at}/aside", data={"form_token": token})
    assert refused.status_code == 422 and WORDS in refused.text and "¿Por qué no?" in refused.text
    done = await olga.post(f"{at}/aside", data={"form_token": token, "why": "no_complaint"})
    assert done.status_code == 303
    after = (await olga.get(at)).text
    assert WORDS not in after and "No se queja de nada" in after


SYSTEM_OFFICER = Actor(UUID(int=777), "Otra oficial", frozenset({Role.OFFICER}))


async def test_an_erased_holder_is_named_in_no_complaint_and_the_complaint_goes_on(hotel: Scene, now: datetime) -> None:
    await scene.granted(now, hotel)
    await pool(now)
    one = await came(now)
    await handling.acknowledge(OLGA, now, one)
    await handling.assign(OLGA, now, one, Assign(investigator=PAULA.id, organisation=hotel.client))
    await handling.forget_holder(SYSTEM, now, hotel.client, [])
    seen = await queries.one(PAULA, one)
    assert (seen.organisation_name, seen.named, seen.organisation, seen.text) == ("", "", hotel.client, WORDS)
    await handling.conclude(PAULA, now, one, Conclude(outcome=Outcome.UNFOUNDED, answer=ANSWER))
    with pytest.raises(Forbidden):
        await handling.forget_holder(OLGA, now, hotel.client, [])
