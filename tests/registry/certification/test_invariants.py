"""I1, I3, I4, I5 and I7 of domain.md 2 as PostgreSQL keeps them, with rows of a real case and the desk's own role: what
the code above lets through by a mistake of ours, or somebody types into a console.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import asyncpg
import pytest

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.certification import dossier, past, queries, service, suspension, ties
from registry.certification.impartiality import Bond
from registry.certification.rules import Act, Decision, State
from registry.certification.schemas import Decide, DeclareTie, Plan, Propose
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict
from registry.core.ids import uuid7
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, CARLA, DIEGO, DORA, NADIA, OLGA, REASON, Scene


async def again(table: str, case: UUID, **changed: object) -> None:
    """A row of this case once more, with another id and some of its columns otherwise."""
    names = "".join(f", '{name}', ${place}::text" for place, name in enumerate(changed, 3))
    async with transaction():
        await execute(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', $2::text{names}))).*"
            f" FROM {table} t WHERE t.certification = $1 LIMIT 1",
            case, str(uuid7()), *(str(value) for value in changed.values()),
        )  # fmt: skip


@pytest.mark.parametrize("who", [CARLA, DORA], ids=["reviewer", "decider"])
async def test_i1_holds_in_the_other_order_too_who_reviewed_or_decided_never_joins_the_team(
    hotel: Scene, now: datetime, who: Actor, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    await scene.hold(who, Role.AUDITOR, None, now)
    later = now + timedelta(days=350)
    with pytest.raises(Conflict, match="auditor-judged-this-case") as refusal:
        await service.plan(OLGA, later, case, Plan(team=(NADIA.id, who.id), lead=NADIA.id, visit_on=later.date()))
    assert refusal.value.details["name"] == who.name
    seen = await queries.case(OLGA, case, later)
    kept = {one.person: [why.code for why in one.obstacles] for one in await dossier.auditors(seen, later)}
    assert kept[who.id] == ["auditor-judged-this-case"] and kept[NADIA.id] == []
    assert "revisó o decidió este caso" in (await (await sign_in(OLGA)).get(f"/desk/certifications/{case}/plan")).text
    await service.plan(OLGA, later, case, Plan(team=(NADIA.id,), lead=NADIA.id, visit_on=later.date()))
    with pytest.raises(asyncpg.CheckViolationError, match="may not evaluate it"):
        await again("assignment", case, person=who.id)
    with pytest.raises(asyncpg.CheckViolationError, match="may not evaluate it"):
        async with transaction():
            await execute(
                "INSERT INTO evaluation SELECT (jsonb_populate_record(t, jsonb_build_object('id', $2::text, 'version',"
                " 2, 'evaluators', ARRAY[$3::text]))).* FROM evaluation t WHERE t.certification = $1",
                case, str(uuid7()), str(who.id),
            )  # fmt: skip


async def test_i1_the_evaluator_neither_reviews_nor_decides_by_hand(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    with pytest.raises(asyncpg.CheckViolationError, match="may not review it"):
        await again("review", case, reviewed_by=BRUNO.id)
    with pytest.raises(asyncpg.CheckViolationError, match="may not decide it"):
        await again("decision", case, decided_by=BRUNO.id)


@pytest.mark.parametrize(
    ("months", "kept"), [(None, True), (23, True), (25, False)], ids=["still", "23 months", "25 months"]
)
async def test_i3_who_is_tied_to_the_holder_neither_evaluates_reviews_nor_decides_by_hand(
    hotel: Scene, now: datetime, months: int | None, kept: bool
) -> None:
    case = await scene.granted(now, hotel)
    until = None if months is None else (now - timedelta(days=months * 30.44)).date()
    since = (now - timedelta(days=1500)).date()
    await scene.hold(NADIA, Role.REVIEWER, None, now)
    tie = DeclareTie(organisation=hotel.client, bond=Bond.EMPLOYED, since=since, until=until, source=REASON)
    await ties.declare_tie(NADIA, now, tie)
    for table, column, value in (
        ("review", "reviewed_by", NADIA.id),
        ("decision", "decided_by", NADIA.id),
        ("evaluation", "evaluators", f"{{{NADIA.id}}}"),
    ):
        values = {column: value} | ({"version": 2} if table == "evaluation" else {})
        if kept:
            with pytest.raises(asyncpg.CheckViolationError, match="tied to the holder"):
                await again(table, case, **values)
        else:
            with pytest.raises(InterruptedError):  # taken back, so that one does not keep the next away
                async with transaction():
                    await again(table, case, **values)
                    raise InterruptedError


async def test_i4_nothing_begins_where_only_a_decision_leads(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    for columns in ({"number": "C-X"}, {"number": "C-X", "state": "applied"}):
        with pytest.raises(asyncpg.CheckViolationError, match="begins with its application"):
            async with transaction():
                values = "".join(f", '{name}', '{value}'" for name, value in columns.items())
                await execute(
                    "INSERT INTO certification SELECT (jsonb_populate_record(t, jsonb_build_object('id', $2::text"
                    f"{values}))).* FROM certification t WHERE t.id = $1",
                    case, str(uuid7()),
                )  # fmt: skip
    with pytest.raises(asyncpg.CheckViolationError, match="covered by a decision"):
        await again("scope_unit", case, unit_id=uuid7())


async def test_i4_no_unit_is_covered_that_has_not_signed_and_no_case_granted_on_another_text(
    taxis: Scene, now: datetime
) -> None:
    case = await scene.group_reviewed(now, taxis)
    out = taxis.units[0]
    await execute("UPDATE commitment SET ended_at = $2 WHERE client = $1", taxis.clients[0], now)
    await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    with pytest.raises(asyncpg.CheckViolationError, match="no decision about this unit"):
        async with transaction():
            await execute("UPDATE scope_unit SET state = 'covered' WHERE unit_id = $1", out)
    await suspension.propose(OLGA, now, case, Propose(act=Act.EXTEND, reason=REASON, unit_ids=(out,)))
    with pytest.raises(asyncpg.CheckViolationError, match="not signed under the same version"):
        async with transaction():
            await again("decision", case, act="extend", units=f"{{{out}}}", decided_by=DIEGO.id, proposed_by=OLGA.id)
            await execute("UPDATE scope_unit SET state = 'covered' WHERE unit_id = $1", out)
    for column in ("scheme_version", "valid_until", "applied_at"):
        with pytest.raises(asyncpg.CheckViolationError, match="never change"):
            async with transaction():
                value = "gen_random_uuid()" if column == "scheme_version" else "now()"
                await execute(f"UPDATE certification SET {column} = {value} WHERE id = $1", case)


async def test_i5_no_decision_is_valid_from_before_it_was_taken(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    with pytest.raises(asyncpg.CheckViolationError, match="decision_not_back_dated"):
        await again("decision", case, valid_from=now - timedelta(seconds=1))


KEPT = (
    "certification", "scope_unit", "assignment", "evaluation", "review", "decision", "step", "proposal",
    "cause_verification", "self_assessment", "commitment", "training_session", "training_record", "trail_entry",
)  # fmt: skip


async def test_i7_nothing_of_a_case_is_ever_deleted_or_emptied(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await scene.proposed(now, case, Act.SUSPEND)
    await service.suspend(DORA, now, case, REASON)
    await suspension.verify_cause(BRUNO, now, case, REASON)
    for table in KEPT:
        (row,) = await fetch(f"SELECT count(*)::int AS n FROM {table}")
        assert row["n"], f"{table} is empty: this would prove nothing"
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(asyncpg.PostgresError):
                async with transaction():
                    await execute(statement)


@pytest.mark.parametrize("table", ["evaluation", "review", "decision", "step", "cause_verification"])
async def test_i7_what_was_said_of_a_case_is_never_changed(hotel: Scene, now: datetime, table: str) -> None:
    case = await scene.granted(now, hotel)
    await service.suspend(DORA, now, case, REASON)
    await suspension.verify_cause(BRUNO, now, case, REASON)
    columns = await fetch(
        "SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'",
        table,
    )
    assert len(columns) > 4
    for column in columns:
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            async with transaction():
                await execute(f'UPDATE {table} SET "{column["name"]}" = "{column["name"]}"')


async def test_i6_every_instant_of_a_random_life_is_told_as_it_was(taxis: Scene, now: datetime) -> None:
    """What each taxi stood for was looked at after every act; a year later the steps alone give the same answers."""
    case = await scene.group_granted(now, taxis)
    first, second, third = taxis.units[:3]
    at, looked = now, [(now, await standing(case, now))]

    async def then(days: float, act: object, *args: object, **more: object) -> None:
        nonlocal at
        at += timedelta(days=days)
        await act(DORA, at, case, *args, **more)  # type: ignore[operator]
        looked.append((at, await standing(case, at)))

    await then(3, service.suspend, REASON, [first])
    await then(0.001, service.suspend, REASON, [second])
    await then(5, service.suspend, REASON)
    await suspension.verify_cause(BRUNO, at, case, REASON)
    await then(30, service.reinstate, REASON)
    await suspension.verify_cause(BRUNO, at, case, REASON, [first])
    await then(2, service.reinstate, REASON, [first])
    await scene.proposed(at, case, Act.WITHDRAW, [third])
    await then(1, service.withdraw, REASON, [third])
    assert all(before != after for (_, before), (_, after) in pairwise(looked)), "every act showed"
    for (since, seen), (until, _) in zip(looked, [*looked[1:], (at + timedelta(days=90), {})], strict=True):
        for instant in (since, since + (until - since) / 2, until - timedelta(microseconds=1)):
            assert await past.units_at(case, instant) == seen, instant
    assert await past.state_at(case, now - timedelta(microseconds=1)) is None


async def standing(case: UUID, at: datetime) -> dict[UUID, State]:
    return {unit.unit_id: unit.standing for unit in await queries.scope(case, at)}


async def test_i8_and_i9_no_table_knows_money_or_ties_anybodys_pay_to_a_result(db: None) -> None:
    """Fees, arrears and remuneration are outside the product: nothing here could make a decision depend on them."""
    money = await fetch(
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns"
        " WHERE table_schema IN ('public', 'reports') AND column_name ~"
        " '(^|_)(fee|fees|price|paid|pay|payment|invoice|arrears|debt|salary|wage|bonus|remuneration|amount|dues)(_|$)'"
    )
    assert money == []
