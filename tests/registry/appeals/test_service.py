"""Appeals on a real database: the clock, who sits, how a panel rules, and what PostgreSQL refuses by itself."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from registry.access.permissions import Role
from registry.appeals import jobs, queries, service
from registry.appeals.rules import Act, Outcome, State
from registry.appeals.schemas import Lodge, Propose, Seat
from registry.certification import annulment, suspension, ties
from registry.certification import service as certification
from registry.certification.impartiality import Bond
from registry.certification.rules import State as CaseState
from registry.certification.schemas import DeclareTie
from registry.core.context import Context
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from tests.registry.appeals import scene
from tests.registry.appeals.scene import GROUNDS, IMELDA, PABLO, PAULA, PEDRO, PIA, REASONS
from tests.registry.certification.looks import events, state
from tests.registry.certification.scene import BRUNO, CARLA, DIEGO, DORA, FAUSTO, OLGA, REASON, Scene, person


async def test_an_appeal_has_a_clock_the_appellant_can_read(hotel: Scene, now: datetime) -> None:
    appeal = await scene.lodged(now, hotel)
    seen = await queries.case(hotel.ana, appeal)
    assert (seen.number, seen.state) == ("A-2026-0001", State.LODGED)
    assert seen.acknowledge_by == now.date() + timedelta(7)  # a Friday: five working days
    assert seen.rule_by == now.date() + timedelta(60)
    await service.acknowledge(OLGA, now + timedelta(days=3), appeal)
    seen = await queries.case(hotel.ana, appeal)
    assert (seen.state, seen.acknowledged_on) == (State.ACKNOWLEDGED, now.date() + timedelta(3))
    assert (await events(appeal)) == ["appeals.lodged", "appeals.acknowledged"]


async def test_only_the_holder_appeals_once_and_in_time(hotel: Scene, now: datetime) -> None:
    _, decision = await scene.suspended(now, hotel)
    words = Lodge(decision=decision, grounds=GROUNDS)
    with pytest.raises(NotFound):
        await service.lodge(hotel.irene, now, words)
    with pytest.raises(NotFound):
        await service.lodge(FAUSTO, now, words)
    with pytest.raises(Invalid, match="words-too-few"):
        await service.lodge(hotel.ana, now, Lodge(decision=decision, grounds="no"))
    with pytest.raises(Conflict, match="appeal-too-late"):
        await service.lodge(hotel.ana, now + timedelta(days=31), words)
    assert [one.id for one in await queries.appealable(hotel.ana, now)] == [decision]
    await service.lodge(hotel.ana, now + timedelta(days=30), words)
    assert await queries.appealable(hotel.ana, now) == []
    with pytest.raises(Conflict, match="appeal-already-lodged"):
        await service.lodge(hotel.ana, now, words)


async def test_a_grant_is_nothing_to_appeal_against(hotel: Scene, now: datetime) -> None:
    case, _ = await scene.suspended(now, hotel)
    (row,) = await fetch("SELECT id FROM decision WHERE certification = $1 AND act = 'grant'", case)
    with pytest.raises(Conflict, match="decision-not-appealable"):
        await service.lodge(hotel.ana, now, Lodge(decision=row["id"], grounds=GROUNDS))


@pytest.mark.parametrize("who", [BRUNO, CARLA, DORA, OLGA])
async def test_nobody_who_touched_the_case_sits_whatever_roles_they_hold(
    hotel: Scene, now: datetime, who: object
) -> None:
    """Evaluator, reviewer, decider, and the officer who planned: check 23; I1 and I2."""
    appeal = await scene.lodged(now, hotel)
    await service.acknowledge(OLGA, now, appeal)
    await scene.hold(who, Role.PANEL, None, now)
    with pytest.raises(Conflict, match="panellist-not-possible"):
        await service.seat(OLGA, now, appeal, Seat(panel=(who.id, PEDRO.id, PIA.id), chair=PIA.id))
    with pytest.raises(asyncpg.CheckViolationError, match="may not hear an appeal"):
        async with transaction():
            await execute(
                "INSERT INTO panellist (id, appeal, person, name, chair, seated_at) VALUES ($1, $2, $3, 'x', true, $4)",
                uuid7(), appeal, who.id, now,
            )  # fmt: skip


async def test_a_tie_of_23_months_ago_keeps_a_member_away_and_one_of_25_does_not(hotel: Scene, now: datetime) -> None:
    appeal = await scene.lodged(now, hotel)
    await service.acknowledge(OLGA, now, appeal)
    for who, months in ((PAULA, 23), (PEDRO, 25)):
        ended = (now - timedelta(days=months * 30.5)).date()
        tie = DeclareTie(
            organisation=hotel.client, bond=Bond.EMPLOYED, since=ended - timedelta(90), until=ended, source=REASON
        )
        await ties.declare_tie(who, now, tie)
    kept = {one.person: one.obstacles for one in await queries.candidates(await queries.case(OLGA, appeal), now)}
    assert [one.code for one in kept[PAULA.id]] == ["tied-employed"]
    assert kept[PEDRO.id] == []


async def test_who_sat_takes_no_other_part_in_the_case(hotel: Scene, now: datetime) -> None:
    appeal = await scene.heard(now, hotel)
    case = (await queries.case(OLGA, appeal)).certification
    both = person(301, PAULA.name, Role.PANEL, Role.DECIDER, Role.REVIEWER)
    with pytest.raises(Forbidden, match="tied-heard"):
        await certification.reinstate(both, now, case, REASON)
    for table, column in (("decision", "decided_by"), ("review", "reviewed_by"), ("assignment", "person")):
        with pytest.raises(asyncpg.CheckViolationError, match="takes no other part"):
            async with transaction():
                await execute(
                    f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table},"
                    f" to_jsonb(t) || jsonb_build_object('id', $1::text, '{column}', $2::text))).*"
                    f" FROM {table} t WHERE t.certification = $3 LIMIT 1",
                    str(uuid7()), str(PAULA.id), case,
                )  # fmt: skip


async def test_a_panel_declares_then_rules_by_majority(hotel: Scene, now: datetime) -> None:
    appeal = await scene.seated(now, hotel)
    words = Propose(outcome=Outcome.UPHELD, reasons=REASONS, asked="Que se reinstale hoy.")
    with pytest.raises(Forbidden, match="panel-not-declared"):
        await service.propose(PAULA, now, appeal, words)
    with pytest.raises(Invalid, match="declaration-missing"):
        await service.declare(PAULA, now, appeal, False)
    with pytest.raises(NotFound):
        await service.declare(PABLO, now, appeal)
    for member in (PAULA, PEDRO, PIA):
        await service.declare(member, now, appeal)
    with pytest.raises(Forbidden, match="not-the-chair"):
        await service.propose(PEDRO, now, appeal, words)
    with pytest.raises(Conflict, match="no-ruling-proposed"):
        await service.vote(PEDRO, now, appeal, True)
    await service.propose(PAULA, now, appeal, words)
    with pytest.raises(Conflict, match="already-voted"):
        await service.vote(PAULA, now, appeal, True)
    with pytest.raises(Invalid):
        await service.vote(PIA, now, appeal, False)
    await service.vote(PIA, now, appeal, False, "El documento sí era del hotel.")
    assert (await queries.case(OLGA, appeal)).state is State.SEATED
    await service.vote(PEDRO, now, appeal, True)
    seen = await queries.case(hotel.ana, appeal)
    assert (seen.state, seen.outcome, seen.reasons) == (State.TO_CARRY_OUT, Outcome.UPHELD, REASONS)
    assert "appeals.ruled" in await events(appeal)


async def test_a_ruling_that_lost_its_vote_makes_room_for_another(hotel: Scene, now: datetime) -> None:
    appeal = await scene.heard(now, hotel)
    await service.propose(PAULA, now, appeal, Propose(outcome=Outcome.DISMISSED, reasons=REASONS))
    with pytest.raises(Conflict, match="ruling-being-voted"):
        await service.propose(PAULA, now, appeal, Propose(outcome=Outcome.DISMISSED, reasons=REASONS))
    for member in (PEDRO, PIA):
        await service.vote(member, now, appeal, False, "La causa nunca existió.")
    assert await queries.proposal(appeal) is None
    await service.propose(PAULA, now, appeal, Propose(outcome=Outcome.UPHELD, reasons=REASONS, asked=REASON))
    assert (await queries.proposal(appeal)).outcome is Outcome.UPHELD


async def test_a_dismissed_appeal_is_closed_and_the_decision_stands(hotel: Scene, now: datetime) -> None:
    appeal = await scene.ruled(now, hotel, Outcome.DISMISSED)
    assert (await queries.case(hotel.ana, appeal)).state is State.CLOSED
    with pytest.raises(Conflict):
        await service.withdraw(hotel.ana, now, appeal)


async def test_the_decision_stands_until_the_chair_stays_it(hotel: Scene, now: datetime) -> None:
    appeal = await scene.heard(now, hotel)
    assert not (await queries.case(hotel.ana, appeal)).stayed
    with pytest.raises(Conflict, match="appeal-not-stayed"):
        await service.lift(PAULA, now, appeal, REASON)
    with pytest.raises(Forbidden, match="not-the-chair"):
        await service.stay(PIA, now, appeal, REASON)
    await service.stay(PAULA, now, appeal, REASON)
    assert (await queries.case(hotel.ana, appeal)).stayed
    with pytest.raises(Conflict, match="appeal-already-stayed"):
        await service.stay(PAULA, now, appeal, REASON)
    await service.lift(PAULA, now, appeal, REASON)
    assert not (await queries.case(hotel.ana, appeal)).stayed


async def test_a_member_can_be_replaced_and_an_open_ruling_falls_with_them(hotel: Scene, now: datetime) -> None:
    appeal = await scene.heard(now, hotel)
    await service.propose(PAULA, now, appeal, Propose(outcome=Outcome.DISMISSED, reasons=REASONS))
    await service.seat(OLGA, now, appeal, Seat(panel=(PAULA.id, PIA.id, PABLO.id), chair=PAULA.id, reason=REASON))
    assert await queries.proposal(appeal) is None
    seats = {one.person: one.declared_at for one in await queries.panel(appeal)}
    assert set(seats) == {PAULA.id, PIA.id, PABLO.id}
    assert seats[PAULA.id]
    assert seats[PABLO.id] is None


async def test_nobody_rules_around_the_panel(hotel: Scene, now: datetime) -> None:
    appeal = await scene.heard(now, hotel)
    statements = [
        ("UPDATE appeal SET state = 'closed', outcome = 'dismissed' WHERE id = $1", (appeal,), "majority"),
        ("UPDATE appeal SET grounds = 'otra cosa' WHERE id = $1", (appeal,), "do not change"),
        ("UPDATE appeal SET rule_by = rule_by + 30 WHERE id = $1", (appeal,), "do not change"),
        ("DELETE FROM appeal_step WHERE appeal = $1", (appeal,), None),
        ("DELETE FROM panellist WHERE appeal = $1", (appeal,), None),
    ]
    for statement, values, why in statements:
        with pytest.raises(asyncpg.PostgresError, match=why):
            async with transaction():
                await execute(statement, *values)
    made = await service.propose(PAULA, now, appeal, Propose(outcome=Outcome.DISMISSED, reasons=REASONS))
    for who in (PABLO, DORA):
        with pytest.raises(asyncpg.CheckViolationError, match="only a member"):
            async with transaction():
                await execute(
                    "INSERT INTO ruling_vote (id, ruling, person, name, agrees, note, voted_at)"
                    " VALUES ($1, $2, $3, 'x', true, '', $4)",
                    uuid7(), made, who.id, now,
                )  # fmt: skip
    with pytest.raises(asyncpg.CheckViolationError, match="do not change"):
        async with transaction():
            await execute("UPDATE ruling SET reasons = 'otra' WHERE id = $1", made)


async def test_who_sees_an_appeal(hotel: Scene, now: datetime) -> None:
    appeal = await scene.seated(now, hotel)
    for who in (hotel.ana, OLGA, DIEGO, PAULA, IMELDA):
        assert (await queries.case(who, appeal)).id == appeal
    for who in (hotel.irene, hotel.ines, BRUNO, CARLA, PABLO, FAUSTO):
        with pytest.raises(NotFound):
            await queries.case(who, appeal)
    waits = {who.name: await queries.waiting(who, now) for who in (OLGA, PAULA, DIEGO, hotel.ana)}
    assert waits == {OLGA.name: 0, PAULA.name: 1, DIEGO.name: 0, hotel.ana.name: 0}


async def test_the_appellant_takes_it_back(hotel: Scene, now: datetime) -> None:
    appeal = await scene.seated(now, hotel)
    other = person(999, "Otra", representative=uuid7())
    with pytest.raises(NotFound):
        await service.withdraw(other, now, appeal)
    await service.withdraw(hotel.ana, now, appeal, "Ya se arregló.")
    assert (await queries.case(hotel.ana, appeal)).outcome is Outcome.WITHDRAWN


async def test_words_that_belong_elsewhere_leave_the_number_and_the_appeal_goes_on(hotel: Scene, now: datetime) -> None:
    appeal = await scene.seated(now, hotel)
    await service.set_words_aside(OLGA, now, appeal)
    seen = await queries.case(OLGA, appeal)
    assert (seen.grounds, seen.wanted, seen.state) == ("[A-2026-0001]", "", State.SEATED)
    assert GROUNDS not in str(await fetch("SELECT * FROM trail_entry"))


async def test_letters_go_out_in_each_persons_language_and_hold_no_reasons(
    hotel: Scene, now: datetime, context: Context
) -> None:
    from tests.registry.certification.scene import known

    await known(hotel.ana, now)
    await execute("UPDATE account SET language = 'fr' WHERE id = $1", PAULA.id)
    await scene.ruled(now, hotel)
    await outbox.drain(context, now)
    letters = {path.name: path.read_bytes().decode() for path in (context.config.data / "mail").glob("appeal-*.eml")}
    acts = {name.split("-", 6)[6].rsplit("-", 6)[0] for name in letters}
    assert {"lodge", "acknowledge", "seat", "uphold"} <= {act.split("-")[0] for act in acts}
    assert any("A-2026-0001" in text for text in letters.values())
    assert not any(REASONS[:20] in text or GROUNDS[:20] in text for text in letters.values())
    assert set(jobs.TOLD) >= {Act.LODGE, Act.STAY, Act.DISMISS, Act.CARRY_OUT}


async def test_an_uninvolved_decider_carries_a_ruling_out_and_nobody_else(
    hotel: Scene, now: datetime, context: Context
) -> None:
    appeal = await scene.ruled(now, hotel)
    case = (await queries.case(OLGA, appeal)).certification
    assert await state(case, now) is CaseState.SUSPENDED
    assert (await queries.waiting(DIEGO, now), await queries.waiting(DORA, now)) == (1, 0)
    with pytest.raises(Forbidden, match="panel-touched-this-case"):
        await service.carry_out(DORA, now, appeal, REASON)
    with pytest.raises(Invalid, match="ruling-asks-to-annul"):
        await service.carry_out(DIEGO, now, appeal, REASON, annuls=False)
    await service.carry_out(DIEGO, now, appeal, REASON)
    assert await state(case, now) is CaseState.GRANTED
    seen = await queries.case(hotel.ana, appeal)
    assert (seen.state, seen.carried_out_by) == (State.CLOSED, DIEGO.id)
    await outbox.drain(context, now)


async def test_nobody_annuls_a_decision_without_a_ruling(hotel: Scene, now: datetime) -> None:
    case, decision = await scene.suspended(now, hotel)
    with pytest.raises(Forbidden, match="same-decider"):
        await annulment.annul(DORA, now, case, decision, REASON)
    for provisional in (False, True):
        with pytest.raises(Conflict, match="annulment-not-ruled"):
            await annulment.annul(DIEGO, now, case, decision, REASON, provisional=provisional)
    assert await state(case, now) is CaseState.SUSPENDED


async def test_a_stay_is_carried_out_and_the_appeal_goes_on(hotel: Scene, now: datetime) -> None:
    appeal = await scene.heard(now, hotel)
    with pytest.raises(Conflict, match="appeal-not-stayed"):
        await service.carry_out(DIEGO, now, appeal, REASON)
    await service.stay(PAULA, now, appeal, REASON)
    assert await queries.waiting(DIEGO, now) == 1
    await service.carry_out(DIEGO, now, appeal, REASON)
    seen = await queries.case(OLGA, appeal)
    assert seen.state is State.SEATED
    assert await state(seen.certification, now) is CaseState.GRANTED
    with pytest.raises(Conflict, match="already-carried-out"):
        await service.carry_out(DIEGO, now, appeal, REASON)


async def test_annulling_a_suspension_that_is_over_does_not_end_the_one_that_came_after_it(
    hotel: Scene, now: datetime
) -> None:
    appeal = await scene.ruled(now, hotel)
    case = (await queries.case(OLGA, appeal)).certification
    await suspension.verify_cause(BRUNO, now, case, REASON)
    await certification.reinstate(DORA, now + timedelta(hours=1), case, REASON)
    later = now + timedelta(hours=2)
    await certification.suspend(DORA, later, case, "Otra causa, del todo distinta de la primera.")
    await service.carry_out(DIEGO, later, appeal, REASON)
    assert await state(case, later) is CaseState.SUSPENDED
    assert (await queries.case(OLGA, appeal)).state is State.CLOSED
