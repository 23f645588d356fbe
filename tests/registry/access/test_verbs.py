"""A verb: permitted once, all or nothing, and the same id never twice."""

from datetime import datetime
from uuid import UUID

import anyio
import pytest

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Permission
from registry.access.verbs import VERBS, verb
from registry.core.db import fetch
from registry.core.errors import Conflict, Forbidden
from registry.core.ids import uuid7
from registry.trail import service as trail

calls: list[UUID] = []


@verb(Permission.CLIENTS_ENROL)
async def note(actor: Actor, now: datetime, subject: UUID, *, fail: bool = False) -> UUID:
    calls.append(subject)
    await trail.record(actor, now, "test.noted", subject)
    if fail:
        raise RuntimeError("after writing")
    return subject


VERBS.pop(f"{__name__}.note")


async def entries(subject: UUID) -> int:
    rows = await fetch("SELECT count(*) AS n FROM trail_entry WHERE subject = $1", subject)
    return int(rows[0]["n"])


async def test_a_failed_verb_leaves_nothing_behind(db: None, now: datetime) -> None:
    subject = uuid7()
    with pytest.raises(RuntimeError):
        await note(SYSTEM, now, subject, fail=True)
    assert await entries(subject) == 0


async def test_without_the_permission_nothing_happens_and_the_trail_says_so(db: None, now: datetime) -> None:
    subject = uuid7()
    with pytest.raises(Forbidden):
        await note(STRANGER, now, subject)
    rows = await fetch("SELECT event, details FROM trail_entry WHERE subject = $1", subject)
    assert [row["event"] for row in rows] == ["access.refused"] and "permission-missing" in rows[0]["details"]


async def test_the_same_id_gives_the_first_answer_and_does_nothing(db: None, now: datetime) -> None:
    one, other, once = uuid7(), uuid7(), uuid7()
    assert await note(SYSTEM, now, one, once=once) == one
    assert await note(SYSTEM, now, other, once=once) == one
    assert await entries(one) == 1 and await entries(other) == 0


async def test_another_actor_cannot_read_an_answer_by_guessing_its_id(db: None, now: datetime) -> None:
    once = uuid7()
    await note(SYSTEM, now, uuid7(), once=once)
    other = Actor(uuid7(), "other", SYSTEM.roles)
    with pytest.raises(Conflict):
        await note(other, now, uuid7(), once=once)


async def test_two_at_once_with_one_id_happen_once(committed: str, now: datetime) -> None:
    subject, once, answers = uuid7(), uuid7(), []

    async def ask() -> None:
        answers.append(await note(SYSTEM, now, subject, once=once))

    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(ask)
    assert answers == [subject] * 6
    assert await entries(subject) == 1
