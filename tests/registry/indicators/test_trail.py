"""The trail's page: what was done, by whom, and where to look at it; for those who watch over the registry."""

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from registry.access.actor import SYSTEM
from registry.access.permissions import Permission
from registry.core.ids import uuid7
from registry.indicators import queries, rules
from registry.trail import service
from registry.trail.rules import Fact
from tests.conftest import Browser
from tests.people import BRUNO, DORA, OLGA, enter

AT = datetime(2026, 11, 21, tzinfo=UTC)


@given(st.lists(st.sampled_from(["a.b", "a.c"]), max_size=30))
def test_neighbours_of_one_act_are_one_line_and_none_is_lost(events: list[str]) -> None:
    facts = [Fact(100 - n, AT, UUID(int=0), event, None, {}) for n, event in enumerate(events)]
    acts = rules.acts(facts)
    assert sum(act.times for act in acts) == len(facts)
    assert all(one.entry.event != other.entry.event for one, other in pairwise(acts))
    assert [act.last for act in acts] == sorted((act.last for act in acts), reverse=True)


async def test_pages_of_the_trail_follow_each_other(db: None, now: datetime) -> None:
    olga = await enter(OLGA, now)
    everything = [uuid7() for _ in range(queries.LINES * 2 + 7)]
    for number, subject in enumerate(everything):
        event = "certification.suspended" if number % 2 else "seals.issued"
        await service.record(SYSTEM, now, event, subject)
    seen: list[UUID | None] = []
    before = None
    while True:
        lines, before = await queries.trail(olga, before, None)
        seen += [line.subject for line in lines]
        if before is None:
            break
    assert seen[: len(everything)] == everything[::-1]


async def test_a_list_of_many_is_one_line_and_one_thing_can_be_followed(db: None, now: datetime) -> None:
    olga = await enter(OLGA, now)
    many = [uuid7() for _ in range(120)]
    await service.record_many(SYSTEM, now, "seals.issued", many)
    (line, *_), _ = await queries.trail(olga, None, None)
    assert line.times == 120 and line.url == ""
    (one,), older = await queries.trail(olga, None, many[3])
    assert (one.times, one.who, older) == (1, "The system", None)


async def test_a_link_is_drawn_for_those_it_lets_in(db: None, now: datetime) -> None:
    notice = uuid7()
    olga = await enter(OLGA, now)
    await service.record(olga, now, "notices.closed", notice)
    for actor in (olga, await enter(DORA, now)):
        (line,), _ = await queries.trail(actor, None, notice)
        assert line.who == "Olga Brenes"
        assert bool(line.url) == actor.may(Permission.COMPLAINTS_MARKS)


async def test_the_page_says_who_was_refused_what(db: None, now: datetime, sign_in: Browser) -> None:
    await service.record(
        await enter(OLGA, now), now, "access.refused", None, verb="any.verb", code="permission-missing"
    )
    page = await (await sign_in(OLGA)).get("/desk/trail")
    assert page.status_code == 200
    assert "se le negó" in page.text and "Olga Brenes" in page.text
    assert (await (await sign_in(BRUNO)).get("/desk/trail")).status_code == 403


async def test_that_an_authority_asked_to_be_consulted_is_read_by_deciders_alone(db: None, now: datetime) -> None:
    asked = uuid7()
    await service.record(SYSTEM, now, "certification.consultation_asked", asked)
    await service.record(SYSTEM, now, "certification.consultation_ended", asked)
    for person, told in ((OLGA, 0), (DORA, 2)):
        lines, _ = await queries.trail(await enter(person, now), None, None)
        assert len([line for line in lines if line.subject == asked]) == told
