"""What stands behind a decision, unit by unit: a group that comes back, and a snapshot that is the database of its
instant."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.certification import service as certification
from registry.certification import suspension
from registry.certification.schemas import InternalCheck
from registry.clients.tables import Worker
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.ids import uuid7
from registry.seals import outside, service, snapshot
from registry.seals.rules import Act
from tests.registry.certification.scene import BRUNO, DORA, REASON
from tests.registry.seals.test_service import audited, group, seals, told

pytestmark = pytest.mark.anyio


async def test_a_whole_group_is_not_valid_at_once_and_only_members_in_order_come_back(
    db: None, context: Context, now: datetime
) -> None:
    """domain.md 8, check 8: one was suspended by name; while the group was, one ended its commitment, one has a new
    driver whom nobody trained, and one failed the association's own check."""
    here, case = await group(context, now, 20)
    named, unsigned, untrained, failed = here.units[:4]
    await certification.suspend(DORA, now, case, REASON, [named])
    await certification.suspend(DORA, now, case, REASON)
    await told(context, now)
    found = await audited(context)
    assert (found.valid, found.suspended) == (0, 20)
    later = now + timedelta(days=9)
    await execute("UPDATE commitment SET ended_at = $2 WHERE client = $1", here.clients[1], later)
    await Worker(
        id=uuid7(), client=here.clients[2], name="Chofer nuevo", post="driver", created_at=later, started_on=now.date()
    ).save()
    await certification.check_unit(here.ines, later, case, failed, InternalCheck(passed=False, notes="Sin cartel"))
    await suspension.verify_cause(BRUNO, later, case, REASON)
    await certification.reinstate(DORA, later, case, REASON)
    await told(context, later)
    states = {row["unit"]: row["state"] for row in await seals(case)}
    assert [states.pop(unit) for unit in (named, unsigned, untrained, failed)] == ["suspended"] * 4
    assert set(states.values()) == {"valid"} and len(states) == 16
    found = await audited(context)
    assert (found.valid, found.suspended) == (16, 4)
    (kept_back,) = await fetch(
        "SELECT units, reason, cause FROM decision WHERE certification = $1 AND decided_at = $2 AND act = 'suspend'",
        case, later,
    )  # fmt: skip
    assert set(kept_back["units"]) == {unsigned, untrained, failed} and "Not in order" in kept_back["reason"]


async def test_the_snapshot_counts_and_says_what_the_database_said_at_its_instant(
    db: None, context: Context, now: datetime
) -> None:
    """seals.md 7, check 14: each seal, of each state, opened with its code; and what is decided later is not in it."""
    here, case = await group(context, now, 6)
    iat = now + timedelta(hours=1)
    await service.suspend(SYSTEM, iat, case, here.units[:1])
    await service.revoke(SYSTEM, iat, case, here.units[1:2], Act.WITHDRAW)
    await service.revoke(SYSTEM, iat, case, here.units[2:3], Act.END)
    await service.publish(SYSTEM, iat, context)
    then = await seals(case)
    await service.suspend(SYSTEM, iat + timedelta(minutes=1), case, here.units[3:5])  # and nobody has published it yet
    copy = await outside.read(context.published.get)
    assert datetime.fromtimestamp(copy.manifest.iat, UTC) == iat
    assert copy.manifest.count == sum(len(shard.records) for shard in copy.shards) == len(then) == 6
    records = {record.key: (record, shard.seq) for shard in copy.shards for record in shard.records}
    names = ("state", "since", "valid_from", "valid_until", "serial", "status_index", "credential")
    for row in then:
        entry = snapshot.reveal(*records[snapshot.address(str(row["code"]))], str(row["code"]))
        assert {name: getattr(entry, name) for name in names} == {name: row[name] for name in names}
        plate = msgspec.json.decode(str(row["facts"]))["plate"]
        assert entry.facts.plate == plate != ""
    assert sorted(str(row["state"]) for row in then) == ["ended", "suspended", "valid", "valid", "valid", "withdrawn"]
    assert [row["state"] for row in await seals(case)] != [row["state"] for row in then]
