"""Sessions on PostgreSQL: who may hold them, what they make, and that nothing is doubled or changed afterwards."""

from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from registry.clients import service as clients
from registry.clients.rules import ClientKind, Post
from registry.clients.schemas import WorkerDraft
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.training import queries, service
from registry.training.rules import Assurance
from registry.training.schemas import Attendee, Open
from tests.registry.learning import FAUSTO, House, business, house, staffed

HOUR = timedelta(hours=2)
ALL = ["M0", "M1", "M2", "M3", "M4"]


async def roster(client: UUID) -> list[UUID]:
    return [row["id"] for row in await fetch("SELECT id FROM worker WHERE client = $1 ORDER BY name", client)]


async def opened(at: House, now: datetime, *modules: str) -> UUID:
    return await service.open_session(at.tomas, now, Open([at.hotel], list(modules or ALL), "Sala municipal"))


async def trained(at: House, now: datetime, *modules: str, score: int = 99) -> UUID:
    """A whole session in which everybody passes (or has `score` right answers)."""
    id = await opened(at, now, *modules)
    asked = len((await queries.session(at.tomas, id)).items)
    people = [Attendee(worker, min(score, asked)) for worker in await roster(at.hotel)]
    await service.record_attendance(at.tomas, now, id, people)
    await service.close_session(at.tomas, now + HOUR, id)
    return id


async def test_a_session_makes_a_record_for_each_module_of_whoever_passed(db: None, now: datetime) -> None:
    at = await house(now)
    before = (await queries.coverage([at.hotel], now))[at.hotel]
    assert (before.total, before.valid, before.critical_total, before.critical_valid) == (5, 0, 4, 0)
    await trained(at, now)
    after = (await queries.coverage([at.hotel], now))[at.hotel]
    assert (after.total, after.valid, after.critical_total, after.critical_valid) == (5, 5, 4, 4)
    assert after.meets(90) and {post.post for post in after.by_post if post.critical} == {
        "reception", "security", "manager"}  # fmt: skip
    assert len(await queries.records(at.hotel)) == 25
    last = now + timedelta(days=732)
    assert (await queries.coverage([at.hotel], last, at.version))[at.hotel].valid == 0


async def test_who_did_not_pass_has_no_record_and_nobody_is_told(db: None, now: datetime) -> None:
    at = await house(now)
    id = await opened(at, now, "M0")
    people = await roster(at.hotel)
    await service.record_attendance(at.tomas, now, id, [
        Attendee(people[0], 7), Attendee(people[1], 10, must_pass=False), Attendee(people[2], None),
        Attendee(people[3], 8, assisted=True), Attendee(people[4], 10, assurance=Assurance.L0),
    ])  # fmt: skip
    await service.close_session(at.tomas, now + HOUR, id)
    rows = await fetch("SELECT worker, assisted, assurance FROM training_record")
    assert {row["worker"]: (row["assisted"], row["assurance"]) for row in rows} == {
        people[3]: (True, 2), people[4]: (False, 0)}  # fmt: skip
    found = {person.worker: person for person in (await queries.people([at.hotel], now))[at.hotel]}
    assert "M0" in found[people[4]].lacks, "what the employer says is kept and never counts"
    assert "M0" not in found[people[3]].lacks, "a check read aloud counts the same"


async def test_the_same_attendance_twice_changes_nothing_and_a_correction_is_kept_in_the_trail(
    db: None, now: datetime
) -> None:
    at = await house(now)
    id = await opened(at, now, "M0")
    people = await roster(at.hotel)
    for score in (9, 9, 10):
        await service.record_attendance(at.tomas, now, id, [Attendee(people[0], score)])
    rows = await fetch("SELECT score FROM attendance")
    assert [row["score"] for row in rows] == [10]
    rows = await fetch("SELECT details::text AS d FROM trail_entry WHERE event = 'training.attended' ORDER BY id")
    assert '"from": 9' in rows[-1]["d"] and '"mended": []' in rows[1]["d"]


async def test_somebody_written_down_by_mistake_gets_no_record(db: None, now: datetime) -> None:
    at = await house(now)
    id = await opened(at, now, "M0")
    people = await roster(at.hotel)
    await service.record_attendance(at.tomas, now, id, [Attendee(one, 10) for one in people[:2]])
    await service.remove_attendance(at.tomas, now, id, [people[1]])
    await service.close_session(at.tomas, now + HOUR, id)
    assert {row["worker"] for row in await fetch("SELECT worker FROM training_record")} == {people[0]}
    assert len(await fetch("SELECT FROM attendance")) == 2, "the row stays"


