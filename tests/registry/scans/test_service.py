"""Counts on a real database: the stranger's role may only add, officers alone read, and 90 days later they are gone."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from registry.access.actor import STRANGER, Actor
from registry.access.permissions import Role
from registry.core.db import PUBLIC_DB, fetch
from registry.core.errors import Forbidden
from registry.scans import queries, service
from registry.scans.counter import Counter
from registry.scans.rules import Hint, Kind
from tests.conftest import NOW
from tests.people import OLGA

pytestmark = pytest.mark.anyio
OFFICER = Actor(UUID(int=7), "Olga", frozenset({Role.OFFICER}))
IRENE = Actor(UUID(int=8), "Irene", frozenset({Role.ASSOCIATION_ADMIN}), frozenset({(Role.ASSOCIATION_ADMIN, uuid4())}))
CODE = "7K3M9QXT2W4HVN8C"
DAY = date(2026, 11, 20)


async def test_counts_of_a_day_add_up_and_old_ones_are_forgotten(committed: str) -> None:
    for _ in range(2):
        await service.add({(CODE, "valid", "CR-SJ"): 3, ("", "unknown", "unknown"): 1}, DAY)
    await service.add({(CODE, "valid", "CR-SJ"): 9}, DAY - timedelta(days=91))
    rows = await fetch("SELECT code, day, region, state, times AS count FROM scan_count ORDER BY day, code")
    assert [row["count"] for row in rows] == [9, 2, 6]
    await service.forget(NOW)
    assert {row["day"] for row in await fetch("SELECT day FROM scan_count")} == {DAY}
    for statement in ("SELECT * FROM scan_count", "DELETE FROM scan_count", "UPDATE scan_count SET times = 0"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch(statement, engine=PUBLIC_DB)


async def test_a_row_has_no_place_for_anything_that_points_at_somebody(db: None) -> None:
    columns = await fetch("SELECT attname FROM pg_attribute WHERE attrelid = 'scan_count'::regclass AND attnum > 0")
    assert {row["attname"] for row in columns} == {"id", "code", "day", "region", "state", "times"}


async def test_a_batch_waits_while_the_database_is_away(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()
    counter.count((CODE, "valid"), {})

    async def away(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched, pytest.raises(ConnectionError):
        patched.setattr(service, "add", away)
        await service.flush(counter, NOW, "America/Costa_Rica")
    assert await service.flush(counter, NOW, "America/Costa_Rica") == 1


async def test_officers_read_hints_and_nobody_else(db: None) -> None:
    await fetch("INSERT INTO scan_count (code, day, region, state, times) SELECT $1, $2, r, 'valid', 1"
                " FROM unnest($3::text[]) r", CODE, DAY, ["CR-SJ", "CR-P", "CR-L"])  # fmt: skip
    assert await queries.hints_of(OFFICER, [CODE], NOW) == {CODE: [Hint(Kind.REGIONS, DAY, 3)]}
    assert list(await queries.remarkable(OFFICER, NOW)) == [CODE]
    for other in (IRENE, STRANGER):
        assert await queries.hints_of(other, [CODE], NOW) == {}
        assert await queries.remarkable(other, NOW) == {}
        with pytest.raises(Forbidden):
            await queries.told(other, NOW)


async def test_the_officer_sees_look_ups_and_hints_in_words(sign_in, db: None) -> None:  # type: ignore[no-untyped-def]
    for region, state in (("CR-SJ", "valid"), ("CR-P", "valid"), ("CR-L", "valid"), ("unknown", "suspended")):
        await fetch("INSERT INTO scan_count (code, day, region, state, times) VALUES ($1, $2, $3, $4, 6)",
                    CODE, DAY, region, state)  # fmt: skip
    olga: httpx.AsyncClient = await sign_in(OLGA)
    page = (await olga.get("/desk/scans", headers={"accept-language": "es"})).text
    assert "Se consultó en 3 regiones en un mismo día: puede haber una copia." in page
    assert "mientras no estaba vigente" in page
    assert 'href="/s/7K3M9QXT2W4HVN8C"' in page
