"""The run: a register grows to each size, is published, and its page is measured against a bare server and nginx.

Every figure of one run comes from the same machine in the same minutes: servers on one core, the load on another.
"""

import asyncio
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from registry import config as configuration
from registry import reactions
from registry.access.actor import SYSTEM
from registry.bench import load, world
from registry.core import db
from registry.core.clock import utc_now
from registry.core.context import Context
from registry.core.db import fetch, transaction
from registry.house import context_of, database
from registry.outbox import service as outbox
from registry.schemes import content
from registry.schemes import queries as schemes
from registry.schemes import service as schemes_service
from registry.schemes.schemas import Publish
from registry.seals import edition, evidence, lists, publishing, register, service, status_list
from registry.seals.lists import Moves
from registry.seals.publication import Press

SCHEME, BUNDLED = "sectt-code", content.DATA / "sectt-code-1"
MANY = 4000  # codes that are asked for in turn at random, as a country's travellers do
ONCE = 400_000  # codes of the miss path, at most: each asked for once
DECISIONS, PROOFS = 30, 200
ROUNDS = 3
WHAT = {
    "bare_rps": "an ASGI hello of the page's size on the same server, one address",
    "bare_many_rps": "the same, asked by the script that asks for many codes",
    "nginx_rps": "nginx, one worker, the same bytes from disk, one address",
    "cached_rps": "the page of one seal, prepared, at the largest size",
    "verdict_rps": f"pages of {MANY} seals drawn at random, by size of the register: nearly all prepared",
    "verdict_304_rps": "one page, asked with the ETag of the copy before",
    "miss_rps": "every page asked for once, so that each is made, by size of the register",
    "decision_to_page_p95_seconds": "at the largest size, from calling the seals' verb of a suspension, through its"
    " commit, outbox, publication and follower, to the page that says so; the decision's own transaction, which"
    " `registry demo --json` measures with it, comes before",
    "snapshot_seconds": "every shard, the table and the manifest from the database, nothing kept, at the largest size",
    "status_list_seconds": "every list from the database, signed and written, at the largest size",
    "proof_ms": "p95 of /s/CODE/proof.txt over HTTP at the largest size",
    "world": "rows by COPY in the real formats, each seal with its own signed credential and leaf; tags of plates are"
    " random; credentials are not written as files",
}


async def run(folder: Path, sizes: list[int], said: Callable[[str], None]) -> dict[str, Any]:
    """All figures of one run. `said` is told what is going on."""
    load.tools("wrk", "nginx")
    port = load.free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"REGISTRY_DATA": str(folder / "house"), "REGISTRY_ORIGIN": address, "REGISTRY_WORKER": "0"}
    config = configuration.read(settings)
    outbox.listen(reactions.REACTIONS)
    found: dict[str, Any] = {"sizes": sizes, "verdict_rps": {}, "miss_rps": {}, "what": WHAT, "machine": _machine()}
    async with database(config) as url:
        context = context_of(config)
        version = await scheme(utc_now())
        await service.publish(SYSTEM, utc_now(), context)  # the house's keys are leaves before anything is signed
        have = 0
        for size in sizes:
            said(f"{size:,} seals: making them")
            begun = time.monotonic()
            await world.grow(
                db.address(config, url, None), config.data / "keys", Press.of(context).issuer, version,
                utc_now(), have, size,
            )  # fmt: skip
            have = size
            said(f"{size:,} seals: publishing ({time.monotonic() - begun:.0f} s to make)")
            done = await _published(context)
            found |= {"snapshot_seconds": done["snapshot"] + done["manifest"], "log_seconds": done["log"]}
            said(f"{size:,} seals: asking for pages ({done['snapshot']:.1f} s for the snapshot)")
            async with _served(context, settings, port, f"{address}/S/{world.code(3)}") as started:
                found |= {"start_seconds": started}
                await asyncio.to_thread(_pages, found, folder, address, size, size == sizes[-1])
                found["resident_mb"] = _resident(port)
                if size == sizes[-1]:
                    said(f"{size:,} seals: decisions, lists and proofs")
                    found["status_list_seconds"] = await _lists(context)
                    found["proof_ms"] = await asyncio.to_thread(_proofs, address, size)
                    found["decision_to_page_p95_seconds"] = await _decisions(context, address, size)
    return found


