"""Closing a visit, its evidence, and what certification hears of it."""

from datetime import datetime

import msgspec
import pytest

from audit.visits import queries, service
from audit.visits.rules import Item, Outcome, State
from audit.visits.schemas import AddEvidence
from registry.access.actor import Actor
from registry.certification import file as cases
from registry.certification.facts import Grade, Mending
from registry.certification.rules import Recommendation
from registry.certification.rules import State as CaseState
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from tests.audit import scene as audit
from tests.audit.scene import CRITICAL, MAJOR, MINOR, OBSERVATION, OPENING, draft
from tests.audit.visits.looks import SEAL, case_state, state
from tests.registry.certification.scene import BRUNO, NADIA, Scene


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
    from registry.core import picture
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
