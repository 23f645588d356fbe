"""The verbs of a visit on a real database: planning, answering twice and by two, closing, what certification hears."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from audit.findings.tables import Finding
from audit.visits import queries, service
from audit.visits.rules import Item, Outcome, Reply, State
from audit.visits.schemas import AddEvidence, AnswerDraft, Explained
from audit.visits.tables import Visit
from registry.access.actor import SYSTEM, Actor
from registry.certification import file as cases
from registry.certification import queries as certification
from registry.certification.facts import Grade, Mending
from registry.certification.rules import Recommendation
from registry.certification.rules import State as CaseState
from registry.core.context import Context
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from tests.audit import scene as audit
from tests.audit.scene import CRITICAL, MAJOR, MINOR, OBSERVATION, OPENING, SEEN, draft
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, CARLA, NADIA, OLGA, Scene

SEAL = Item("C4.01")


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    here = await scene.hotel(now, await scene.opened(now))
    await scene.ready(now, here.version, here.client)
    return here


@pytest.fixture
async def taxis(db: None, now: datetime) -> Scene:
    here = await scene.taxis(now, await scene.opened(now), 12)
    for client in here.clients:
        await scene.staffed(now, here.version, client, ["driver"])
    return here


async def state(visit_id: UUID) -> str:
    return str((await queries.find(SYSTEM, visit_id)).state)


async def case_state(visit_id: UUID, now: datetime) -> CaseState:
    return await certification.standing((await queries.find(SYSTEM, visit_id)).certification, now)


async def history(visit_id: UUID, question: str) -> list[tuple[str, bool]]:
    rows = await fetch(
        "SELECT reply, superseded_at IS NULL AS stands FROM visit_answer WHERE visit = $1 AND question = $2"
        " ORDER BY superseded_at NULLS LAST",
        visit_id,
        question,
    )
    return [(row["reply"], row["stands"]) for row in rows]


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


# Closing and reporting.


async def test_a_visit_with_a_blank_does_not_close_and_says_how_many(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    with pytest.raises(Conflict) as refused:
        await service.close_visit(BRUNO, now, visit_id, await audit.closing(now, visit_id))
    assert refused.value.code == "visit-unanswered"
    assert refused.value.details["count"] == len(await audit.items(visit_id))


async def test_a_closed_visit_takes_no_answer_and_says_so(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.closed(now, hotel)
    with pytest.raises(Conflict, match="visit-answer-closed"):
        await service.answer(BRUNO, now, visit_id, draft(SEAL, *MAJOR))
    await service.report(BRUNO, now, visit_id)
    with pytest.raises(Conflict, match="visit-answer-reported"):
        await service.answer(BRUNO, now, visit_id, draft(SEAL, *MAJOR))


async def test_the_signature_holds_the_findings_exactly_as_they_were_shown(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    await audit.answered(now, visit_id, {"C4.01": MAJOR})
    closing = await audit.closing(now, visit_id, disagreement="We asked for the course in week two.")
    await service.answer(BRUNO, now, visit_id, draft(SEAL, *MINOR))
    with pytest.raises(Conflict, match="findings-changed-since-shown"):
        await service.close_visit(BRUNO, now, visit_id, closing)
    closing = await audit.closing(now, visit_id, disagreement="We asked for the course in week two.")
    await service.close_visit(BRUNO, now, visit_id, closing)
    kept = await queries.signature(visit_id)
    assert kept is not None and kept.shown_hash == closing.shown_hash
    assert kept.disagreement == "We asked for the course in week two."
    [shown] = msgspec.json.decode(kept.shown)
    assert (shown["question"], shown["grade"], shown["plan_on"], shown["close_on"]) == (
        "C4.01", "minor", "2026-12-20", "2027-02-18",
    )  # fmt: skip


async def test_they_may_refuse_to_sign(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    await audit.answered(now, visit_id)
    with pytest.raises(Invalid, match="signature-incomplete"):
        await service.close_visit(BRUNO, now, visit_id, await audit.closing(now, visit_id, name=" "))
    refused = await audit.closing(now, visit_id, outcome=Outcome.REFUSED, name="", role="")
    await service.close_visit(BRUNO, now, visit_id, refused)
    assert await state(visit_id) == State.CLOSED


async def test_closing_twice_is_closing_once(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    await audit.answered(now, visit_id)
    closing, once = await audit.closing(now, visit_id), uuid7()
    for _ in range(2):
        await service.close_visit(BRUNO, now, visit_id, closing, once=once)
    with pytest.raises(Conflict, match="visit-close-closed"):
        await service.close_visit(BRUNO, now, visit_id, closing)


async def test_a_clean_visit_goes_straight_to_review(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.reported(now, hotel)
    visit = await queries.find(BRUNO, visit_id)
    told = (await cases.evaluations([visit.certification]))[visit.certification]
    assert (told.recommendation, told.findings, told.unanswered) == (Recommendation.GRANT, (), 0)
    assert await case_state(visit_id, now) is CaseState.EVALUATED
    assert {one.criterion for one in told.criteria} == {"C1", "C2", "C3", "C4", "C5", "C6"}


@pytest.mark.parametrize(
    ("finds", "recommendation", "waits"),
    [
        ({"C4.01": MAJOR}, Recommendation.RETURN, CaseState.CORRECTIONS_OPEN),
        ({"C4.03": MINOR}, Recommendation.RETURN, CaseState.CORRECTIONS_OPEN),
        ({"C5.04": OBSERVATION}, Recommendation.GRANT, CaseState.EVALUATED),
        ({"C1.11": CRITICAL}, Recommendation.REFUSE, CaseState.EVALUATED),
    ],
)
async def test_what_certification_hears_follows_from_the_findings(
    hotel: Scene, now: datetime, finds: audit.Finds, recommendation: Recommendation, waits: CaseState
) -> None:
    visit_id = await audit.reported(now, hotel, finds)
    visit = await queries.find(BRUNO, visit_id)
    told = (await cases.evaluations([visit.certification]))[visit.certification]
    assert told.recommendation is recommendation
    assert [(one.question, one.state) for one in told.findings] == [(name, Mending.OPEN) for name in finds]
    assert await case_state(visit_id, now) is waits


async def test_a_group_hands_in_its_office_and_its_sample(taxis: Scene, now: datetime) -> None:
    visit_id = await audit.group_planned(now, taxis)
    await service.open_visit(BRUNO, now, visit_id, OPENING)
    await audit.answered(now, visit_id)
    unit = (await queries.sample(visit_id))[0].unit
    await service.answer(BRUNO, now, visit_id, draft(Item("C4.02", unit), *MAJOR))
    await service.close_visit(BRUNO, now, visit_id, await audit.closing(now, visit_id))
    await service.report(BRUNO, now, visit_id)
    visit = await queries.find(BRUNO, visit_id)
    told = (await cases.evaluations([visit.certification]))[visit.certification]
    assert set(told.sample) == {row.unit for row in await queries.sample(visit_id)}
    assert [(one.question, one.unit, one.grade) for one in told.findings] == [("C4.02", unit, Grade.MAJOR)]
    assert told.recommendation is Recommendation.GRANT, "one taxi's major is that taxi's"


# Evidence.


async def test_evidence_is_stored_before_its_row_and_the_same_twice_is_one(
    hotel: Scene, now: datetime, context: Context
) -> None:
    from audit.findings import picture
    from tests.audit.findings.test_picture import with_exif

    visit_id = await audit.opened(now, hotel)
    kept = picture.keep(with_exif())
    meta = AddEvidence(id=uuid7(), name="../../etc/passwd.jpg", question="C4.01")
    first = await service.add_evidence(BRUNO, now, context.storage, visit_id, meta, kept)
    again = msgspec.structs.replace(meta, id=uuid7())
    assert await service.add_evidence(BRUNO, now, context.storage, visit_id, again, kept) == first
    [row] = await queries.evidence(visit_id)
    assert await context.storage.get(row.storage_key) == kept.data
    assert ".." not in row.storage_key and row.sha256 == kept.sha256
    note = AddEvidence(id=uuid7(), note="Visto: registro de huéspedes, sin copia.")
    await service.add_evidence(BRUNO, now, context.storage, visit_id, note, None)
    with pytest.raises(Invalid, match="evidence-empty"):
        await service.add_evidence(BRUNO, now, context.storage, visit_id, AddEvidence(id=uuid7()), None)
    with pytest.raises(NotFound):
        await service.add_evidence(NADIA, now, context.storage, visit_id, meta, kept)
    assert len(await queries.evidence(visit_id)) == 2


async def test_no_other_team_sees_a_piece_of_evidence(hotel: Scene, now: datetime, context: Context) -> None:
    visit_id = await audit.opened(now, hotel)
    note = AddEvidence(id=uuid7(), note="Visto: registro de huéspedes, sin copia.")
    piece = await service.add_evidence(BRUNO, now, context.storage, visit_id, note, None)
    assert (await queries.piece(BRUNO, piece)).id == piece
    for stranger in (NADIA, hotel.ana, Actor(uuid7(), "nobody", frozenset())):
        with pytest.raises(NotFound):
            await queries.piece(stranger, piece)
