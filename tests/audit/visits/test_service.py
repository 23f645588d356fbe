"""The verbs of a visit on a real database: planning, answering twice and by two, closing, what certification hears."""

from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest

from audit.findings.tables import Finding
from audit.visits import queries, service
from audit.visits.rules import Item, Reply
from audit.visits.schemas import AnswerDraft, Explained
from audit.visits.tables import Visit
from registry.access.actor import SYSTEM
from registry.certification import file as cases
from registry.certification.rules import State as CaseState
from registry.core.db import execute, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from tests.audit import scene as audit
from tests.audit.scene import MAJOR, MINOR, OBSERVATION, OPENING, SEEN, draft
from tests.audit.visits.looks import SEAL, case_state, history, state
from tests.registry.certification.scene import BRUNO, CARLA, NADIA, OLGA, Scene

# Planning.


async def test_a_planned_case_is_one_visit_on_its_teams_list_however_often_it_is_told(
    hotel: Scene, now: datetime
) -> None:
    visit_id = await audit.planned(now, hotel, BRUNO, NADIA)
    visit = await queries.find(BRUNO, visit_id)
    assert (visit.state, visit.lead, set(visit.team)) == ("planned", BRUNO.id, {BRUNO.id, NADIA.id})
    assert await audit.on_list(now, visit.certification) == visit_id
    assert await Visit.count() == 1
    asked = queries.checklist(visit)
    assert "C4.01" in asked.place and "C4.02" not in asked.place and "G.01" not in asked.place and not asked.unit
    assert await queries.waiting(NADIA, now) == 1


