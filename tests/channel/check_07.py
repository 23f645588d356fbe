"""7. Replace an authority key in the database, roll the directory back, let it expire, sign with another root: the
register will not seal, a browser will not seal, and the agent raises an alarm."""

import asyncio
import json
import secrets
import sys
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from registry.access.actor import STRANGER
from registry.authorities import directory as directories
from registry.authorities import queries as authorities
from registry.core import crypto
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Refusal
from registry.reports import gate, queries, service
from tests.channel.result import Result
from tests.registry.reports import world as worlds
from tests.registry.reports.world import World

BROWSER = Path(__file__).with_name("browser_07.js")
LIE = "age1" + "q" * 58


async def run(world: World) -> Result:
    older, good = await world.context.published.get(authorities.DIRECTORY_KEY), await _again(world)
    used = await _attempt(world, good, world.now)
    if used != (True, True, True):
        return Result(False, f"the directory itself was refused by one of register, browser, agent: {used}")
    before, refused = await _kept(), []
    for name, document, at in _attacks(world, older, good):
        await world.context.published.put(authorities.DIRECTORY_KEY, document, content_type="application/json")
        refused.append((name, await _attempt(world, document, at)))
    await world.context.published.put(authorities.DIRECTORY_KEY, good, content_type="application/json")
    bad = [name for name, let in refused if any(let)]
    kept = await _kept() - before
    asked = f"{len(refused)} attacks on register, browser and agent, {3 * len(refused)} refusals wanted"
    told = f"let through: {', '.join(bad)}" if bad else f"all given; {kept} envelopes kept meanwhile"
    return Result(not bad and kept == 0, f"{asked}, {told}")


async def _kept() -> int:
    return int((await fetch("SELECT count(*) AS n FROM reports.envelope", engine=REPORTS_DB))[0]["n"])


async def _again(world: World) -> bytes:
    """A second version, so that there is an older one to roll back to."""
    return await worlds.sign_directory(world.context, world.now, world.root)


def _attacks(world: World, older: bytes, good: bytes) -> list[tuple[str, bytes, datetime]]:
    found = directories.read(good)
    (record, *others) = found.directory.records
    lied = msgspec.structs.replace(record, working=(LIE, *record.working[1:]))
    swapped = msgspec.structs.replace(found.directory, records=(lied, *others))
    newer = msgspec.structs.replace(
        swapped, version=found.directory.version + 1, previous=directories.digest(found.directory)
    )
    stranger = crypto.FileSigner.make(world.folder.parent / f"stranger-{secrets.token_hex(4)}" / "root.pem")
    signed_over = directories.Signed(swapped, found.signatures)
    late = found.directory.expires_at + timedelta(seconds=1)
    return [
        ("a replaced key under the old signature", msgspec.json.encode(signed_over), world.now),
        ("an older version that was good once", older, world.now),
        ("an expired directory", good, late),
        ("another root", directories.sign(newer, stranger), world.now),
        ("no signature", directories.sign(newer), world.now),
    ]


async def _attempt(world: World, document: bytes, at: datetime) -> tuple[bool, bool, bool]:
    """Who would still use it: the register, a browser, the authority's agent."""
    return await _register(world, at), await _browser(world, document, at), _agent(world, document, at)


async def _register(world: World, at: datetime) -> bool:
    opening = await queries.availability(world.context, "CR-G", "", at)
    try:
        await service.file(STRANGER, at, world.context, worlds.filing(nonce=secrets.token_bytes(32)))
    except Refusal:
        return isinstance(opening, gate.Open) or gate.Reason.NO_DIRECTORY not in opening.reasons
    return True


async def _browser(world: World, document: bytes, at: datetime) -> bool:
    """The browser's own code. The page names the version that the register accepts: what `report.js` compares with."""
    (row,) = await fetch("SELECT max(version) AS version FROM authority_directory")
    root = authorities.root(world.context.config)
    asked = {
        "file": document.decode(), "root": {"threshold": root.threshold, "keys": list(root.keys)},
        "now": at.isoformat(), "version": row["version"],
    }  # fmt: skip
    node = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("node")), str(BROWSER),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await node.communicate(json.dumps(asked).encode())
    return said.strip() == b"sealed"


def _agent(world: World, document: bytes, at: datetime) -> bool:
    """The agent remembers what it saw, so the newest good one was shown to it first."""
    try:
        world.agent(at).directory(document)
    except Refusal:
        return False
    return True
