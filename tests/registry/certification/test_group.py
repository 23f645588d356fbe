"""A group of taxis: one certificate, many cars."""

import json
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from registry.accounts.tables import Account
from registry.certification import file, intake, jobs, queries, rules, sampling, service, suspension
from registry.certification.facts import GroupTerms
from registry.certification.rules import Act, Decision, State, UnitState
from registry.certification.sampling import Occasion
from registry.certification.schemas import Decide, InternalCheck, Plan
from registry.commitments import queries as commitments
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.core.ids import uuid7
from registry.schemes import queries as schemes
from registry.training import queries as training
from tests import people
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, DORA, NADIA, OLGA, REASON, Scene


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
    await scene.proposed(now, case, Act.WITHDRAW, [taxis.units[1]])
    await service.withdraw(DORA, now, case, REASON, unit_ids=[taxis.units[1]])
    await service.suspend(DORA, now, case, REASON)
    assert State.GRANTED not in {unit.standing for unit in await queries.scope(case, now)}
    await suspension.verify_cause(BRUNO, now, case, REASON)
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
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
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
    waits_for = ["unit-not-passed", "application-waiting", "evaluation-missing", "review-missing"]
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


async def test_a_member_finds_itself_in_its_groups_file_and_no_other_member(
    taxis: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await scene.group_granted(now, taxis)
    member = await sign_in(people.ANA, taxis.clients[1])
    for page in ("", "/checks"):
        shown = (await member.get(f"/desk/certifications/{case}{page}")).text
        assert [plate for number in range(6) if (plate := f"TAL{number:04d}") in shown] == ["TAL0001"]
    assert (await member.get(f"/desk/certifications/apply?association={taxis.association}")).status_code == 404
    shown = (await (await sign_in(people.IRENE, taxis.association)).get(f"/desk/certifications/{case}/checks")).text
    assert all(f"TAL{number:04d}" in shown for number in range(6))