async def test_nobody_but_the_system_puts_a_visit_on_a_list(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.planned(now, hotel)
    planned = await queries.planned((await queries.find(SYSTEM, visit_id)).certification, now)
    for person in (BRUNO, OLGA, CARLA, hotel.ana):
        with pytest.raises(Forbidden):
            await service.schedule(person, now, planned)


async def test_a_group_is_asked_in_its_office_and_in_the_drawn_vehicles(taxis: Scene, now: datetime) -> None:
    visit_id = await audit.group_planned(now, taxis)
    visit = await queries.find(BRUNO, visit_id)
    units = await queries.sample(visit_id)
    drawn = await cases.drawn(visit.certification)
    assert drawn is not None and [unit.unit for unit in units] == list(drawn.drawn)
    asked = queries.checklist(visit)
    assert "G.01" in asked.place and {"C1.06", "C2.06", "C4.02", "C4.04"} <= set(asked.unit)
    assert len(queries.items(visit, units)) == len(asked.place) + len(units) * len(asked.unit)


async def test_a_planned_visit_is_not_there_for_anybody_else(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.planned(now, hotel)
    for stranger in (NADIA, hotel.ana, hotel.irene):
        with pytest.raises(NotFound, match="visit-not-found"):
            await queries.find(stranger, visit_id)
    for reader in (OLGA, CARLA):
        assert (await queries.find(reader, visit_id)).id == visit_id


# Opening.


async def test_opening_takes_the_registrys_figures_and_begins_the_evaluation(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    visit = await queries.find(BRUNO, visit_id)
    assert (visit.state, visit.opened_at) == ("opened", now)
    assert msgspec.json.decode(visit.figures) == {"C2.01": 100, "C2.02": 100}
    assert await case_state(visit_id, now) is CaseState.IN_EVALUATION


async def test_an_opening_that_leaves_something_unsaid_is_not_one(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.planned(now, hotel)
    half = msgspec.structs.replace(OPENING, present=" ", explained=(Explained.SCOPE,), declares=False)
    with pytest.raises(Invalid) as refused:
        await service.open_visit(BRUNO, now, visit_id, half)
    assert set(refused.value.details["fields"]) == {"present", "explained", "declares"}
    assert await state(visit_id) == "planned"


async def test_only_the_team_opens(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.planned(now, hotel)
    with pytest.raises(NotFound):
        await service.open_visit(NADIA, now, visit_id, OPENING)
    for reader in (OLGA, CARLA, hotel.ana):
        with pytest.raises(Forbidden):
            await service.open_visit(reader, now, visit_id, OPENING)


# Answering.


async def test_the_same_answer_twice_is_one(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    answers = [draft(SEAL, *MAJOR), draft(Item("C4.03"))]
    for _ in range(3):
        await service.answer_many(BRUNO, now, visit_id, answers)
    assert await history(visit_id, "C4.01") == [("nonconformity", True)]
    assert await Finding.count().where(Finding.visit == visit_id) == 1


async def test_an_older_answer_is_superseded_and_never_lost(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    await service.answer(BRUNO, now, visit_id, draft(SEAL))
    await service.answer(BRUNO, now + timedelta(minutes=1), visit_id, draft(SEAL, *MAJOR))
    await service.answer(BRUNO, now + timedelta(minutes=2), visit_id, draft(SEAL, Reply.NOT_APPLICABLE))
    assert await history(visit_id, "C4.01") == [("conforms", False), ("nonconformity", False), ("not_applicable", True)]
    with pytest.raises(asyncpg.RestrictViolationError):
        async with transaction():
            await execute("UPDATE visit_answer SET note = 'otra cosa' WHERE visit = $1", visit_id)
    with pytest.raises(asyncpg.RestrictViolationError):
        async with transaction():
            await execute("DELETE FROM visit_answer WHERE visit = $1", visit_id)


async def test_a_finding_follows_its_answer_until_the_closing(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)

    async def found() -> list[tuple[str, str, str]]:
        return [(str(one.grade), str(one.state), str(one.text)) for one in await queries.found(visit_id)]

    await service.answer(BRUNO, now, visit_id, draft(SEAL, *MINOR))
    assert await found() == [("minor", "raised", SEEN)]
    await service.answer(BRUNO, now, visit_id, draft(SEAL, *MAJOR, note="Tampoco se ve desde la recepción."))
    assert await found() == [("major", "raised", "Tampoco se ve desde la recepción.")]
    await service.answer(BRUNO, now, visit_id, draft(SEAL))
    assert await found() == []
    await service.answer(BRUNO, now, visit_id, draft(SEAL, *OBSERVATION))
    assert await found() == [("observation", "raised", SEEN)]


async def test_a_batch_with_one_incomplete_answer_saves_none_and_names_it(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    half = AnswerDraft(id=uuid7(), question="C4.01", reply=Reply.NONCONFORMITY)
    with pytest.raises(Invalid) as refused:
        await service.answer_many(BRUNO, now, visit_id, [draft(Item("C4.03")), half])
    assert refused.value.details["fields"] == {
        "C4.01.grade": "answer-grade-missing", "C4.01.note": "answer-seen-missing",
    }  # fmt: skip
    assert await queries.standing(visit_id) == {}


async def test_what_is_not_asked_here_cannot_be_answered(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    for item in (Item("C4.02"), Item("Z9.99"), Item("C4.01", hotel.units[0])):
        with pytest.raises(Invalid, match="answer-not-asked"):
            await service.answer(BRUNO, now, visit_id, draft(item))


async def test_the_registrys_percentage_is_confirmed_and_a_count_is_asked_for(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    await service.answer(BRUNO, now, visit_id, draft(Item("C2.01")))
    assert (await queries.standing(visit_id))[Item("C2.01")].draft.figure == 100
    with pytest.raises(Invalid) as refused:
        await service.answer(BRUNO, now, visit_id, draft(Item("C2.08")))
    assert refused.value.details["fields"] == {"C2.08.figure": "answer-figure-missing"}


async def test_an_id_used_for_another_question_is_refused(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    one = draft(SEAL)
    await service.answer(BRUNO, now, visit_id, one)
    with pytest.raises(Conflict, match="answer-id-used-elsewhere"):
        await service.answer(BRUNO, now, visit_id, draft(Item("C4.03"), id=one.id))


async def test_two_auditors_at_one_question_keep_both_answers_and_nobody_overwrites_unseen(
    hotel: Scene, now: datetime
) -> None:
    visit_id = await audit.opened(now, hotel, BRUNO, NADIA)
    blank = draft(SEAL, over=None)
    await service.answer(BRUNO, now, visit_id, blank)
    seen_by_nadia = draft(SEAL, *MAJOR, over=None)
    with pytest.raises(Conflict) as refused:
        await service.answer(NADIA, now, visit_id, seen_by_nadia)
    assert refused.value.details["fields"] == {"C4.01.reply": "answer-changed-meanwhile"}
    await service.answer(NADIA, now, visit_id, draft(SEAL, *MAJOR, over=blank.id))
    await service.answer(BRUNO, now, visit_id, draft(SEAL, over=blank.id))  # a page drawn before, nothing changed on it
    assert await history(visit_id, "C4.01") == [("conforms", False), ("nonconformity", True)]


async def test_two_auditors_at_the_same_instant_wait_for_each_other(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel, BRUNO, NADIA)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction():
            for _ in range(2):
                await execute(
                    "INSERT INTO visit_answer (id, visit, question, reply, note, by, at)"
                    " VALUES ($1, $2, 'C4.01', 'conforms', '', $3, $4)",
                    uuid7(),
                    visit_id,
                    BRUNO.id,
                    now,
                )


@pytest.mark.parametrize("text", ["Robert'); DROP TABLE visit;--", "<script>alert(1)</script>", "\0nul\0" * 5,
                                  "ñ" * 4000, "‮هجوم مرآة النص", "{{ 7*7 }} %(name)s %s"])  # fmt: skip
async def test_whatever_is_typed_is_kept_as_text(hotel: Scene, now: datetime, text: str) -> None:
    visit_id = await audit.opened(now, hotel)
    await service.answer(BRUNO, now, visit_id, draft(SEAL, *MAJOR, note=text))
    assert (await queries.found(visit_id))[0].text == text.replace("\0", "").strip()


# The sample.


async def test_a_reserve_takes_a_place_in_its_order_and_only_with_a_reason(taxis: Scene, now: datetime) -> None:
    visit_id = await audit.group_planned(now, taxis)
    await service.open_visit(BRUNO, now, visit_id, OPENING)
    first, second = (row.unit for row in (await queries.sample(visit_id))[:2])
    drawn = await cases.drawn((await queries.find(BRUNO, visit_id)).certification)
    assert drawn is not None
    with pytest.raises(Invalid, match="replacement-reason-missing"):
        await service.replace_unit(BRUNO, now, visit_id, first, "x")
    assert await service.replace_unit(BRUNO, now, visit_id, first, "Está en el taller.") == drawn.reserve[0]
    assert first not in {row.unit for row in await queries.sample(visit_id)}
    await service.answer(BRUNO, now, visit_id, draft(Item("C4.02", second)))
    with pytest.raises(Conflict, match="unit-already-looked-at"):
        await service.replace_unit(BRUNO, now, visit_id, second, "Está en el taller.")
    with pytest.raises(NotFound, match="unit-not-in-sample"):
        await service.replace_unit(BRUNO, now, visit_id, uuid7(), "Está en el taller.")


async def test_a_finding_in_a_taxi_is_that_members_to_answer(taxis: Scene, now: datetime) -> None:
    visit_id = await audit.group_planned(now, taxis)
    await service.open_visit(BRUNO, now, visit_id, OPENING)
    unit = (await queries.sample(visit_id))[0]
    await service.answer(BRUNO, now, visit_id, draft(Item("C4.02", unit.unit), *MAJOR))
    await service.answer(BRUNO, now, visit_id, draft(Item("G.01"), *MINOR))
    holders = {one.question: one.holder for one in await queries.found(visit_id)}
    assert holders == {"C4.02": unit.client, "G.01": taxis.association}
