"""Check 16: forty reports from one address in ten minutes are all taken; five thousand, half of them blobs that nobody
can open, stop neither the service nor the one that is real, tell the office once in 15 minutes, and close no gate,
although nobody answers one of them; nor does a slow flood, one every twenty minutes for two days. One report that came
in no flood and is not answered closes it after all.

The flood comes from one address in twenty minutes. A part of it does the work it is asked for: the work is made cheap
for it, as for somebody with a hall of computers, and stays what it is for the person in the middle. Another part comes
without a program. The rest does no work, and is handed it each time. Every clock is the check's own.
"""

import asyncio
import logging
import secrets
import time
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import msgspec

from public_site.report_form import work
from public_site.report_form.view import form_key
from registry.core import stranger_form as forms
from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch
from registry.reports import door, gate, jobs, queries, ringing
from tests.channel.doors import Clock, doors
from tests.channel.result import Result
from tests.public_site.report_form.sender import Sender
from tests.registry.reports.world import ORIGIN, World

FLOOD, WORKED, PLAIN, AT_ONCE = 5_000, 1_100, 60, 40
LASTS = timedelta(minutes=20)
LONGEST = 10.0
"""Seconds that a stranger's page may take in the middle of it, on two cores that others may use too."""
SLOWLY = timedelta(minutes=20)
SLA = timedelta(hours=72)
REAL = "Lo verdadero, en medio de todo."


class Letters:
    """Mail that is taken at once: to whom, and when."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.sent = clock, list[tuple[str, datetime]]()

    async def send(self, to: str, *_: object, **__: object) -> None:
        self.sent.append((to, self.clock.now))


class Line:
    """A telephone that rings: which number, how, and when."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.rung = clock, list[tuple[str, datetime]]()

    async def send(self, to: str, text: str) -> None:
        self.rung.append((f"text {to}", self.clock.now))

    async def call(self, to: str, text: str, language: str) -> None:
        self.rung.append((f"call {to}", self.clock.now))


def closest(sent: list[tuple[str, datetime]]) -> timedelta:
    """The shortest time between two of the same to the same."""
    told = {to: [at for who, at in sent if who == to] for to, _ in sent}
    return min((b - a for times in told.values() for a, b in pairwise(times)), default=SLA)


