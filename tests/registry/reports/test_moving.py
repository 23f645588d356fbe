"""A worry about a child typed into a complaint is moved by a person, and only a number stays (checks 20 and 21)."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from registry.access.actor import STRANGER, Actor
from registry.access.permissions import Role
from registry.complaints import handling, queries, service
from registry.complaints.rules import Aside, Outcome
from registry.complaints.schemas import Lodge
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Conflict
from registry.reports import jobs, moving
from tests import people
from tests.conftest import Browser
from tests.registry.reports.looks import only
from tests.registry.reports.world import World

OLGA = Actor(UUID(int=7), "Olga", frozenset({Role.OFFICER}))
WORDS = "En el hotel vi a una adolescente con un señor que pagó por ella en la recepción."


async def lodged(now: datetime) -> UUID:
    form = uuid4()
    await service.lodge(STRANGER, now, Lodge("holder", WORDS, "Río Manso", form=form))
    return form


async def test_the_words_reach_the_authority_once_and_leave_a_number(world: World) -> None:
    one = await lodged(world.now)
    found = await moving.words(OLGA, "complaint", one)
    for _ in range(2):
        await moving.seal(OLGA, world.now, world.context, found, "CR-G")
    await moving.take_out(OLGA, world.now, world.context, found)
    assert (await only(world))["urgent"] is False
    seen = await queries.one(OLGA, one)
    assert (seen.outcome, seen.text, seen.named, seen.number) == (Outcome.ELSEWHERE, "", "", "Q-2026-0001")
    tables = [line["name"] for line in await fetch(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")]  # fmt: skip
    for table in tables:
        rows = await fetch(f"SELECT t::text AS row FROM {table} t WHERE t::text LIKE '%adolescente con un señor%'")
        assert rows == [], table


async def test_what_was_sealed_opens_at_the_authority_with_its_number(world: World) -> None:
    one = await lodged(world.now)
    await moving.seal(OLGA, world.now, world.context, await moving.words(OLGA, "complaint", one), "CR-G")
    await jobs.deliver(world.context, world.now + timedelta(minutes=20))
    await world.agent().once()
    opened = [path.read_text() for path in world.folder.rglob("*") if path.is_file() and "Q-2026" in _text(path)]
    assert any(WORDS in text for text in opened)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


async def test_nothing_tells_it_from_any_other_that_was_set_aside(world: World) -> None:
    moved, other = await lodged(world.now), await lodged(world.now)
    found = await moving.words(OLGA, "complaint", moved)
    await moving.seal(OLGA, world.now, world.context, found, "CR-G")
    await moving.take_out(OLGA, world.now, world.context, found)
    await handling.set_aside(OLGA, world.now, other, Aside.ELSEWHERE)
    rows = await fetch("SELECT * FROM complaint ORDER BY lodged_at")
    same = [{k: v for k, v in row.items() if k not in ("id", "number", "secret_sha256", "sha256")} for row in rows]
    assert same[0] == same[1]
    steps = [
        await fetch("SELECT act, state, note, taken_by FROM complaint_step WHERE complaint = $1 ORDER BY act", one)
        for one in (moved, other)
    ]
    assert steps[0] == steps[1]
    trails = [
        await fetch("SELECT actor, event, details FROM trail_entry WHERE subject = $1 ORDER BY id", one)
        for one in (moved, other)
    ]
    assert trails[0] == trails[1]


async def test_where_nobody_receives_it_nothing_is_lost(world: World) -> None:
    one = await lodged(world.now)
    found = await moving.words(OLGA, "complaint", one)
    with pytest.raises(Conflict, match="report-closed"):
        await moving.seal(OLGA, world.now, world.context, found, "CR-L")
    assert WORDS in (await queries.one(OLGA, one)).text
    assert (
        await fetch(
            "SELECT 1 FROM reports.envelope WHERE id NOT IN (SELECT envelope FROM reports.drill)", engine=REPORTS_DB
        )
        == []
    )


async def test_the_page_shows_whom_to_call_and_takes_nothing_out_before(
    sign_in: Browser, client: httpx.AsyncClient
) -> None:
    form = uuid4()
    given = {
        "id": str(form), "actor": str(STRANGER.id), "at": "2026-11-20T15:12:00+00:00", "on": "2026-11-20",
        "about": "holder", "named": "", "text": WORDS, "contact": "", "language": "es",
        "acknowledge_by": "2026-11-25", "answer_by": "2027-01-19",
    }  # fmt: skip
    await fetch("SELECT lodge_complaint($1::jsonb, $2, $3)", json.dumps(given), b"s", b"h")
    olga = await sign_in(people.OLGA)
    at, about = "/desk/elsewhere", {"what": "complaint", "id": str(form)}
    first = await olga.post(at, data=about)
    assert first.status_code == 200 and WORDS in first.text
    shown = await olga.post(at, data=about | {"place": "CR-P"})
    assert 'name="called"' in shown.text
    assert str(form) not in str(shown.url) and (await olga.get(f"{at}/complaint/{form}")).status_code == 404
    about |= {"place": "CR-P", "act": "move"}
    assert (await olga.post(at, data=about)).status_code == 422
    assert WORDS in (await olga.get(f"/desk/complaints/{form}")).text
    assert (await olga.post(at, data=about | {"called": "yes"})).status_code == 303
    after = await olga.get(f"/desk/complaints/{form}")
    assert WORDS not in after.text
    for person in (people.DORA, people.ANA, people.CARLA):
        assert (await (await sign_in(person)).post(at, data=about)).status_code in (403, 404)
