"""An urgent report rings the duty number, once in 15 minutes at most, until somebody acknowledges."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from registry.access.actor import STRANGER, SYSTEM
from registry.authorities import service as authorities
from registry.authorities.hours import Hours
from registry.authorities.schemas import NewContact
from registry.core.context import Context
from registry.core.db import REPORTS_DB, execute, fetch
from registry.core.errors import Invalid
from registry.core.telephone import NotTaken
from registry.reports import delivery, drilling, gate, jobs, queries, ringing, service
from tests.registry.reports.looks import agent_at, only, world_at
from tests.registry.reports.world import World, enrol, filing, made

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DUTY = "+50625550101"


class Line:
    """A telephone line that notes each ring, or fails as it is told."""

    def __init__(self) -> None:
        self.now: datetime | None = None
        self.rings: list[tuple[str, str, datetime | None]] = []
        self.said: set[tuple[str, str]] = set()
        self.call_fails: Exception | None = None
        self.send_fails: Exception | None = None

    async def send(self, to: str, text: str) -> None:
        if self.send_fails:
            raise self.send_fails
        self.rings.append(("text", to, self.now))
        self.said.add(("text", text))

    async def call(self, to: str, text: str, language: str) -> None:
        if self.call_fails:
            raise self.call_fails
        self.rings.append(("call", to, self.now))
        self.said.add((language, text))

    def calls(self, to: str = DUTY) -> list[datetime | None]:
        return [at for kind, who, at in self.rings if (kind, who) == ("call", to)]


def on(world: World, line: Line) -> Context:
    return msgspec.structs.replace(world.context, telephone=line)


async def pass_by(world: World, line: Line, start: datetime, time: timedelta, step: timedelta = MINUTE) -> None:
    """The worker's beats about rings, with draws that are the same each time."""
    line.now, draws, end = start, Random(3), start + time
    while line.now <= end:
        await delivery.escalate(SYSTEM, line.now)
        await ringing.due_again(line.now)
        await ringing.ring(on(world, line), line.now, draws)
        line.now += step


async def test_an_urgent_report_rings_at_once_and_again_after_an_hour_and_daily_and_never_after_an_answer(
    world: World,
) -> None:
    line = Line()
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await pass_by(world, line, world.now, timedelta(days=3), timedelta(minutes=5))
    waited = [b - a for a, b in pairwise([at for at in line.calls() if at])]
    assert line.calls()[0] == world.now and len([1 for kind, *_ in line.rings if kind == "text"]) == len(line.calls())
    assert waited[0] == HOUR and waited[1:] == [timedelta(days=1)] * 2
    before, now = len(line.rings), line.now or world.now
    await agent_at(world, now).once()
    await pass_by(world, line, now, timedelta(days=3), HOUR)
    assert len(line.rings) == before


async def test_what_is_not_urgent_rings_nobody(world: World) -> None:
    line = Line()
    await service.file(STRANGER, world.now, world.context, filing())
    await pass_by(world, line, world.now, 2 * HOUR)
    assert line.rings == []


async def test_twenty_urgent_ones_ring_a_number_once_in_fifteen_minutes_and_all_are_rung_for(world: World) -> None:
    line = Line()
    for i in range(20):
        await service.file(STRANGER, world.now, world.context, filing(urgent=True, nonce=bytes([i]) * 32))
        await pass_by(world, line, world.now + i * MINUTE, timedelta(0))
    await pass_by(world, line, world.now + 20 * MINUTE, 2 * HOUR)
    told = [at for at in line.calls() if at]
    assert 3 <= len(told) < 12 and all(b - a >= ringing.EVERY for a, b in pairwise(told))
    (row,) = await fetch("SELECT min(times) AS least FROM reports.ring", engine=REPORTS_DB)
    assert row["least"] >= 1


