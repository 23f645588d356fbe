"""Renewal with kept anniversary, restoring after expiry, and criteria that change while a case is open."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.certification import file, guards, intake, past, queries, scope, service
from registry.certification.facts import Mending
from registry.certification.guards import Cause
from registry.certification.rules import Act, Decision, Recommendation, State, UnitState
from registry.certification.sampling import Occasion, Risk
from registry.certification.schemas import Apply, Decide, Plan, Review
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.schemes import queries as schemes
from registry.schemes import service as publishing
from registry.schemes.content import Content
from registry.schemes.schemas import Publish
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.looks import major, state
from tests.registry.certification.scene import ADA, BRUNO, CARLA, CODE, DORA, NADIA, OLGA, REASON, Scene


async def renewed(hotel: Scene, at: datetime, *, decide: bool = True) -> UUID:
    """Asked for, planned, evaluated, reviewed; and decided."""
    asked = Apply(client_id=hotel.client, scheme_version=hotel.version, unit_ids=tuple(hotel.units),
                  occasion=Occasion.RENEWAL)  # fmt: skip
    case = await intake.apply(hotel.ana, at, asked)
    await scene.assessed(hotel.ana, at, case)
    await intake.accept_application(OLGA, at, case, scene.SCREENED)
    await service.plan(OLGA, at, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=at.date()))
    await service.record_evaluation(BRUNO, at, case, scene.evaluation(hotel.version, at.date()))
    await service.review(CARLA, at, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    if decide:
        await service.decide(DORA, at, case, Decide(decision=Decision.GRANT, reason=REASON))
    return case


async def test_a_renewal_decided_before_the_end_keeps_its_anniversary_and_supersedes(
    hotel: Scene, now: datetime
) -> None:
    old = await scene.granted(now, hotel)
    at = now + timedelta(days=640)
    with pytest.raises(Conflict, match="renewal-too-early"):
        await renewed(hotel, now + timedelta(days=400))
    new = await renewed(hotel, at)
    before, after = await queries.case(OLGA, old, at), await queries.case(OLGA, new, at)
    assert (before.standing, after.standing, after.renews) == (State.SUPERSEDED, State.GRANTED, old)
    assert (str(before.last_on), str(after.last_on)) == ("2028-11-20", "2030-11-20")
    assert after.valid_from == at
    rows = await fetch("SELECT payload FROM outbox_message WHERE event = 'certification.renewed'")
    assert len(rows) == 1 and str(old) in rows[0]["payload"] and str(new) in rows[0]["payload"]
    assert await past.said(hotel.units, at - timedelta(seconds=1)) == {hotel.units[0]: State.GRANTED}


async def test_a_renewal_asks_for_more_training_than_the_first_time(hotel: Scene, now: datetime) -> None:
    await scene.signed(now, hotel.version, hotel.client)
    await scene.staffed(now, hotel.version, hotel.client, ["reception", "manager", *["housekeeping"] * 4], untrained=1)
    case = await scene.planned(now, hotel)
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date()))
    await service.review(CARLA, now, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))  # 5 of 6: 83 %
    with pytest.raises(Conflict, match="requirements-missing") as refusal:
        await renewed(hotel, now + timedelta(days=640))
    assert [one.code for one in refusal.value.details["missing"]] == ["coverage-low"]


async def test_what_expired_is_restored_within_six_months_with_new_dates_and_a_visible_gap(
    hotel: Scene, now: datetime
) -> None:
    old = await scene.granted(now, hotel)
    expired = datetime(2028, 11, 21, 6, tzinfo=UTC)
    at = expired + timedelta(days=60)
    await scene.staffed(at, hotel.version, hotel.client, ["reception"])
    await execute("UPDATE worker SET left_on = $1 WHERE created_at = $2", at.date(), now)
    await scene.signed(at, hotel.version, hotel.client)
    new = await renewed(hotel, at)
    assert await state(old, at) is State.EXPIRED  # not superseded: between the two nobody was certified
    assert (await queries.case(OLGA, new, at)).valid_from == at
    assert await past.said(hotel.units, expired + timedelta(days=1)) == {hotel.units[0]: State.EXPIRED}
    await scope.end(hotel.ana, at, new, "Cerramos el hotel a fin de mes, gracias por todo.")
    with pytest.raises(Conflict, match="renewal-too-late"):
        await renewed(hotel, expired + timedelta(days=200))


async def test_a_suspended_certificate_is_not_renewed(hotel: Scene, now: datetime) -> None:
    old = await scene.granted(now, hotel)
    at = now + timedelta(days=600)
    new = await renewed(hotel, at, decide=False)
    await service.suspend(DORA, at, old, REASON)
    with pytest.raises(Conflict, match="renewal-while-suspended"):
        await service.decide(DORA, at, new, Decide(decision=Decision.GRANT, reason=REASON))


async def test_expiry_at_midnight_in_costa_rica_is_the_same_answer_from_madrid_to_the_second(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    last_second = datetime(2028, 11, 20, 23, 59, 59, tzinfo=ZoneInfo("America/Costa_Rica"))
    for zone in ("America/Costa_Rica", "Europe/Madrid", "UTC"):
        at = last_second.astimezone(ZoneInfo(zone))
        assert await state(case, at) is State.GRANTED
        assert await state(case, at + timedelta(seconds=1)) is State.EXPIRED
        assert await past.state_at(case, at + timedelta(seconds=1)) is State.EXPIRED


async def test_what_did_this_unit_say_on_3_march_can_be_told_long_afterwards(taxis: Scene, now: datetime) -> None:
    """Check 12."""
    case = await scene.group_granted(now, taxis)
    third_of_march = datetime(2027, 3, 3, 18, tzinfo=UTC)
    await service.suspend(DORA, third_of_march - timedelta(days=1), case, REASON, unit_ids=taxis.units[:1])
    later = datetime(2028, 2, 29, 18, tzinfo=UTC)
    await service.suspend(DORA, later, case, REASON)
    units = await past.units_at(case, third_of_march)
    assert units.pop(taxis.units[0]) is State.SUSPENDED and set(units.values()) == {State.GRANTED}
    assert set((await past.units_at(case, later)).values()) == {State.SUSPENDED}
    assert await past.units_at(case, now - timedelta(days=1)) == {}


async def test_a_correction_verified_after_the_review_brings_the_case_back_to_its_reviewer(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.reviewed(now, hotel)
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date()))
    assert await state(case, now) is State.EVALUATED
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date(), major()))
    assert await state(case, now) is State.CORRECTIONS_OPEN
    mended = scene.evaluation(hotel.version, now.date(), major(Mending.CLOSED))
    await service.record_evaluation(BRUNO, now, case, mended)
    assert await state(case, now) is State.EVALUATED


async def test_the_evaluator_then_an_administrator_tries_to_decide_and_the_refusal_carries_the_case(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.reviewed(now, hotel)
    for actor in (BRUNO, ADA):
        with pytest.raises(Forbidden):
            await service.decide(actor, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    rows = await fetch("SELECT actor FROM trail_entry WHERE event = 'access.refused' AND subject = $1", case)
    assert {row["actor"] for row in rows} == {BRUNO.id, ADA.id}


async def test_a_renewal_makes_valid_neither_who_was_suspended_by_name_nor_who_was_withdrawn_meanwhile(
    taxis: Scene, now: datetime
) -> None:
    old = await scene.group_granted(now, taxis)
    at = now + timedelta(days=640)
    suspended, withdrawn, *others = taxis.units
    await service.suspend(DORA, at, old, REASON, [suspended])
    new = await scene.group_reviewed(at, taxis, occasion=Occasion.RENEWAL)
    await scene.proposed(at, old, Act.WITHDRAW, [withdrawn])
    await service.withdraw(DORA, at, old, REASON, [withdrawn], cause=Cause.FRAUD)
    await service.decide(DORA, at, new, Decide(decision=Decision.GRANT, reason=REASON))
    standing = {unit.unit_id: unit.state for unit in await queries.scope(new)}
    assert {unit for unit, one in standing.items() if one is UnitState.COVERED} == set(others)
    assert (standing[suspended], standing[withdrawn]) == (UnitState.SUSPENDED, UnitState.ENDED)


async def test_what_expired_while_it_was_suspended_is_not_renewed(hotel: Scene, now: datetime) -> None:
    old = await scene.granted(now, hotel)
    await service.suspend(DORA, datetime(2028, 11, 20, 6, tzinfo=UTC), old, REASON)
    at = datetime(2028, 12, 20, 6, tzinfo=UTC)
    await scene.staffed(at, hotel.version, hotel.client, ["reception"])
    await execute("UPDATE worker SET left_on = $1 WHERE created_at = $2", at.date(), now)
    await scene.signed(at, hotel.version, hotel.client)
    with pytest.raises(Conflict, match="renewal-while-suspended"):
        await renewed(hotel, at)


async def test_new_criteria_published_during_fieldwork_leave_the_open_case_on_its_version_and_renewal_shows_the_map(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    """Check 18."""
    await scene.ready(now, hotel.version, hotel.client)
    case = await scene.planned(now, hotel)
    await service.begin_evaluation(BRUNO, now, case)
    newer = await publishing.publish(SYSTEM, now, Publish(_newer(CODE), now.date()))
    assert (await schemes.current("sectt-code", now)).id == newer != hotel.version
    with pytest.raises(Invalid, match="evaluation-of-other-version"):
        await service.record_evaluation(BRUNO, now, case, scene.evaluation(newer, now.date()))
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date()))
    await service.review(CARLA, now, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    assert (await queries.case(OLGA, case, now)).scheme_version == hotel.version
    ana = await sign_in(await scene.known(hotel.ana, now))
    page = await ana.get(f"/desk/certifications/apply?client={hotel.client}&renewal=true")
    for words in ("C1.01 · Ahora dice otra cosa", "C1.99 · Nueva", "C1.02 · Ya no se pregunta"):
        assert words in page.text
    first = await ana.get(f"/desk/certifications/apply?client={hotel.client}")
    assert "C1.99" not in first.text


def _newer(code: Content) -> Content:
    """The same text with one question that says otherwise, one more and one less."""
    one, _, *rest = code.criteria[0].questions
    reworded = msgspec.structs.replace(one, text={name: f"{words} *" for name, words in one.text.items()})
    added = msgspec.structs.replace(one, id="C1.99")
    first = msgspec.structs.replace(code.criteria[0], questions=(reworded, *rest, added))
    return msgspec.structs.replace(code, number="1.1", criteria=(first, *code.criteria[1:]))


@pytest.mark.parametrize(
    ("decided", "zone", "last_on", "until"),
    [
        # Granted on a leap day: two years later there is none, and the last day of the month it is.
        (
            datetime(2028, 2, 29, 18, tzinfo=UTC),
            "America/Costa_Rica",
            "2030-02-28",
            datetime(2030, 3, 1, 6, tzinfo=UTC),
        ),
        # In Madrid it is summer when it is granted and winter when it ends: the day ends at its own midnight.
        (datetime(2026, 10, 24, 12, tzinfo=UTC), "Europe/Madrid", "2028-10-24", datetime(2028, 10, 24, 22, tzinfo=UTC)),
        (datetime(2026, 10, 31, 12, tzinfo=UTC), "Europe/Madrid", "2028-10-31", datetime(2028, 10, 31, 23, tzinfo=UTC)),
        # The evening of a leap day in Costa Rica is already March in UTC.
        (datetime(2028, 3, 1, 3, tzinfo=UTC), "America/Costa_Rica", "2030-02-28", datetime(2030, 3, 1, 6, tzinfo=UTC)),
    ],
)
async def test_expiry_is_the_end_of_the_last_day_where_the_holder_is_also_from_a_leap_day_and_across_clock_changes(
    hotel: Scene, now: datetime, decided: datetime, zone: str, last_on: str, until: datetime
) -> None:
    """Check 11."""
    await execute("UPDATE client SET zone = $1", zone)
    case = await scene.granted(decided, hotel)
    seen = await queries.case(OLGA, case, decided)
    assert (str(seen.last_on), seen.valid_until) == (last_on, until)
    for viewer in ("America/Costa_Rica", "Europe/Madrid", "Pacific/Kiritimati"):
        at = until.astimezone(ZoneInfo(viewer))
        assert await state(case, at - timedelta(seconds=1)) is State.GRANTED
        assert await state(case, at) is await past.state_at(case, at) is State.EXPIRED


async def test_the_sample_of_a_renewed_group_is_eight_tenths_of_r_times_the_root_of_its_size(
    db: None, now: datetime
) -> None:
    here = await scene.taxis(now, await scene.opened(now), 9)
    for client in here.clients:
        await scene.signed(now, here.version, client)
        await scene.staffed(now, here.version, client, ["driver"])
    first = await file.drawn(await scene.group_granted(now, here))
    at = now + timedelta(days=640)
    case = await scene.group_applied(at, here, Occasion.RENEWAL)
    await intake.accept_application(OLGA, at, case, scene.SCREENED)
    sizes = []
    for risk in (Risk.LOW, Risk.RAISED):
        await service.plan(OLGA, at, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=at.date(), risk=risk))
        drawn = await file.drawn(case)
        assert drawn is not None and len(drawn.drawn) == drawn.size and drawn.occasion == "renewal"
        sizes.append(drawn.size)
    assert first is not None and first.size == 3  # the root of nine
    assert sizes == [3, 4]  # 0.8 · 1 · 3 = 2.4 and 0.8 · 1.5 · 3 = 3.6, rounded up


async def test_nobody_leads_the_evaluation_of_a_holder_for_a_third_cycle(hotel: Scene, now: datetime) -> None:
    old = await scene.granted(now, hotel)
    new = await queries.case(OLGA, await renewed(hotel, now + timedelta(days=640)), now)
    assert (await file.led_before(new, BRUNO.id), await file.led_before(new, NADIA.id)) == (1, 0)
    third = msgspec.structs.replace(new, id=old, renews=None)  # as its next cycle would see the two before
    assert await file.led_before(msgspec.structs.replace(third, id=hotel.client), BRUNO.id) == 2
    with pytest.raises(Invalid, match="lead-too-often"):
        guards.rotated(2, 2)
    guards.rotated(1, 2)
    at = now + timedelta(days=1280)
    asked = Apply(client_id=hotel.client, scheme_version=hotel.version, unit_ids=tuple(hotel.units),
                  occasion=Occasion.RENEWAL)  # fmt: skip
    case = await intake.apply(hotel.ana, at, asked)
    await scene.assessed(hotel.ana, at, case)
    await intake.accept_application(OLGA, at, case, scene.SCREENED)
    both = (BRUNO.id, NADIA.id)
    with pytest.raises(Invalid, match="lead-too-often") as refusal:
        await service.plan(OLGA, at, case, Plan(team=both, lead=BRUNO.id, visit_on=at.date()))
    assert refusal.value.details["fields"] == {"lead": "lead-too-often"}
    await service.plan(OLGA, at, case, Plan(team=both, lead=NADIA.id, visit_on=at.date()))  # he may go, not lead