async def scheme(now: datetime) -> UUID:
    """A scheme version to refer to."""
    await schemes_service.publish(SYSTEM, now, Publish(content.load(BUNDLED), now.date()))
    return (await schemes.current(SCHEME, now)).id


async def _published(context: Context) -> dict[str, float]:
    """Everything from nothing, without the files of credentials; seconds by part."""
    async with transaction():
        await publishing.alone()
        done = await edition.run(context, utc_now(), whole=True, credentials=False)
    assert done is not None
    return done.seconds


@asynccontextmanager
async def _served(context: Context, settings: dict[str, str], port: int, url: str) -> AsyncIterator[float]:
    """The stranger's door as a process of its own; yields the seconds until it answered with a page."""
    await service.publish(SYSTEM, utc_now(), context)
    command = [sys.executable, "-m", "registry", "serve", "--only", "public", "--port", str(port)]
    begun = time.monotonic()
    with load.running(command, url, **settings):
        await asyncio.to_thread(load.wait_until, url, 200)
        yield time.monotonic() - begun


def _pages(found: dict[str, Any], folder: Path, address: str, size: int, last: bool) -> None:
    chance = random.Random(size)
    # Codes whose seal is valid, so that every answer is a page and none an error.
    numbers = [n for n in (chance.sample(range(size), min(size, 2 * MANY))) if n % 100 > 2][:MANY]
    many = load.script(folder / "many.lua", [f"/S/{world.code(n)}" for n in numbers], at_random=True)
    page = load.page_of(address, f"/S/{world.code(3)}")
    with load.bare(folder, len(page.body)) as hello:
        load.rate(f"{address}/", script=many, seconds=2, best_of=1)  # prepared
        targets: dict[str, tuple[str, dict[str, Any]]] = {"verdict": (f"{address}/", {"script": many}),
                                                         "bare_many": (hello, {"script": many})}  # fmt: skip
        if not last:
            runs = _interleaved(targets)
        else:
            with load.nginx_static(folder, page.body) as static:
                tag = load.etag(address, page.path)
                hot = f"{address}{page.path}"
                targets |= {"bare": (hello, {}), "nginx": (static, {}), "cached": (hot, {}),
                            "verdict_304": (hot, {"headers": (f"if-none-match: {tag}",)})}  # fmt: skip
                runs = _interleaved(targets)
            found |= {f"{name}_rps": runs[name] for name in ("bare", "nginx", "cached", "verdict_304", "bare_many")}
            found["page_bytes"] = len(page.body)
    found["verdict_rps"][str(size)] = runs["verdict"]
    found.setdefault("bare_many_by_size", {})[str(size)] = runs["bare_many"]
    once = [f"/S/{world.code(n)}" for n in range(size) if n % 100 > 2][:ONCE]
    misses = load.script(folder / "once.lua", once, at_random=False)
    # No warm-up, and no longer than there are codes: the second time a page is asked for it is prepared.
    seconds = 4 if len(once) > 40_000 else 1
    found["miss_rps"][str(size)] = load.rate(f"{address}/", script=misses, seconds=seconds, best_of=1, warm=False)


def _interleaved(targets: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, float]:
    runs: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, (url, options) in targets.items():
            runs[name].append(load.rate(url, seconds=2, best_of=1, **options))
    return {name: statistics.median(some) for name, some in runs.items()}


async def _lists(context: Context) -> float:
    """Every status list, from the rows."""
    press, begun = Press.of(context), time.monotonic()
    async with transaction():
        moves: Moves = {}
        last = await register.last_status()
        async for rows in register.states(1, status_list.list_of(last)):
            moves |= {row["status_index"]: state for row in rows if (state := evidence.state(row))}
        await lists.write(press, utc_now(), moves, lists.touched(moves, last, True), None, anew=True)
    return time.monotonic() - begun