async def test_two_offices_with_one_number_and_two_workers_ring_it_once(
    committed: str, context: Context, now: datetime, tmp_path: Path
) -> None:
    second = await enrol(context, now, tmp_path / "second", places=("CR-H",))
    world = await made(context, now, tmp_path)
    line = Line()
    line.now = now
    await service.drill(SYSTEM, now, world.context, second, urgent=True)
    await service.file(STRANGER, now, world.context, filing(urgent=True))
    await asyncio.gather(*(ringing.ring(on(world, line), now) for _ in range(2)))
    assert len(line.calls()) == 1


async def test_a_refusal_is_tried_by_the_schedule_and_silence_waits_a_quarter_of_an_hour(world: World) -> None:
    line = Line()
    tried: list[datetime | None] = []

    class Noting(Line):
        async def call(self, to: str, text: str, language: str) -> None:
            tried.append(line.now)
            raise NotTaken("429")

    noting = Noting()
    noting.send_fails = NotTaken("429")
    line = noting
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await pass_by(world, noting, world.now, 5 * HOUR)
    waited = [(b - a) / MINUTE for a, b in pairwise([at for at in tried if at])]
    for cap, minutes in zip((1, 5, 15, 60, 180), waited, strict=False):
        assert cap / 2 - 1 <= minutes <= cap + 1
    tried.clear()
    noting.send_fails = TimeoutError()

    async def silent(to: str, text: str, language: str) -> None:
        tried.append(line.now)
        raise TimeoutError

    noting.call = silent  # type: ignore[method-assign]
    await execute("UPDATE reports.ring SET due_at = $1, attempts = 0", line.now, engine=REPORTS_DB)
    await execute("DELETE FROM reports.rung", engine=REPORTS_DB)
    await pass_by(world, noting, line.now or world.now, 2 * HOUR)
    assert len(tried) >= 3 and all(b - a >= ringing.EVERY for a, b in pairwise([at for at in tried if at]))
    (row,) = await fetch("SELECT done_at, trouble FROM reports.ring", engine=REPORTS_DB)
    assert row["done_at"] is None and row["trouble"] == "TimeoutError"


async def test_a_text_alone_is_not_enough_and_a_call_alone_is(world: World) -> None:
    line = Line()
    line.call_fails = NotTaken("400")
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await pass_by(world, line, world.now, 40 * MINUTE)
    texts = [at for kind, _, at in line.rings if kind == "text" and at]
    assert len(texts) >= 2 and all(b - a >= ringing.EVERY for a, b in pairwise(texts))
    line.call_fails, line.send_fails = None, NotTaken("400")
    await pass_by(world, line, (line.now or world.now) + 4 * HOUR, timedelta(0))
    (row,) = await fetch("SELECT done_at, trouble FROM reports.ring", engine=REPORTS_DB)
    assert row["done_at"] is not None and row["trouble"] == ""


async def test_a_number_that_was_not_read_back_or_is_no_longer_theirs_is_not_rung(world: World) -> None:
    line = Line()
    for post, number in (("turno@upn.test", "+50625550102"), ("antes@upn.test", "+50625550103")):
        contact = await authorities.add_contact(SYSTEM, world.now, world.authority, NewContact(post, post, number))
    await authorities.confirm_number(SYSTEM, world.now, contact, "2555 0103")
    await authorities.end_contact(SYSTEM, world.now, contact)
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await pass_by(world, line, world.now, timedelta(0))
    assert {to for _, to, _ in line.rings} == {DUTY}


async def test_a_number_is_taken_only_as_it_was_read_back(world: World) -> None:
    contact = await authorities.add_contact(
        SYSTEM, world.now, world.authority, NewContact("t", "t@upn.test", "+50625550102")
    )
    for heard in ("2555 0103", "", "+1 2555 0102", "guardia"):
        with pytest.raises(Invalid, match="number-differs"):
            await authorities.confirm_number(SYSTEM, world.now, contact, heard)
    await authorities.confirm_number(SYSTEM, world.now, contact, "2555-0102")


async def test_an_office_without_a_duty_number_is_open_all_the_same_and_is_rung_once_it_has_one(world: World) -> None:
    line = Line()
    await execute("UPDATE public.authority_contact SET number_confirmed_at = NULL")
    assert isinstance(await queries.availability(world.context, "CR-G", "", world.now), gate.Open)
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await pass_by(world, line, world.now, HOUR)
    assert line.rings == []
    await execute("UPDATE public.authority_contact SET number_confirmed_at = $1", world.now)
    await pass_by(world, line, world.now + HOUR, 2 * HOUR)
    assert len(line.calls()) >= 1