class Flood(msgspec.Struct):
    """Whoever floods, and what became of it."""

    sender: Sender
    context: Context
    clock: Clock
    letters: Letters
    line: Line
    taken: int = 0
    handed: int = 0
    broken: int = 0
    slowest: float = 0.0
    worked: float = 0.0
    real: str = ""

    def token(self) -> str:
        """A form that was opened a moment ago."""
        made = self.clock.now - timedelta(seconds=5)
        return forms.issue(form_key(self.context), made, secrets.token_bytes(32))

    def count(self, answer: httpx.Response) -> None:
        self.taken += answer.status_code == 200
        self.handed += answer.status_code == 429
        self.broken += answer.status_code not in (200, 429)

    async def one(self, number: int) -> None:
        """Half are blobs; one in some does the work."""
        sent = self.sender.seal(self.token(), "Ruido.", junk=number % 8 < 4, urgent=number % 10 == 0)
        if number % (FLOOD // WORKED) == 0:
            self.count(await self.sender.send(sent))
        else:
            self.count(await self.sender.http.post("/report", json=sent))

    async def plain(self) -> None:
        sent = {"token": self.token(), "place": "CR-G", "text": "Ruido sin programa."}
        self.count(await self.sender.http.post("/report", data=sent))

    async def person(self) -> None:
        """Somebody with something to tell, in the middle of it: with the work that a phone is asked for."""
        rounds, work.ROUNDS = work.ROUNDS, FULL
        token, asked = await self.sender.open()
        self.clock.now += timedelta(seconds=5)
        sent = self.sender.seal(token, REAL)
        began = time.process_time()
        answer = await self.sender.send(sent, asked)
        self.worked, work.ROUNDS = time.process_time() - began, rounds
        self.real = str(sent["envelope"]) if answer.status_code == 200 and asked else ""

    async def come(self) -> None:
        batches, slow = -(-(FLOOD - PLAIN) // AT_ONCE), []
        for batch in range(batches):
            if batch == batches // 2:
                await self.person()
            if batch % 2 == 0 and len(slow) < PLAIN:
                slow.append(asyncio.create_task(self.plain()))
            numbers = range(batch * AT_ONCE, min((batch + 1) * AT_ONCE, FLOOD - PLAIN))
            await asyncio.gather(*map(self.one, numbers))
            if batch % 20 == 10:
                began = time.monotonic()
                page = await self.sender.http.get("/report", params={"place": "CR-G"})
                self.broken += page.status_code != 200
                self.slowest = max(self.slowest, time.monotonic() - began)
            self.clock.now += LASTS / batches
            await jobs.deliver(self.context, self.clock.now)
            await ringing.ring(self.context, self.clock.now)
        slow += [asyncio.create_task(self.plain()) for _ in range(PLAIN - len(slow))]
        await asyncio.gather(*slow)


FULL = work.ROUNDS


async def run(world: World) -> Result:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    async with doors(world) as all_doors:
        letters, line = Letters(all_doors.clock), Line(all_doors.clock)
        context = msgspec.structs.replace(world.context, clock=all_doors.clock, mail=letters, telephone=line)
        sender = Sender(all_doors.public, "CR-G")
        calm = await forty(sender, all_doors.clock)
        flood = Flood(sender, context, all_doors.clock, letters, line)
        began, work.ROUNDS = time.monotonic(), 1
        try:
            await flood.come()
        finally:
            work.ROUNDS = FULL
        lasted = time.monotonic() - began
        silent = await unanswered(world, flood)
        took, left, stays = await answered(world, flood)
        more, trickle, alone = await slow(world, flood)
    faults = [
        name
        for name, holds in {
            f"{calm} of the forty were taken": calm == 40,
            "some were neither taken nor handed work": flood.taken + flood.handed == FLOOD and not flood.broken,
            "who worked, or came without a program, was not taken": flood.taken >= WORKED,
            "a page was slow": flood.slowest < LONGEST,
            "the real one was not acknowledged in time": took is not None and took < SLA,
            "the office was told too often": len(letters.sent) > 2 and closest(letters.sent) >= jobs.NOTICE_EVERY,
            "a telephone rang too often": len(line.rung) > 2 and closest(line.rung) >= jobs.NOTICE_EVERY,
            "the gate closed": stays and left > 0,
            "the gate closed when nobody answered": silent,
            "a slow flood was not taken, or closed the gate": more == 1 and trickle,
            "one that came in no flood did not close it": alone,
        }.items()
        if not holds
    ]
    told = (
        f"{calm} of 40 taken; {FLOOD} in {lasted:.0f} s: {flood.taken} taken, {flood.handed} handed work,"
        f" {flood.broken} broken, a page at most {flood.slowest:.1f} s; the real one worked {flood.worked:.1f} s and"
        f" was acknowledged after {took}; {len(letters.sent)} letters to 2 contacts, {closest(letters.sent)} apart or"
        f" more, and {len(line.rung)} texts and calls to 1 number, {closest(line.rung)};"
        f" gate open after 80 h with {left} of the flood unanswered, with all of"
        f" them, and with a slow flood of {timedelta(days=2) // SLOWLY}; closed by one alone"
    )
    return Result(not faults, "; ".join([told, *faults]))


async def unanswered(world: World, flood: Flood) -> bool:
    """Whether the gate would be open 80 hours later, were none of them ever answered: of the first ones neither."""
    await jobs.mark(flood.context, flood.clock.now)
    late = flood.clock.now + timedelta(hours=80)
    return isinstance(await queries.availability(flood.context, "CR-G", "", late), gate.Open)


async def slow(world: World, flood: Flood) -> tuple[int, bool, bool]:
    """One every twenty minutes for two days, too few for any budget of ten minutes. How many were taken beside them;
    whether the gate stays open after them; whether one alone, days later, closes it."""
    taken, turns = 0, int(timedelta(days=2) / SLOWLY)
    for _turn in range(turns):
        flood.clock.now += SLOWLY
        sent = flood.sender.seal(flood.token(), "Ruido lento.", junk=True)
        taken += (await flood.sender.http.post("/report", json=sent)).status_code == 200
        await jobs.mark(flood.context, flood.clock.now)
    stays = isinstance(
        await queries.availability(flood.context, "CR-G", "", flood.clock.now + timedelta(hours=80)), gate.Open
    )
    flood.clock.now += timedelta(days=2)
    alone = flood.sender.seal(flood.token(), REAL)
    taken += (await flood.sender.http.post("/report", json=alone)).status_code == 200
    await jobs.mark(flood.context, flood.clock.now)
    later = flood.clock.now + timedelta(hours=80)
    closes = isinstance(await queries.availability(flood.context, "CR-G", "", later), gate.Closed)
    return taken - turns, stays, closes


async def forty(sender: Sender, clock: Clock) -> int:
    """A class of trainees behind one address, with and without a program."""
    taken = 0
    for number in range(40):
        token, asked = await sender.open()
        clock.now += timedelta(seconds=14)
        if number % 2:
            sent = {"token": token, "place": "CR-G", "text": f"Curso {number}"}
            answer = await sender.http.post("/report", data=sent)
        else:
            answer = await sender.http.post("/report", json=sender.seal(token, f"Curso {number}"))
        taken += answer.status_code == 200 and asked is None
    return taken


async def answered(world: World, flood: Flood) -> tuple[timedelta | None, int, bool]:
    """The office's agent works every 15 minutes. How long the real one took; how many of the flood were unanswered
    after its first round; whether the gate would be open 80 hours later, were they never answered."""
    app = door.create_app(flood.context)
    world.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN)
    began, took, left, stays = flood.clock.now, None, 0, False
    for turn in range(20):
        await world.agent(flood.clock.now).once()
        await jobs.deliver(flood.context, flood.clock.now)
        await ringing.ring(flood.context, flood.clock.now)
        if turn == 0:
            (row,) = await fetch(
                "SELECT count(*) FROM reports.envelope WHERE acknowledged_at IS NULL AND closed_at IS NULL",
                engine=REPORTS_DB,
            )
            left = int(row["count"])
            late = await queries.availability(flood.context, "CR-G", "", flood.clock.now + timedelta(hours=80))
            stays = isinstance(late, gate.Open)
        (row,) = await fetch(
            "SELECT count(*) FROM reports.envelope WHERE id::text = $1 AND acknowledged_at IS NOT NULL",
            flood.real,
            engine=REPORTS_DB,
        )
        if row["count"]:
            took = flood.clock.now - began + LASTS / 2
            break
        flood.clock.now += timedelta(minutes=15)
    return took, left, stays