def _proofs(address: str, size: int) -> float:
    chance, taken = random.Random(7), []
    with httpx.Client() as client:
        for _ in range(PROOFS):
            begun = time.monotonic()
            client.get(f"{address}/s/{world.code(chance.randrange(size))}/proof.txt").raise_for_status()
            taken.append(1000 * (time.monotonic() - begun))
    return statistics.quantiles(taken, n=20)[-1]


async def _decisions(context: Context, address: str, size: int) -> float:
    """Suspensions one after the other, with a worker as `registry serve` runs it."""
    stopping, chance = asyncio.Event(), random.Random(11)
    working = asyncio.create_task(outbox.work(context, stopping))
    numbers = [n for n in chance.sample(range(size), min(size, 2 * DECISIONS)) if n % 100 > 2][:DECISIONS]
    taken = []
    async with httpx.AsyncClient(base_url=address, headers={"accept-language": "es"}) as client:
        for number in numbers:
            code = world.code(number)
            [row] = await fetch("SELECT certification, unit FROM seal WHERE code = $1", code)
            begun = time.monotonic()
            await service.suspend(SYSTEM, utc_now(), row["certification"], [row["unit"]])
            while 'class="verdict suspended"' not in (await client.get(f"/S/{code}")).text:
                await asyncio.sleep(0.005)
                if time.monotonic() - begun > 60:
                    raise TimeoutError(f"{code} does not say that it is suspended")
            taken.append(time.monotonic() - begun)
    stopping.set()
    await working
    return statistics.quantiles(taken, n=20)[-1]


def _resident(port: int) -> float:
    """Resident memory of the process that answers on this port, in MB; 0 where the system does not say."""
    return load.resident_mb(port)


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}


def worded(found: dict[str, Any]) -> list[str]:
    """The figures beside their goals, a line each; those that are missed begin with "!"."""
    largest = str(found["sizes"][-1])
    hits = found["verdict_rps"]
    flat = min(hits.values()) / max(hits.values())
    goals = [
        ("verdict page, many codes, largest register, requests a second", f"{hits[largest]:,.0f}", "", True),
        ("  of a bare hello asked the same way", _ratio(hits[largest], found["bare_many_rps"]), ">= 0.90",
         hits[largest] >= 0.9 * found["bare_many_rps"]),
        ("  smallest of all sizes / largest of all sizes", f"{flat:.2f}", ">= 0.90", flat >= 0.9),
        ("one prepared page / nginx from disk", _ratio(found["cached_rps"], found["nginx_rps"]), ">= 0.35",
         found["cached_rps"] >= 0.35 * found["nginx_rps"]),
        ("a page that has to be made, largest register", f"{found['miss_rps'][largest]:,.0f}", ">= 3,000",
         found["miss_rps"][largest] >= 3000),
        ("from a decision to its page, p95", f"{found['decision_to_page_p95_seconds']:.2f} s", "<= 1 s",
         found["decision_to_page_p95_seconds"] <= 1),
        ("snapshot from nothing", f"{found['snapshot_seconds']:.1f} s", "<= 60 s", found["snapshot_seconds"] <= 60),
        ("status lists from nothing", f"{found['status_list_seconds']:.1f} s", "<= 5 s",
         found["status_list_seconds"] <= 5),
        ("proof of one seal, p95", f"{found['proof_ms']:.1f} ms", "<= 50 ms", found["proof_ms"] <= 50),
    ]  # fmt: skip
    return [f"{'  ' if kept else '! '}{name:<64} {measured:>12}   {goal}" for name, measured, goal, kept in goals]


def _ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}"


def write(path: Path, found: dict[str, Any]) -> None:
    path.write_text(json.dumps(found, indent=2) + "\n")
