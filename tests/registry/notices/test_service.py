"""Notices on a real database: a stranger's role can leave one and read none; an officer closes it with words."""

from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from registry.access.actor import STRANGER, Actor
from registry.access.permissions import Role
from registry.core.db import PUBLIC_DB, execute, fetch
from registry.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound
from registry.notices import queries, service
from registry.notices.rules import About, State
from tests.conftest import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed")]
OLGA = Actor(UUID(int=7), "Olga", frozenset({Role.OFFICER}))
IRENE = Actor(UUID(int=8), "Irene", frozenset({Role.ASSOCIATION_ADMIN}), frozenset({(Role.ASSOCIATION_ADMIN, uuid4())}))
CODE = "7K3M9QXT2W4HVN40"


async def left(about: About = About.MISMATCH, seen: str = "TSJ 9999") -> UUID:
    return await service.notice(STRANGER, NOW, about, CODE, seen)


async def test_a_notice_reaches_the_officer_and_the_trail() -> None:
    id = await left()
    [found] = await queries.visible_to(OLGA, State.OPEN)
    assert (found.id, found.about, found.code, found.seen, found.alike) == (id, "mismatch", CODE, "TSJ 9999", 1)
    assert await queries.waiting(OLGA, NOW) == 1
    [entry] = await fetch("SELECT actor, event, details::text FROM trail_entry WHERE subject = $1", id)
    assert (entry["event"], entry["actor"]) == ("notices.received", STRANGER.id)
    assert "9999" not in entry["details"], "what was seen is nobody's in the trail"


async def test_the_same_notice_twice_is_one() -> None:
    assert await left() == await left()
    assert await queries.waiting(OLGA, NOW) == 1
    assert len(await fetch("SELECT 1 FROM trail_entry WHERE event = 'notices.received'")) == 1


async def test_nobody_else_sees_notices() -> None:
    id = await left()
    assert await queries.visible_to(IRENE, State.OPEN) == []
    assert await queries.waiting(STRANGER, NOW) == 0
    with pytest.raises(NotFound):
        await queries.one(IRENE, id)
    with pytest.raises(Forbidden):
        await service.close(IRENE, NOW, id, "something long enough")


async def test_the_strangers_role_may_read_nothing_and_write_nothing_else() -> None:
    for statement in ("SELECT * FROM mismatch_notice", "DELETE FROM mismatch_notice", "SELECT * FROM trail_entry"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch(statement, engine=PUBLIC_DB)


async def test_a_notice_needs_to_say_which_seal() -> None:
    with pytest.raises(Invalid, match="notice-without-code"):
        await service.notice(STRANGER, NOW, About.MISMATCH, " \n", "x")


async def test_a_flood_about_one_seal_fills_nobodys_list() -> None:
    for number in range(30):
        await left(seen=f"plate {number}")
    assert await queries.waiting(OLGA, NOW) == 20


async def test_a_flood_of_all_is_told_to_come_back() -> None:
    await execute(
        "INSERT INTO mismatch_notice (id, about, code, seen, told_on, state, outcome)"
        " SELECT gen_random_uuid(), 'mismatch', n::text, '', $1, 'open', '' FROM generate_series(1, 5000) n",
        NOW.date(),
    )
    with pytest.raises(Busy):
        await left()
    assert await service.notice(STRANGER, NOW + timedelta(days=1), About.MISMATCH, CODE, "")


async def test_closing_says_what_was_found_once() -> None:
    id = await left()
    with pytest.raises(Invalid):
        await service.close(OLGA, NOW, id, "short")
    await service.close(OLGA, NOW, id, "Visited: the sticker belongs to another car.")
    assert await queries.visible_to(OLGA, State.OPEN) == []
    assert (await queries.one(OLGA, id)).outcome.startswith("Visited")
    with pytest.raises(Conflict):
        await service.close(OLGA, NOW, id, "and once more, to be certain")
    with pytest.raises(NotFound):
        await service.close(OLGA, NOW, uuid4(), "there is no such notice")
