"""Check 23: with one key gone the others each open every live report, alone: by the agent's opener and by stock age."""

import asyncio
import secrets
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Role
from registry.core import crypto
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Refusal
from registry.reports import envelope, service
from registry.reports.agent import keys
from tests.channel.result import Result
from tests.registry.reports.test_carry import carried, send
from tests.registry.reports.world import World, filing

OPERATOR = Actor(uuid4(), "Ofelia", frozenset({Role.HOTLINE_OPERATOR}))


async def run(world: World) -> Result:
    await service.file(STRANGER, world.now, world.context, filing(nonce=secrets.token_bytes(32)))
    await service.enter(OPERATOR, world.now, world.context, filing(nonce=secrets.token_bytes(32)))
    await send(world, await carried(world), secrets.token_bytes(32))
    await service.drill(SYSTEM, world.now, world.context, world.authority)
    bodies = await live(world)
    kinds = {row["sealed_by"] for row in await fetch("SELECT sealed_by FROM reports.envelope", engine=REPORTS_DB)}
    opened = 0
    for name in (*keys.WORKING, keys.RECOVERY):
        opened += await asyncio.to_thread(alone, world.folder / name, bodies)
    for name in keys.WORKING:
        (world.folder / name).rename(world.folder / f"{name}.lost")
    done = await world.agent().once()
    whole = 3 * len(bodies) and opened == 3 * len(bodies) and kinds == {"server", "operator", "browser"}
    agent = done.opened == len(bodies) and not done.unreadable and not done.failed
    return Result(
        bool(whole and agent),
        f"{len(bodies)} live envelopes, each of 3 keys alone: {opened} of {3 * len(bodies)} opened twice (pyrage, age);"
        f" an agent with the recovery key only took {done.opened}",
    )


async def live(world: World) -> dict[UUID, tuple[bytes, envelope.Context]]:
    """The age files that nobody acknowledged yet, as an office would get them."""
    rows = await fetch("SELECT * FROM reports.envelope WHERE acknowledged_at IS NULL", engine=REPORTS_DB)
    found = {}
    for row in rows:
        key = await service.erasure(world.context).get(str(row["id"]))
        inside = envelope.Context(
            row["id"], tuple(row["chain"]), tuple(row["key_ids"]), row["directory_version"], row["form"]
        )
        found[row["id"]] = crypto.unseal(key, bytes(row["body"]), row["id"].bytes), inside
    return found


def alone(key: Path, bodies: dict[UUID, tuple[bytes, envelope.Context]]) -> int:
    """How many this key file opens by itself, in both programs."""
    (identity,) = [line for line in key.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-")]
    count = 0
    with TemporaryDirectory() as folder:
        for body, inside in bodies.values():
            file = Path(folder) / "e.age"
            file.write_bytes(body)
            said = subprocess.run(["age", "-d", "-i", key, file], capture_output=True, check=False)
            try:
                proof = envelope.open_sealed(body, [identity], inside).proof
            except Refusal:
                continue
            count += said.returncode == 0 and proof.encode() in said.stdout
    return count
