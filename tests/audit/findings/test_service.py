"""Answering and verifying findings on a real database: whose they are, what they owe, what certification hears."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from audit.findings import queries, service
from audit.findings.rules import Method, State
from audit.findings.schemas import Draft, Reopen, Verify
from audit.findings.tables import Finding
from audit.visits import queries as visits
from audit.visits.rules import Item
from audit.visits.service import answer
from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.certification import file as cases
from registry.certification import queries as certification
from registry.certification import scope
from registry.certification.facts import Mending
from registry.certification.rules import Recommendation
from registry.certification.rules import State as CaseState
from registry.core import picture
from registry.core.context import Context
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox.service import drain
from tests.audit import scene as audit
from tests.audit.findings.test_picture import with_exif
from tests.audit.scene import MAJOR, MINOR, OBSERVATION, draft, mended
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, CARLA, FAUSTO, NADIA, OLGA, Scene

LOOKED = Verify(method=Method.PHOTOGRAPH, text="La foto muestra el sello en la puerta.")
NOT_YET = Reopen(reason="La foto no muestra la puerta de entrada.")


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    here = await scene.hotel(now, await scene.opened(now))
    await scene.ready(now, here.version, here.client)
    return here


async def one(visit_id: UUID, question: str = "C4.01") -> UUID:
    return next(row.id for row in await visits.found(visit_id) if row.question == question)


async def state(finding_id: UUID) -> str:
    return str((await queries.find(SYSTEM, finding_id)).state)


async def told(visit_id: UUID) -> tuple[dict[str, Mending], Recommendation]:
    case = (await visits.find(SYSTEM, visit_id)).certification
    said = (await cases.evaluations([case]))[case]
    return {finding.question: finding.state for finding in said.findings}, said.recommendation


async def test_an_answer_that_was_sent_waits_for_the_auditor_and_no_longer_for_the_business(
    hotel: Scene, now: datetime, context: Context
) -> None:
    visit_id = await audit.reported(now, hotel, {"C4.01": MAJOR})
    finding_id = await one(visit_id)

    async def lacking(at: datetime) -> dict[str, str]:
        found = (await certification.lacking([hotel.client], at))[hotel.client]
        return {need.code: str(need.who) for need in found if need.code.startswith("finding")}

    assert await lacking(now) == {"finding-major-open": "representative"}
    later = now + timedelta(days=1)
    await service.answer_finding(hotel.ana, later, finding_id, mended(later))
    await drain(context, later)
    assert await lacking(later) == {"findings-answered": "auditor"}
    await scope.note_answer(SYSTEM, later, (await visits.find(SYSTEM, visit_id)).certification, finding_id)  # once
    assert len(await fetch("SELECT 1 FROM answered_finding")) == 1
    assert (await told(visit_id))[0]["C4.01"] is Mending.ANSWERED
    await service.reopen(BRUNO, later + timedelta(hours=1), finding_id, NOT_YET)
    assert await lacking(later) == {"finding-major-open": "representative"}


async def test_the_client_sees_a_finding_from_the_closing_meeting_on(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    await answer(BRUNO, now, visit_id, draft(Item("C4.01"), *MAJOR))
    finding_id = await one(visit_id)
    for stranger in (hotel.ana, OLGA, CARLA, NADIA):
        with pytest.raises(NotFound):
            await queries.find(stranger, finding_id)
    await audit.answered(now, visit_id, {"C4.01": MAJOR})
    from audit.visits.service import close_visit

    await close_visit(BRUNO, now, visit_id, await audit.closing(now, visit_id))
    for reader in (hotel.ana, OLGA, CARLA, BRUNO):
        found = await queries.find(reader, finding_id)
        assert (str(found.plan_on), str(found.close_on)) == ("2026-12-04", "2027-01-19")
    assert await queries.waiting(hotel.ana, now) == 1 and await queries.waiting(BRUNO, now) == 0
    other = scene.person(301, "Otra gerente", representative=uuid7())
    for stranger in (other, NADIA, FAUSTO, hotel.irene):
        with pytest.raises(NotFound):
            await queries.find(stranger, finding_id)


async def test_the_way_of_a_major_from_answer_to_review(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.reported(now, hotel, {"C4.01": MAJOR})
    case = (await visits.find(SYSTEM, visit_id)).certification
    finding_id = await one(visit_id)
    await service.answer_finding(hotel.ana, now, finding_id, mended(now))
    assert await told(visit_id) == ({"C4.01": Mending.OPEN}, Recommendation.RETURN), "what is only said mends nothing"
    assert await queries.waiting(BRUNO, now) == 1
    later = [now + timedelta(hours=hours) for hours in (1, 2, 3)]
    await service.reopen(BRUNO, later[0], finding_id, NOT_YET)
    assert (await queries.find(BRUNO, finding_id)).reopened == 1
    await service.answer_finding(hotel.ana, later[1], finding_id, mended(now, proof="La foto desde la acera."))
    await service.verify(BRUNO, later[2], finding_id, LOOKED)
    assert await told(visit_id) == ({"C4.01": Mending.CLOSED}, Recommendation.GRANT)
    assert await certification.standing(case, now) is CaseState.EVALUATED
    assert [line["what"] for line in await queries.history(finding_id)] == ["answer", "reopen", "answer", "verify"]


async def test_a_minor_with_an_accepted_plan_lets_the_case_go_on(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.reported(now, hotel, {"C4.03": MINOR})
    case = (await visits.find(SYSTEM, visit_id)).certification
    finding_id = await one(visit_id, "C4.03")
    await service.answer_finding(hotel.ana, now, finding_id, mended(now))
    await service.verify(BRUNO, now, finding_id, msgspec.structs.replace(LOOKED, plan_only=True))
    assert await state(finding_id) == "planned"
    assert await told(visit_id) == ({"C4.03": Mending.PLANNED}, Recommendation.GRANT)
    assert await certification.standing(case, now) is CaseState.EVALUATED


async def test_only_this_clients_representative_answers(hotel: Scene, now: datetime) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C4.01": MAJOR}))
    other = scene.person(301, "Otra gerente", representative=uuid7())
    for outsider in (other, hotel.irene):  # an association never answers for a member
        with pytest.raises(NotFound):
            await service.answer_finding(outsider, now, finding_id, mended(now))
    for stranger in (BRUNO, OLGA, CARLA):
        with pytest.raises(Forbidden):
            await service.answer_finding(stranger, now, finding_id, mended(now))
    both = scene.person(302, "Oficial y gerente", Role.OFFICER, representative=uuid7())
    with pytest.raises(Forbidden, match="finding-of-another-client"):
        await service.answer_finding(both, now, finding_id, mended(now))


async def test_an_association_answers_what_was_found_in_its_own_office(hotel: Scene, now: datetime) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C4.01": MAJOR}))
    await execute("UPDATE finding SET holder = $2 WHERE id = $1", finding_id, hotel.association)
    await service.answer_finding(hotel.irene, now, finding_id, mended(now))
    assert (await Finding.objects().get(Finding.id == finding_id)).state == State.ANSWERED


async def test_an_officer_alone_never_verifies_nor_does_the_client(hotel: Scene, now: datetime) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C4.01": MAJOR}))
    await service.answer_finding(hotel.ana, now, finding_id, mended(now))
    for stranger in (OLGA, hotel.ana, hotel.irene, CARLA):
        with pytest.raises(Forbidden):
            await service.verify(stranger, now, finding_id, LOOKED)
        with pytest.raises(Forbidden):
            await service.reopen(stranger, now, finding_id, NOT_YET)
    with pytest.raises(NotFound):
        await service.verify(NADIA, now, finding_id, LOOKED)
    officer_and_auditor = scene.person(303, "Dos papeles", Role.OFFICER, Role.AUDITOR)
    with pytest.raises(Forbidden, match="verifier-not-in-team"):
        await service.verify(officer_and_auditor, now, finding_id, LOOKED)


async def test_an_observation_owes_no_answer(hotel: Scene, now: datetime) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C5.04": OBSERVATION}), "C5.04")
    with pytest.raises(Conflict, match="finding-owes-no-answer"):
        await service.answer_finding(hotel.ana, now, finding_id, mended(now))
    assert await queries.waiting(hotel.ana, now) == 0


async def test_an_answer_with_a_date_past_its_limit_is_refused_and_the_draft_keeps_every_word(
    hotel: Scene, now: datetime
) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C4.01": MAJOR}))
    await service.save_draft(hotel.ana, now, finding_id, Draft(correction="Ya lo movimos.", due_on="20/01/2027"))
    with pytest.raises(Invalid) as refused:
        await service.answer_finding(hotel.ana, now, finding_id, mended(now, 61))
    assert refused.value.details["fields"] == {"due_on": "finding-date-late"}
    await service.save_draft(hotel.ana, now, finding_id, Draft(correction="Ya lo movimos bien.", due_on="el lunes"))
    kept = await queries.draft(finding_id)
    assert kept is not None and (kept.correction, kept.due_typed) == ("Ya lo movimos bien.", "el lunes")
    await service.answer_finding(hotel.ana, now, finding_id, mended(now, 60))
    assert await queries.draft(finding_id) is None
    assert await state(finding_id) == "answered"


async def test_sending_twice_is_sending_once_and_a_better_answer_is_added(hotel: Scene, now: datetime) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C4.01": MAJOR}))
    once = uuid7()
    for _ in range(2):
        await service.answer_finding(hotel.ana, now, finding_id, mended(now), once=once)
    assert len(await queries.history(finding_id)) == 1
    later = now + timedelta(hours=1)
    await service.answer_finding(hotel.ana, later, finding_id, mended(now, disagreement="No había lugar en el curso."))
    history = await queries.history(finding_id)
    assert [line["row"].disagreement for line in history] == ["", "No había lugar en el curso."]
    standing = await queries.standing_action(finding_id)
    assert standing is not None and standing.disagreement == "No había lugar en el curso."


async def test_a_proof_is_stored_first_and_can_be_taken_out_before_sending(
    hotel: Scene, now: datetime, context: Context
) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C4.01": MAJOR}))
    kept = picture.keep(with_exif())
    first = await service.add_proof(hotel.ana, now, context.storage, finding_id, "foto.jpg", kept)
    assert await service.add_proof(hotel.ana, now, context.storage, finding_id, "otra.jpg", kept) == first
    proof = await queries.proof(BRUNO, first)
    assert await context.storage.get(proof.storage_key) == kept.data
    with pytest.raises(NotFound):
        await queries.proof(NADIA, first)
    await service.remove_proof(hotel.ana, now, finding_id, first)
    assert await queries.proofs(finding_id) == []
    second = await service.add_proof(hotel.ana, now, context.storage, finding_id, "foto.jpg", kept)
    await service.answer_finding(hotel.ana, now, finding_id, mended(now))
    standing = await queries.standing_action(finding_id)
    assert standing is not None and standing.proofs == [second]


async def test_verifying_says_in_words_what_was_seen(hotel: Scene, now: datetime) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C4.01": MAJOR}))
    with pytest.raises(Conflict, match="finding-not-verify"):
        await service.verify(BRUNO, now, finding_id, LOOKED)
    await service.answer_finding(hotel.ana, now, finding_id, mended(now))
    with pytest.raises(Invalid, match="finding-words-missing"):
        await service.verify(BRUNO, now, finding_id, msgspec.structs.replace(LOOKED, text="ok"))
    with pytest.raises(Invalid, match="finding-words-missing"):
        await service.reopen(BRUNO, now, finding_id, Reopen(reason="no"))


async def test_nothing_of_a_verification_can_be_changed_afterwards(hotel: Scene, now: datetime) -> None:
    finding_id = await one(await audit.reported(now, hotel, {"C4.01": MAJOR}))
    await service.answer_finding(hotel.ana, now, finding_id, mended(now))
    await service.verify(BRUNO, now, finding_id, LOOKED)
    for statement in ("UPDATE finding_verification SET text = 'x'", "DELETE FROM finding_verification"):
        with pytest.raises(asyncpg.RestrictViolationError):
            async with transaction():
                await execute(statement)


async def test_the_trail_names_each_act_and_holds_none_of_its_words(hotel: Scene, now: datetime) -> None:
    visit_id = await audit.reported(now, hotel, {"C4.01": MAJOR})
    finding_id = await one(visit_id)
    await service.answer_finding(hotel.ana, now, finding_id, mended(now, disagreement="Palabras del hotel."))
    await service.verify(BRUNO, now, finding_id, LOOKED)
    rows = await fetch("SELECT event, details::text AS details FROM trail_entry WHERE event LIKE 'findings.%'")
    assert {row["event"] for row in rows} == {
        "findings.recorded", "findings.read_out", "findings.answered", "findings.verified",
    }  # fmt: skip
    assert not any("Palabras" in row["details"] or "sello" in row["details"] for row in rows)


async def test_recording_and_reading_out_are_for_auditors_only(hotel: Scene, now: datetime) -> None:
    from audit.findings.schemas import Source

    visit_id = await audit.opened(now, hotel)
    source = Source(visit=visit_id, certification=uuid7(), team=(BRUNO.id,))
    for stranger in (OLGA, hotel.ana, CARLA, SYSTEM):
        with pytest.raises(Forbidden):
            await service.record(stranger, now, source, [], [])
        with pytest.raises(Forbidden):
            await service.read_out(stranger, now, visit_id, now.date(), {})
    assert await Finding.count() == 0