async def test_a_form_sent_twice_opens_one_session_and_closes_it_once(db: None, now: datetime) -> None:
    at, once, close = await house(now), uuid7(), uuid7()
    form = Open([at.hotel], ["M0"], "Sala")
    ids = {await service.open_session(at.tomas, now, form, once=once) for _ in range(3)}
    assert len(ids) == 1 and len(await fetch("SELECT FROM training_session")) == 1
    (id,) = ids
    await service.record_attendance(at.tomas, now, id, [Attendee((await roster(at.hotel))[0], 10)])
    for _ in range(2):
        await service.close_session(at.tomas, now + HOUR, id, once=close)
    with pytest.raises(Conflict, match="training-session-not-open"):
        await service.close_session(at.tomas, now + HOUR, id)
    assert len(await fetch("SELECT FROM training_record")) == 1


async def test_a_trainer_of_one_association_finds_nothing_of_another(db: None, now: datetime) -> None:
    at = await house(now)
    with pytest.raises(NotFound):
        await service.open_session(at.teo, now, Open([at.hotel], ["M0"], "Sala"))
    id = await opened(at, now)
    for act in (
        service.record_attendance(at.teo, now, id, [Attendee((await roster(at.hotel))[0], 10)]),
        service.remove_attendance(at.teo, now, id, []),
        service.close_session(at.teo, now + HOUR, id),
        service.cancel_session(at.teo, now, id),
        queries.session(at.teo, id),
        queries.client(at.teo, at.hotel),
    ):
        with pytest.raises(NotFound):
            await act
    assert [row["id"] for row in await queries.search(at.teo, "")] == [at.car]
    assert {row["id"] for row in await queries.search(at.tomas, "")} == {at.hotel, at.inn}


async def test_those_who_do_not_train_cannot_hold_a_session(db: None, now: datetime) -> None:
    at = await house(now)
    for actor in (at.ana, at.irene, FAUSTO):
        with pytest.raises(Forbidden):
            await service.open_session(actor, now, Open([at.hotel], ["M0"], "Sala"))
    for actor in (at.berta, FAUSTO):
        with pytest.raises(NotFound):
            await queries.client(actor, at.hotel)
    assert (await queries.client(at.irene, at.hotel))["id"] == at.hotel
    assert queries.names(at.ana, at.hotel) and queries.names(at.tomas, at.hotel)
    assert not queries.names(at.irene, at.hotel), "an association never reads who it is"


async def test_only_people_of_the_sessions_businesses_are_written_down(db: None, now: datetime) -> None:
    at = await house(now)
    await staffed(at.berta, now, at.inn)
    id = await opened(at, now, "M0")
    with pytest.raises(Invalid, match="training-not-on-roster"):
        await service.record_attendance(at.tomas, now, id, [Attendee((await roster(at.inn))[0], 10)])
    with pytest.raises(Invalid, match="training-score-out-of-range"):
        await service.record_attendance(at.tomas, now, id, [Attendee((await roster(at.hotel))[0], 92)])
    assert not await fetch("SELECT FROM attendance")


@pytest.mark.parametrize(("form", "code"), [
    ({"modules": ["M6"]}, "training-module-unknown"),  # it has no bank to check by yet
    ({"modules": ["M0", "X"]}, "training-module-unknown"),
    ({"place": " \t"}, "training-place-needed"),
    ({"language": "de"}, "training-language"),
    ({"minutes": 19}, "training-too-short"),
])  # fmt: skip
async def test_a_session_that_cannot_be_held_is_refused_with_its_field(
    db: None, now: datetime, form: dict[str, object], code: str
) -> None:
    at = await house(now)
    with pytest.raises(Invalid, match=code) as refusal:
        await service.open_session(
            at.tomas, now, Open(**{"clients": [at.hotel], "modules": ["M0"], "place": "S"} | form)
        )
    assert code in refusal.value.details["fields"].values()


