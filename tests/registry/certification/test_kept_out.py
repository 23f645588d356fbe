"""Who is kept out, by the verbs and by the database under them."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.certification import file, intake, queries, service, ties
from registry.certification.impartiality import Bond
from registry.certification.rules import Decision, State
from registry.certification.schemas import Decide, DeclareTie, Plan
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from tests.registry.certification import scene
from tests.registry.certification.looks import state
from tests.registry.certification.scene import ADA, BRUNO, CARLA, DIEGO, DORA, FAUSTO, NADIA, OLGA, REASON, TOMAS, Scene


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
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
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
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
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
    await ties.declare_tie(DORA, now, tie)
    with pytest.raises(Forbidden, match="tied-consulted"):
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    backdated = DeclareTie(
        organisation=hotel.association, bond=Bond.CONSULTED, since=now.date() - timedelta(days=2000),
        until=now.date() - timedelta(days=1000), source="Terminó hace años, me equivoqué.",
    )  # fmt: skip
    with pytest.raises(Invalid, match="tie-end-not-possible"):
        await ties.declare_tie(DORA, now, backdated)
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
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
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
