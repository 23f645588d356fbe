"""Publishing a code of conduct, and that nobody can change it afterwards."""

from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, NotFound
from registry.core.ids import uuid7
from registry.schemes import content, queries, service
from registry.schemes.schemas import Publish
from tests.registry.learning import CODE, OFFICER, person


def numbered(number: str) -> content.Content:
    return msgspec.structs.replace(CODE, number=number)


async def test_before_anything_is_published_there_is_no_code(db: None, now: datetime) -> None:
    with pytest.raises(NotFound, match="scheme-not-found"):
        await queries.current("sectt-code", now)


async def test_the_same_text_is_published_once(db: None, now: datetime) -> None:
    first = await service.publish(OFFICER, now, Publish(CODE, now.date()))
    again = await service.publish(OFFICER, now + timedelta(days=9), Publish(CODE, now.date()))
    assert first == again
    assert len(await fetch("SELECT FROM scheme_version")) == 1
    assert len(await fetch("SELECT FROM trail_entry WHERE event = 'schemes.published'")) == 1


async def test_what_is_read_is_what_was_published_with_its_hash(db: None, now: datetime) -> None:
    id = await service.publish(SYSTEM, now, Publish(CODE, now.date()))
    version = await queries.current("sectt-code", now)
    assert version.id == id and version.content == CODE
    (row,) = await fetch("SELECT content, sha256 FROM scheme_version")
    assert content.fingerprint(row["content"].encode()) == row["sha256"] == version.sha256
    assert version.slogan["vehicle"]["es"].startswith("Este vehículo apoya la red")
    assert version.term["pt"].promises[3].startswith("incluir a mesma promessa")
    assert len(version.questions) == 40 and version.attestation == "certification"
    assert dict(version.parameters)["coverage_total"] == 80, "rooms may read parameters as a mapping"


async def test_a_newer_text_takes_over_on_its_day_and_the_old_one_stays_readable(db: None, now: datetime) -> None:
    old = await service.publish(OFFICER, now, Publish(CODE, now.date()))
    new = await service.publish(OFFICER, now, Publish(numbered("1.1"), now.date() + timedelta(days=40)))
    assert (await queries.current("sectt-code", now + timedelta(days=39))).id == old
    assert (await queries.current("sectt-code", now + timedelta(days=40))).id == new
    assert (await queries.version(old)).content == CODE
    assert await queries.superseded_on({old, new}) == {old: now.date() + timedelta(days=40)}
    assert [(line.number, line.current) for line in await queries.lines(now)] == [("1.1", False), ("1.0", True)]


async def test_a_number_that_was_used_is_taken_for_ever(db: None, now: datetime) -> None:
    await service.publish(OFFICER, now, Publish(CODE, now.date()))
    other = msgspec.structs.replace(CODE, attestation="recognition")
    with pytest.raises(Conflict, match="scheme-version-frozen"):
        await service.publish(OFFICER, now, Publish(other, now.date()))


@pytest.mark.parametrize("statement", [
    "UPDATE scheme_version SET effective_on = '2020-01-01'",
    "UPDATE scheme_version SET content = '{}'",
    "DELETE FROM scheme_version",
])  # fmt: skip
async def test_the_database_itself_refuses_to_change_a_version(db: None, now: datetime, statement: str) -> None:
    await service.publish(OFFICER, now, Publish(CODE, now.date()))
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        async with transaction():
            await execute(statement)


@pytest.mark.parametrize(
    "role", [Role.ASSOCIATION_ADMIN, Role.REPRESENTATIVE, Role.TRAINER, Role.AUDITOR, Role.DECIDER]
)
async def test_only_officers_publish(db: None, now: datetime, role: Role) -> None:
    with pytest.raises(Forbidden):
        await service.publish(person("X", role, uuid7()), now, Publish(CODE, now.date()))
