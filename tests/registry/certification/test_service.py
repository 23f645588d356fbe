"""The verbs on a real database: the way of a hotel, the way of a group, and everybody who is kept out."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import anyio
import asyncpg
import msgspec
import pytest

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Role
from registry.accounts.tables import Account
from registry.certification import file, jobs, queries, rules, sampling, service
from registry.certification.facts import Grade, GroupTerms, Mending
from registry.certification.impartiality import Bond
from registry.certification.rules import Decision, Recommendation, State, UnitState
from registry.certification.sampling import Occasion
from registry.certification.schemas import Apply, Decide, DeclareTie, FindingSummary, InternalCheck, Plan, Review
from registry.commitments import queries as commitments
from registry.core.context import Context
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.schemes import queries as schemes
from registry.training import queries as training
from tests.registry.certification import scene
from tests.registry.certification.scene import ADA, BRUNO, CARLA, DIEGO, DORA, FAUSTO, NADIA, OLGA, REASON, TOMAS, Scene


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    return await scene.hotel(now, await scene.opened(now))


@pytest.fixture
async def taxis(db: None, now: datetime) -> Scene:
    here = await scene.taxis(now, await scene.opened(now), 6)
    for client in here.clients:
        await scene.signed(now, here.version, client)
        await scene.staffed(now, here.version, client, ["driver"])
    return here


async def state(case: UUID, now: datetime) -> State:
    return await queries.standing(case, now)


def major(state: Mending = Mending.OPEN, unit: UUID | None = None) -> FindingSummary:
    return FindingSummary(
        id=uuid7(), question="C1.03", criterion="C1", grade=Grade.MAJOR, state=state, text="Falta", unit=unit
    )


async def events(case: UUID) -> list[str]:
    return [row["event"] for row in await fetch("SELECT event FROM trail_entry WHERE subject = $1 ORDER BY id", case)]


# The way of one hotel.


async def test_a_hotel_that_lacks_nothing_is_granted_from_today_for_two_years(hotel: Scene, now: datetime) -> None:
    case_id = await scene.granted(now, hotel)
    case = await queries.case(hotel.ana, case_id, now)
    assert case.standing is State.GRANTED
    assert case.number == "C-2026-0001"
    assert case.valid_from == now
    assert str(case.last_on) == "2028-11-20"
    assert str(case.surveillance_on) == "2027-11-20"
    assert [(unit.state, unit.standing) for unit in await queries.scope(case_id, now)] == [
        (UnitState.COVERED, State.GRANTED)
    ]
    assert await events(case_id) == [
        f"certification.{what}"
        for what in ("applied", "accepted", "planned", "begun", "evaluated", "reviewed", "granted")
    ]
    assert [step.state for step in await file.history(case_id)] == [
        "applied", "accepted", "planned", "in_evaluation", "evaluated", "reviewed", "granted",
    ]  # fmt: skip


async def test_its_state_at_any_past_instant_can_be_told(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await service.suspend(DORA, now + timedelta(days=10), case, REASON)
    await service.reinstate(DORA, now + timedelta(days=20), case, REASON)
    assert await queries.state_at(case, now - timedelta(seconds=1)) is None
    assert await queries.state_at(case, now) is State.GRANTED
    assert await queries.state_at(case, now + timedelta(days=15)) is State.SUSPENDED
    assert await queries.state_at(case, now + timedelta(days=25)) is State.GRANTED
    assert await queries.state_at(case, now + timedelta(days=800)) is State.EXPIRED


async def test_an_expired_certificate_can_be_applied_for_again_and_changed_no_more(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    later = now + timedelta(days=740)
    assert await state(case, later) is State.EXPIRED
    with pytest.raises(Conflict, match="act-not-possible"):
        await service.suspend(DORA, later, case, REASON)
    with pytest.raises(Conflict, match="unit-already-certified"):
        await scene.applied(now + timedelta(days=700), hotel)
    again = await scene.applied(later, hotel)
    assert await state(again, later) is State.APPLIED


async def test_a_renewal_may_be_asked_for_while_the_certificate_is_in_force(hotel: Scene, now: datetime) -> None:
    await scene.granted(now, hotel)
    asked = Apply(
        client_id=hotel.client, scheme_version=hotel.version, unit_ids=tuple(hotel.units), occasion=Occasion.RENEWAL
    )
    assert await service.apply(hotel.ana, now + timedelta(days=600), asked)


async def test_a_grant_is_refused_with_the_exact_list_of_what_is_missing(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    await execute("UPDATE worker SET left_on = $1 WHERE post <> 'housekeeping'", now.date())
    await execute("UPDATE commitment SET ended_at = $1", now - timedelta(hours=1))
    with pytest.raises(Conflict, match="requirements-missing") as refusal:
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    assert [one.code for one in refusal.value.details["missing"]] == ["commitment-missing"]
    assert await state(case, now) is State.REVIEWED
    await service.decide(DORA, now, case, Decide(decision=Decision.REFUSE, reason=REASON))
    assert await state(case, now) is State.REFUSED


async def test_open_findings_wait_for_corrections_and_a_new_version_closes_them(hotel: Scene, now: datetime) -> None:
    await scene.ready(now, hotel.version, hotel.client)
    case = await scene.planned(now, hotel)
    found = scene.evaluation(hotel.version, now.date(), major())
    await service.record_evaluation(BRUNO, now, case, found)
    assert await state(case, now) is State.CORRECTIONS_OPEN
    with pytest.raises(Conflict, match="act-not-possible"):
        await service.review(CARLA, now, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    mended = scene.evaluation(hotel.version, now.date(), major(Mending.CLOSED))
    await service.record_evaluation(BRUNO, now, case, mended)
    assert await state(case, now) is State.EVALUATED
    assert (await file.evaluations([case]))[case].version == 2


async def test_reviewer_and_decider_can_each_send_a_case_back(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    await service.decide(DORA, now, case, Decide(decision=Decision.RETURN, reason=REASON))
    assert await state(case, now) is State.EVALUATED
    await service.review(CARLA, now, case, Review(recommendation=Recommendation.RETURN, notes=REASON))
    assert await state(case, now) is State.IN_EVALUATION


async def test_an_application_is_returned_completed_declined_or_taken_back(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    await service.return_application(OLGA, now, case, "Falta decir cuántas personas trabajan de noche.")
    await service.complete_application(hotel.ana, now, case, "Cuatro personas trabajan de noche.")
    assert await state(case, now) is State.APPLIED
    await service.decline_application(OLGA, now, case, "El hotel está fuera del país de este esquema.")
    assert await state(case, now) is State.DECLINED
    second = await scene.applied(now, hotel)
    await service.withdraw_application(hotel.irene, now, second, "El hotel prefiere esperar a enero.")
    assert await state(second, now) is State.CANCELLED


async def test_a_silent_applicant_loses_its_place_and_may_apply_again(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    await service.return_application(OLGA, now, case, "Falta decir cuántas personas trabajan de noche.")
    with pytest.raises(Conflict, match="unit-already-applied"):
        await scene.applied(now + timedelta(days=179), hotel)
    later = now + timedelta(days=181)
    await scene.applied(later, hotel)
    (row,) = await fetch("SELECT state FROM certification WHERE id = $1", case)
    assert row["state"] == "lapsed"


async def test_surveillance_moves_its_next_day_once_it_was_reviewed(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    later = now + timedelta(days=360)
    await service.record_evaluation(BRUNO, later, case, scene.evaluation(hotel.version, later.date()))
    assert await state(case, later) is State.GRANTED
    await service.review(CARLA, later, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    assert str((await queries.case(OLGA, case, later)).surveillance_on) == "2028-11-15"
    with pytest.raises(Conflict, match="evaluation-already-reviewed"):
        await service.review(CARLA, later, case, Review(recommendation=Recommendation.GRANT, notes=REASON))


# Who is kept out.


async def test_who_evaluated_cannot_decide_and_the_refusal_is_on_record(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    both = scene.person(102, BRUNO.name, Role.AUDITOR, Role.REVIEWER, Role.DECIDER, Role.ADMINISTRATOR)
    with pytest.raises(Forbidden, match="decider-evaluated-this-case"):
        await service.decide(both, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    with pytest.raises(Forbidden, match="decider-evaluated-this-case"):
        await service.suspend(both, now, case, REASON)
    rows = await fetch("SELECT details FROM trail_entry WHERE event = 'access.refused' AND actor = $1", both.id)
    assert len(rows) == 2
    assert all("decider-evaluated-this-case" in row["details"] for row in rows)


async def test_an_administrator_has_no_override_and_the_refusal_is_on_record(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    with pytest.raises(Forbidden, match="permission-missing"):
        await service.decide(ADA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    with pytest.raises(Forbidden, match="permission-missing"):
        await service.decide(SYSTEM, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    assert await state(case, now) is State.REVIEWED
    (row,) = await fetch("SELECT details FROM trail_entry WHERE event = 'access.refused' AND actor = $1", ADA.id)
    assert "service.decide" in row["details"]


async def test_the_database_refuses_what_the_code_above_it_let_through(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    values = (uuid7(), case, hotel.version, REASON, BRUNO.id, now)
    with pytest.raises(asyncpg.CheckViolationError, match="may not decide it"):
        async with transaction():
            await execute(
                "INSERT INTO decision (id, certification, scheme_version, act, reason, units, decided_by, decider,"
                " decided_at) VALUES ($1, $2, $3, 'suspend', $4, '{}', $5, 'Bruno', $6)",
                *values,
            )
    with pytest.raises(asyncpg.CheckViolationError, match="needs an evaluation and its review"):
        async with transaction():
            await execute(
                "INSERT INTO decision (id, certification, scheme_version, act, reason, units, decided_by, decider,"
                " decided_at) VALUES ($1, $2, $3, 'grant', $4, '{}', $5, 'Dora', $6)",
                *values[:4],
                DORA.id,
                now,
            )
    with pytest.raises(asyncpg.CheckViolationError, match="no decision stands behind"):
        async with transaction():
            await execute(
                "UPDATE certification SET state = 'granted', valid_from = now(), valid_until = now() + '1 day',"
                " last_on = now() WHERE id = $1",
                case,
            )
    await service.decide(DORA, now, case, Decide(decision=Decision.REFUSE, reason=REASON))
    for statement in ("UPDATE decision SET reason = 'otra razón distinta'", "DELETE FROM step"):
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            async with transaction():
                await execute(statement)
    with pytest.raises(asyncpg.CheckViolationError, match="refused is final"):
        async with transaction():
            await execute("UPDATE certification SET state = 'reviewed' WHERE id = $1", case)


async def test_an_auditor_who_trained_the_hotel_cannot_be_assigned(hotel: Scene, now: datetime) -> None:
    await scene.staffed(now, hotel.version, hotel.client, ["reception"])
    await scene.hold(TOMAS, Role.AUDITOR, None, now)
    case = await scene.applied(now, hotel)
    await service.accept_application(OLGA, now, case)
    with pytest.raises(Conflict, match="team-tied") as refusal:
        await service.plan(OLGA, now, case, Plan(team=(BRUNO.id, TOMAS.id), lead=BRUNO.id, visit_on=now.date()))
    assert refusal.value.details["name"] == TOMAS.name
    assert refusal.value.details["tie"] == "tied-trained"
    with pytest.raises(Invalid, match="team-missing"):
        await service.plan(OLGA, now, case, Plan(team=(DORA.id,), lead=DORA.id, visit_on=now.date()))
    with pytest.raises(Invalid, match="lead-not-on-team"):
        await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=NADIA.id, visit_on=now.date()))


@pytest.mark.parametrize(("months", "kept_away"), [(23, True), (25, False)])
async def test_who_managed_the_hotel_is_kept_away_for_two_years(
    hotel: Scene, now: datetime, months: int, kept_away: bool
) -> None:
    ended = now - timedelta(days=months * 30.5)
    await scene.hold(NADIA, Role.REPRESENTATIVE, hotel.client, ended - timedelta(days=400), ended)
    case = await scene.applied(now, hotel)
    await service.accept_application(OLGA, now, case)
    wanted = Plan(team=(NADIA.id,), lead=NADIA.id, visit_on=now.date())
    if kept_away:
        with pytest.raises(Conflict, match="team-tied"):
            await service.plan(OLGA, now, case, wanted)
    else:
        await service.plan(OLGA, now, case, wanted)
        assert [one.person for one in await file.team(case)] == [NADIA.id]


async def test_a_declared_tie_keeps_a_decider_away_also_from_the_association_of_the_holder(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.reviewed(now, hotel)
    tie = DeclareTie(
        organisation=hotel.association, bond=Bond.CONSULTED, since=now.date(), source="Les hice un estudio en mayo."
    )
    await service.declare_tie(DORA, now, tie)
    with pytest.raises(Forbidden, match="tied-consulted"):
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    backdated = DeclareTie(
        organisation=hotel.association, bond=Bond.CONSULTED, since=now.date() - timedelta(days=2000),
        until=now.date() - timedelta(days=1000), source="Terminó hace años, me equivoqué.",
    )  # fmt: skip
    with pytest.raises(Invalid, match="tie-end-not-possible"):
        await service.declare_tie(DORA, now, backdated)
    await service.decide(DIEGO, now, case, Decide(decision=Decision.GRANT, reason=REASON))


async def test_strangers_find_nothing(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    other = await scene.hotel(now, hotel.version, "Hotel del Faro")
    for actor in (FAUSTO, other.ana, other.irene, ADA, BRUNO):
        with pytest.raises(NotFound):
            await queries.case(actor, case, now)
        assert await queries.cases(actor, now) == []
    with pytest.raises(NotFound, match="client-not-found"):
        await scene.applied(now, Scene(**{**vars(hotel), "ana": other.ana}))
    for actor in (hotel.ana, hotel.irene, hotel.ines, OLGA, CARLA, DORA):
        assert (await queries.case(actor, case, now)).id == case


async def test_only_the_team_evaluates_and_only_by_the_criteria_of_the_case(hotel: Scene, now: datetime) -> None:
    case = await scene.planned(now, hotel)
    with pytest.raises(NotFound):
        await service.record_evaluation(NADIA, now, case, scene.evaluation(hotel.version, now.date()))
    with pytest.raises(Invalid, match="evaluation-of-other-version"):
        await service.record_evaluation(BRUNO, now, case, scene.evaluation(uuid7(), now.date()))
    with pytest.raises(Invalid, match="evaluator-not-assigned"):
        found = scene.evaluation(hotel.version, now.date(), evaluators=(NADIA.id,))
        await service.record_evaluation(BRUNO, now, case, found)


async def test_every_act_that_says_why_is_refused_without_a_reason(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    for verb in (service.suspend, service.withdraw):
        with pytest.raises(Invalid, match="reason-too-short") as refusal:
            await verb(DORA, now, case, "  no  ")
        assert refusal.value.details["fields"] == {"reason": "reason-too-short"}


async def test_each_auditor_declares_before_beginning_and_only_the_team_does(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    await service.accept_application(OLGA, now, case)
    await service.plan(OLGA, now, case, Plan(team=(BRUNO.id, NADIA.id), lead=BRUNO.id, visit_on=now.date()))
    with pytest.raises(Invalid, match="declaration-missing"):
        await service.begin_evaluation(BRUNO, now, case, declares=False)
    await service.begin_evaluation(BRUNO, now, case)
    await service.begin_evaluation(NADIA, now, case)
    assert await state(case, now) is State.IN_EVALUATION
    assert [one.declared_at for one in await file.team(case)] == [now, now]
    other = scene.person(110, "Otro Auditor", Role.AUDITOR, Role.OFFICER)
    with pytest.raises(Forbidden, match="not-on-this-team"):
        await service.begin_evaluation(other, now, case)


# Twice, and two at once.


async def test_two_deciders_at_once_make_one_decision(committed: str, now: datetime) -> None:
    case = await scene.reviewed(now, await scene.hotel(now, await scene.opened(now)))
    said = []

    async def decide(actor: Actor, decision: Decision) -> None:
        try:
            await service.decide(actor, now, case, Decide(decision=decision, reason=REASON))
            said.append(decision)
        except Conflict as refusal:
            said.append(refusal.code)

    async with anyio.create_task_group() as together:
        together.start_soon(decide, DORA, Decision.GRANT)
        together.start_soon(decide, DIEGO, Decision.REFUSE)
    assert sorted(said)[0] == "act-not-possible"
    assert len(await fetch("SELECT id FROM decision WHERE certification = $1", case)) == 1


async def test_two_applications_for_one_hotel_at_once_open_one_case(committed: str, now: datetime) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    said = []

    async def apply(actor: Actor) -> None:
        try:
            said.append(await scene.applied(now, Scene(**{**vars(hotel), "ana": actor})))
        except Conflict as refusal:
            said.append(refusal.code)

    async with anyio.create_task_group() as together:
        together.start_soon(apply, hotel.ana)
        together.start_soon(apply, hotel.irene)
    assert "unit-already-applied" in said
    assert len(await fetch("SELECT id FROM certification")) == 1


async def test_a_form_sent_twice_decides_once(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    once = uuid7()
    for _ in range(2):
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON), once=once)
    rows = await fetch("SELECT id FROM decision WHERE certification = $1", case)
    assert len(rows) == 1
    with pytest.raises(Conflict, match="act-not-possible"):
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))


# A group of taxis.


async def test_a_group_is_granted_for_those_of_its_cars_that_are_ready(taxis: Scene, now: datetime) -> None:
    await execute("UPDATE commitment SET ended_at = $2 WHERE client = $1", taxis.clients[2], now - timedelta(hours=1))
    case = await scene.group_reviewed(now, taxis)
    await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    covered = {unit.unit_id for unit in await queries.scope(case, now) if unit.state is UnitState.COVERED}
    assert covered == set(taxis.units) - {taxis.units[2]}
    (row,) = await fetch("SELECT units FROM decision WHERE certification = $1", case)
    assert set(row["units"]) == covered


async def test_a_group_needs_all_its_cars_checked_and_its_whole_sample_visited(taxis: Scene, now: datetime) -> None:
    case = await scene.group_reviewed(now, taxis, sample=taxis.units[:1])
    asked = await queries.parameters(taxis.version)
    facts = await queries.facts_of(await queries.case(DORA, case, now), now)
    assert [one.code for one in rules.missing(facts, asked)] == ["sample-short"]
    with pytest.raises(Conflict, match="requirements-missing"):
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))


async def test_suspending_the_group_stops_every_seal_and_only_members_in_order_come_back(
    taxis: Scene, now: datetime
) -> None:
    case = await scene.group_reviewed(now, taxis)
    await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    await service.suspend(DORA, now, case, REASON, unit_ids=[taxis.units[0]])
    await service.withdraw(DORA, now, case, REASON, unit_ids=[taxis.units[1]])
    await service.suspend(DORA, now, case, REASON)
    assert State.GRANTED not in {unit.standing for unit in await queries.scope(case, now)}
    await service.reinstate(DORA, now, case, REASON)
    says = {unit.unit_id: unit.standing for unit in await queries.scope(case, now)}
    assert says.pop(taxis.units[0]) is State.SUSPENDED
    assert says.pop(taxis.units[1]) is State.WITHDRAWN
    assert set(says.values()) == {State.GRANTED}
    with pytest.raises(Conflict, match="unit-act-not-possible"):
        await service.reinstate(DORA, now, case, REASON, unit_ids=[taxis.units[1]])
    with pytest.raises(Invalid, match="unit-not-in-scope"):
        await service.suspend(DORA, now, case, REASON, unit_ids=[uuid7()])


async def test_only_the_associations_inspector_checks_and_never_ahead_of_time(taxis: Scene, now: datetime) -> None:
    case = await scene.group_applied(now, taxis)
    await service.check_unit(taxis.ines, now, case, taxis.units[0], InternalCheck(passed=False, notes="Sin cartel"))
    await service.check_unit(taxis.ines, now + timedelta(days=1), case, taxis.units[0], InternalCheck(passed=True))
    units = {unit.unit_id: unit for unit in await queries.scope(case, now)}
    assert units[taxis.units[0]].passed
    with pytest.raises(Invalid, match="unit-not-in-scope"):
        await service.check_units(taxis.ines, now, case, {uuid7(): InternalCheck(passed=True)})
    with pytest.raises(Forbidden, match="permission-missing"):
        await service.check_unit(taxis.irene, now, case, taxis.units[0], InternalCheck(passed=True))
    with pytest.raises(Invalid, match="check-in-future"):
        tomorrow = InternalCheck(passed=True, checked_on=now.date() + timedelta(days=2))
        await service.check_unit(taxis.ines, now, case, taxis.units[0], tomorrow)


async def test_a_draw_can_be_repeated_from_what_was_stored_and_was_not_chosen_afterwards(
    taxis: Scene, now: datetime
) -> None:
    case = await scene.group_applied(now, taxis)
    await service.accept_application(OLGA, now, case)
    await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    (row,) = await fetch("SELECT * FROM draw WHERE certification = $1", case)
    population = msgspec.json.decode(row["population"], type=list[sampling.Candidate])
    again = sampling.draw(population, Occasion.INITIAL, sampling.Risk.LOW, bytes(row["seed"]), GroupTerms())
    kept = await file.drawn(case)
    assert kept is not None
    assert tuple(place.id for place in again.drawn) == kept.drawn
    assert again.population_hash == kept.population_hash
    (accepted,) = await fetch("SELECT details FROM trail_entry WHERE event = 'certification.accepted'")
    assert json.loads(accepted["details"])["seed_sha256"] == sampling.seed_hash(bytes(row["seed"]))
    await service.plan(OLGA, now, case, Plan(team=(NADIA.id,), lead=NADIA.id, visit_on=now.date()))
    replanned = await file.drawn(case)
    assert replanned is not None and replanned.drawn == kept.drawn


async def test_a_large_hotel_does_not_go_in_a_group(hotel: Scene, now: datetime) -> None:
    with pytest.raises(Invalid, match="unit-not-for-group"):
        await scene.group_applied(now, hotel)


async def test_facts_of_many_businesses_take_as_many_queries_as_of_one(
    taxis: Scene, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.group_applied(now, taxis)
    lacking = await queries.lacking(taxis.clients, now)
    waits_for = ["application-waiting", "unit-not-passed", "evaluation-missing", "review-missing"]
    assert [[one.code for one in lacking[client]] for client in taxis.clients] == [waits_for] * len(taxis.clients)

    counted = []

    async def counting(sql: str, *args: Any, **more: Any) -> list[dict[str, Any]]:
        counted.append(sql)
        return await fetch(sql, *args, **more)

    for module in (queries, file, commitments, schemes, training):
        monkeypatch.setattr(module, "fetch", counting)
    await queries.facts(taxis.clients[:1], now)
    of_one = len(counted)
    await queries.facts(taxis.clients, now)
    assert 0 < len(counted) == 2 * of_one


async def test_everybody_a_decision_is_about_gets_one_letter_without_its_reason(
    hotel: Scene, now: datetime, context: Context
) -> None:
    for actor in (hotel.ana, hotel.irene):
        await Account(
            id=actor.id, email=f"{actor.id.int}@example.org", name=actor.name, password_hash="-", created_at=now
        ).save()
        for role, organisation in actor.scopes:
            await scene.hold(actor, role, organisation, now)
    case = await scene.reviewed(now, hotel)
    await service.decide(DORA, now, case, Decide(decision=Decision.REFUSE, reason=REASON))
    (decision,) = await fetch("SELECT id FROM decision")
    for _ in range(2):
        await jobs.tell_decision(context, now, {"certification": str(case), "decision": str(decision["id"])})
    letters = [path.read_bytes().decode() for path in sorted((context.config.data).rglob("*.eml"))]
    assert len(letters) == 3  # the manager, her association, and the auditor
    assert all("C-2026-0001" in letter and REASON not in letter for letter in letters)