async def test_the_next_office_is_rung_when_its_turn_comes(
    committed: str, context: Context, now: datetime, tmp_path: Path
) -> None:
    behind = await enrol(context, now, tmp_path / "second", places=("ZZ",), number="+50625550109")
    world = await made(context, now, tmp_path, then=behind, always_open=False)
    line = Line()
    await service.file(STRANGER, now, world.context, filing(urgent=True))
    await pass_by(world, line, now, 5 * HOUR)
    due = now.replace(minute=0, second=0, microsecond=0) + 4 * HOUR
    first = line.calls("+50625550109")[0]
    assert first is not None and due <= first < due + MINUTE


async def test_a_drill_rings_with_the_very_same_words_and_one_in_four_is_urgent(world: World) -> None:
    line = Line()
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await pass_by(world, line, world.now, timedelta(0))
    await service.drill(SYSTEM, world.now, world.context, world.authority, urgent=True)
    await pass_by(world, line, world.now + 20 * MINUTE, timedelta(0))
    assert len(line.calls()) == 2 and len(line.said) == 2, "one text and one spoken text, whatever it is about"
    (spoken,) = {text for language, text in line.said if language == "es"}
    row = await only(world)
    for word in ("simulacro", "drill", "CR-G", str(row["id"]), "1", "2"):
        assert word not in spoken
    draws, now, urgent = Random(5), world.now, 0
    for _ in range(40):
        now += timedelta(days=7)
        for one in await drilling.drill(world.context, now, drilling.BEAT, draws):
            (sent,) = await fetch(
                "SELECT e.urgent FROM reports.envelope e JOIN reports.drill d ON d.envelope = e.id"
                " WHERE d.sent_at = $1 AND d.authority = $2", now, one, engine=REPORTS_DB,
            )  # fmt: skip
            urgent += sent["urgent"]
    assert 4 <= urgent <= 18


def test_nobody_is_drilled_urgently_while_nobody_is_there() -> None:
    friday = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    hours, late = Hours("weekdays", "08:00", "17:00"), Hours("weekdays", "22:00", "06:00")
    assert hours.open_at(friday) and not hours.open_at(friday.replace(hour=18))
    assert not hours.open_at(friday + timedelta(days=1))
    assert late.open_at(friday + timedelta(hours=19)), "Friday's night, on Saturday morning"
    assert not late.open_at(friday + timedelta(hours=37)) and not late.open_at(friday - timedelta(days=4, hours=5))
    assert Hours().open_at(friday)


async def test_nothing_of_it_tells_the_minute_an_hour_later(world: World) -> None:
    line, at = Line(), world.now.replace(minute=41)
    await service.file(STRANGER, at, world.context, filing(urgent=True))
    await pass_by(world, line, at, timedelta(0))
    await jobs.purge(world.context, at + 2 * HOUR)
    (row,) = await fetch("SELECT * FROM reports.ring", engine=REPORTS_DB)
    assert row["done_at"].minute == 0 and row["due_at"].minute == 0
    assert not await fetch("SELECT 1 FROM reports.rung", engine=REPORTS_DB)
    (said,) = await fetch("SELECT at FROM reports.event WHERE name = 'reports.rung'", engine=REPORTS_DB)
    at_here = said["at"].astimezone(ZoneInfo(world.context.config.time_zone))
    assert at_here.hour == 0 and at_here.minute == 0


async def test_by_default_what_would_be_rung_lies_in_the_spool(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await jobs.beat(world_at(world, world.now), world.now)
    found = [json.loads(path.read_text()) for path in (world.context.config.data / "telephone").iterdir()]
    assert sorted((one["kind"], one["to"]) for one in found) == [("call", DUTY), ("text", DUTY)]
    assert isinstance((await only(world))["id"], UUID)