async def test_coverage_costs_as_many_statements_for_fifty_businesses_as_for_one(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await house(now)
    many = [at.hotel, *[await business(at.chamber, f"Hotel {n}", ClientKind.LODGING) for n in range(20)]]
    statements: list[str] = []
    original = queries.fetch

    async def counted(sql: str, *args: object) -> list[dict[str, object]]:
        statements.append(sql)
        return await original(sql, *args)

    monkeypatch.setattr(queries, "fetch", counted)
    one = await queries.coverage([at.hotel], now)
    alone = len(statements)
    found = await queries.coverage(many, now)
    assert len(statements) == 2 * alone <= 6
    assert set(found) == set(many) and found[at.hotel] == one[at.hotel]
    assert found[many[-1]].total == 0 and not found[many[-1]].meets(0)


async def test_a_leaver_and_an_expiry_lower_coverage_with_no_one_pressing_anything(db: None, now: datetime) -> None:
    at = await house(now)
    await trained(at, now)
    two_years = datetime.fromisoformat("2028-11-21T05:30:00+00:00")  # still 20 November in Costa Rica
    assert (await queries.coverage([at.hotel], two_years, at.version))[at.hotel].valid == 5
    midnight = two_years + timedelta(minutes=31)
    assert (await queries.coverage([at.hotel], midnight, at.version))[at.hotel].valid == 0
    await clients.end_worker(at.ana, now, (await roster(at.hotel))[0], now.date())
    assert (await queries.coverage([at.hotel], now))[at.hotel].total == 4
    tomorrow = now + timedelta(days=1)
    starter = [WorkerDraft(name="Zoraida", post=Post.RECEPTION, started_on=date(2026, 11, 21))]
    await clients.enter_roster(at.ana, tomorrow, at.hotel, starter)
    found = (await queries.coverage([at.hotel], tomorrow))[at.hotel]
    assert (found.total, found.valid, found.critical_valid, found.critical_total) == (5, 4, 3, 4)


async def test_a_driver_who_changes_company_keeps_the_training(db: None, now: datetime) -> None:
    at = await house(now)
    mover = WorkerDraft(name="Domingo Arce", post=Post.OTHER, card_no="CR-00417")
    await clients.enter_roster(at.ana, now, at.hotel, [mover])
    await trained(at, now, "M0")
    await clients.enter_roster(at.berta, now, at.inn, [mover, WorkerDraft(name="Otra Persona", post=Post.OTHER,
                                                                           card_no="CR-00417")])  # fmt: skip
    found = (await queries.coverage([at.inn], now))[at.inn]
    assert (found.total, found.valid) == (2, 1), "the card counts only together with the name"


async def test_certification_can_ask_who_trained_a_business(db: None, now: datetime) -> None:
    at = await house(now)
    await trained(at, now, "M0")
    assert await queries.trainers_of([at.hotel, at.inn], now - HOUR) == {at.hotel: frozenset({at.tomas.id})}
    assert await queries.trainers_of([at.hotel], now + HOUR) == {}


async def test_one_facilitator_in_two_rooms_at_once_is_noted_and_not_refused(db: None, now: datetime) -> None:
    at = await house(now)
    await trained(at, now, "M0")
    await trained(at, now + timedelta(minutes=5), "M0")
    (flagged,) = await queries.flagged()
    assert [signal.code for signal in flagged.signals] == ["overlap"]


@pytest.mark.parametrize("statement", [
    "UPDATE training_record SET expires_on = '2099-01-01'",
    "DELETE FROM training_record",
    "UPDATE attendance SET score = 10",
    "DELETE FROM attendance",
    "UPDATE training_session SET signals = '[]'",
])  # fmt: skip
async def test_the_database_itself_refuses_to_change_what_was_closed(db: None, now: datetime, statement: str) -> None:
    at = await house(now)
    await trained(at, now, "M0")
    with pytest.raises(asyncpg.PostgresError):
        async with transaction():
            await execute(statement)


async def test_a_cancelled_session_leaves_no_record_and_takes_no_more_people(db: None, now: datetime) -> None:
    at = await house(now)
    id = await opened(at, now)
    await service.cancel_session(at.tomas, now, id)
    with pytest.raises(Conflict, match="training-session-not-open"):
        await service.record_attendance(at.tomas, now, id, [])


async def test_hostile_words_are_kept_as_they_are(db: None, now: datetime) -> None:
    at = await house(now)
    for place in ("'; DROP TABLE worker;--", "<script>alert(1)</script>", "{{7*7}}", "%(x)s %s", "سال‮א"):
        id = await service.open_session(at.tomas, now, Open([at.hotel], ["M0"], place))
        assert (await queries.session(at.tomas, id)).place == place


async def test_five_hundred_people_are_trained_in_a_few_statements(db: None, now: datetime) -> None:
    at = await house(now)
    drafts = [WorkerDraft(name=f"Persona {n}", post=Post.HOUSEKEEPING) for n in range(500)]
    await clients.enter_roster(at.ana, now, at.hotel, drafts)
    await trained(at, now)
    assert (await queries.coverage([at.hotel], now))[at.hotel].valid == 505
