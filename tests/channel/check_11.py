"""Check 11: the post office is down for three days, every agent for eight, and the clock jumps both ways.

The worker's own beats over a fake clock, letters to a real SMTP server that is there or not, rings to a gateway that
takes them, refuses or says nothing, agents at their own door.
No report is lost and none imported twice; each retry lies within the jitter of its schedule; each escalation comes in
the minute it is due (urgent: a second call after an hour, the next office after 4, all of at most four within 24; not
urgent: 72 h, 72 h, all within 7 days); the gate is closed, and stays so until a person opens it; people are paged.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import msgspec

from registry.access.actor import STRANGER, SYSTEM
from registry.core.db import REPORTS_DB, fetch
from registry.core.mail import Smtp
from registry.core.telephone import Gateway
from registry.reports import door, gate, jobs, opening, queries, service
from registry.reports.agent import deliver, keys, primero
from registry.reports.agent.caller import Register, at_once
from registry.reports.agent.round import Agent
from registry.reports.rules import DAILY, RETRY_MINUTES
from tests import people
from tests.channel.exchange import FROM, Exchange, Rung
from tests.channel.post import Post
from tests.channel.result import Result
from tests.registry.reports.agent.primero_server import MAPPING, Primero
from tests.registry.reports.world import ORIGIN, World, enrol, filing, sign_directory

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POST_DOWN, AGENTS_DOWN = 3 * DAY, 8 * DAY
CHAIN = ("one", "two", "three")
NUMBERS = {"one": "+50625550111", "two": "+50625550112", "three": "+50625550113"}


class Story(msgspec.Struct):
    """A fake clock, and everything that happened by it."""

    world: World
    post: Post
    context: Any
    offices: dict[str, UUID]
    now: datetime
    steady: jobs.Steady
    exchange: Exchange
    running: float = 0.0
    letters: list[tuple[datetime, str, str]] = []
    rings: list[tuple[datetime, Rung]] = []
    tries: dict[UUID, list[datetime]] = {}
    faults: list[str] = []

    async def beat(self, wrong: timedelta = timedelta()) -> None:
        """One beat of the worker by a clock that may be wrong; what was tried and written by it."""
        now, before, rung = self.now + wrong, len(self.post.letters), len(self.exchange.taken)
        waiting = await self.attempts()
        sure = self.steady.sure(now, self.running)
        await jobs.beat(self.context, now, 0, sure=sure, calm=self.steady.calm(self.running))
        for letter in self.post.letters[before:]:
            kind = "alarm" if b"alarm-" in letter.data else "notice"
            self.letters += [(self.now, kind, to) for to in letter.to]
        self.rings += [(self.now, one) for one in self.exchange.taken[rung:]]
        for one, count in (await self.attempts()).items():
            if count > waiting.get(one, 0):
                self.tries.setdefault(one, []).append(self.now)

    async def attempts(self) -> dict[UUID, int]:
        rows = await fetch("SELECT id, attempts FROM reports.delivery", engine=REPORTS_DB)
        return {row["id"]: row["attempts"] for row in rows}

    def pass_by(self, time: timedelta) -> None:
        self.now += time
        self.running += time.total_seconds()

    async def until(self, end: datetime, moments: Iterable[datetime] = ()) -> None:
        """Beat every quarter of an hour, at each moment given, and whenever a notice is due."""
        wanted = sorted(moments)
        while self.now < end:
            rows = await fetch(
                "SELECT min(due_at) AS at FROM reports.delivery WHERE done_at IS NULL", engine=REPORTS_DB
            )
            soon = [self.now + 15 * MINUTE, end, *[at for at in (*wanted, rows[0]["at"]) if at and at > self.now]]
            self.pass_by(min(soon) - self.now)
            await self.beat()

    def wrong(self, what: str, holds: object) -> None:
        if not holds:
            self.faults.append(what)


async def run(world: World) -> Result:
    with Post() as post, Exchange() as exchange, Primero() as system:
        story = await begun(world, post, exchange)
        filed = {name: await filed_in(story, place, urgent) for name, place, urgent in (
            ("alone", "CR-G", False), ("urgent", "CR-H", True), ("normal", "CR-H", False))}  # fmt: skip
        await down(story, filed)
        await came_back(story, filed, system)
        await called(story)
        await jumped(story)
        rung(story)
    tried = sum(map(len, story.tries.values()))
    pages = [at for at, kind, _ in story.letters if kind == "alarm"]
    days = (story.now - world.now) / DAY
    figure = (
        f"{len(filed) + 2} reports over {days:.0f} days: {tried} attempts, those to a closed post within the jitter;"
        f" 7 escalations in their minute, {len(pages)} pages, {len(story.rings)} rings of 4 numbers;"
        f" {len(system.incidents)} incident, 2 cases, none twice;"
        " gates closed until a person opened them"
    )
    return Result(not story.faults, "; ".join([figure, *story.faults[:4]]))


async def begun(world: World, post: Post, exchange: Exchange) -> Story:
    """Three offices in a row for CR-H, letters that go by SMTP, and rings by HTTP."""
    base, behind, offices = world.folder.parent, None, {}
    for name in reversed(CHAIN):
        place = "CR-H" if name == "one" else "ZZ"
        behind = await enrol(world.context, world.now, base / name, places=(place,), always_open=False, then=behind,
                             number=NUMBERS[name])  # fmt: skip
        offices[name] = behind
        keys.settle(base / name, keys.Settings(behind, world.context.config.authority_root))
    await sign_directory(world.context, world.now, world.root)
    mail = Smtp(post.url, world.context.config.mail_from)
    context = msgspec.structs.replace(world.context, mail=mail, telephone=Gateway(exchange.url, FROM))
    story = Story(world, post, context, offices, world.now, jobs.Steady(), exchange)
    await service.drill(SYSTEM, world.now, world.context, offices["one"])
    await agent(story, "one").once()
    await story.beat()
    return story


async def filed_in(story: Story, place: str, urgent: bool) -> UUID:
    before = {row["id"] for row in await fetch("SELECT id FROM reports.envelope", engine=REPORTS_DB)}
    nonce = f"11 {len(before)}".encode().ljust(32)
    await service.file(STRANGER, story.now, story.context, filing(place=place, urgent=urgent, nonce=nonce))
    (made,) = {row["id"] for row in await fetch("SELECT id FROM reports.envelope", engine=REPORTS_DB)} - before
    return UUID(str(made))


async def down(story: Story, filed: dict[str, UUID]) -> None:
    """Three days without post, eight without an agent."""
    begin, hour = story.now, story.now.replace(minute=0)
    story.post.down()
    story.exchange.trouble = 429
    await story.beat()
    urgent, normal = [hour + at * HOUR for at in (4, 8, 12)], [hour + at * HOUR for at in (72, 144, 168)]
    around = [at + off for at in (*urgent, *normal) for off in (-MINUTE, timedelta(0))]
    await story.until(urgent[0] - MINUTE, around)
    story.wrong("the gate closed before its time", isinstance(await gate_of(story, "CR-H"), gate.Open))
    await story.until(urgent[0], around)
    story.wrong("the gate of a silent office is open", isinstance(await gate_of(story, "CR-H"), gate.Closed))
    await story.until(begin + POST_DOWN, around)
    story.wrong("a letter came from nowhere", not [1 for at, _, _ in story.letters if at > begin])
    story.wrong("a telephone rang that was refused", not story.rings)
    asked = len(story.exchange.asked)
    story.wrong(f"the gateway was asked {asked} times", asked >= 3 * 2 * len(RETRY_MINUTES))
    story.post.up()
    story.exchange.trouble = 0
    await story.until(begin + POST_DOWN + MINUTE, around)
    paged = [at for at, kind, _ in story.letters if kind == "alarm"]
    story.wrong("nobody was paged once the post was back", len(paged) == 1 and paged[0] <= begin + POST_DOWN + MINUTE)
    await story.until(begin + AGENTS_DOWN, around)
    for name, due in (("urgent", urgent), ("normal", normal)):
        said = {row["note"] or row["name"]: row["at"] for row in await events(filed[name])}
        wanted = dict(zip(("link 1", "link 2", "reports.exhausted"), due, strict=True))
        for step, at in wanted.items():
            story.wrong(f"{name}: {step} at {said.get(step)} and not {at}", said.get(step) == at)
    story.wrong("the gate of the office alone is open", isinstance(await gate_of(story, "CR-G"), gate.Closed))
    pages = [at for at, kind, _ in story.letters if kind == "alarm"]
    story.wrong("the last silence paged nobody", any(normal[-1] <= at <= normal[-1] + MINUTE for at in pages))
    heard = {one.to for at, one in story.rings if one.kind == "Calls" and at <= begin + POST_DOWN + DAY}
    story.wrong("a silent office was not rung once the gateway took it", heard == set(NUMBERS.values()))
    await schedule(story, filed["alone"], begin + POST_DOWN)


async def schedule(story: Story, which: UUID, back: datetime) -> None:
    """The times between attempts against 0, 1, 5, 15 min, 1, 3, 6, 12 h, daily; and a reminder every day after."""
    (row,) = await fetch("SELECT id FROM reports.delivery WHERE envelope = $1 AND link = 0", which, engine=REPORTS_DB)
    tries = [at for at in story.tries[row["id"]] if at <= back + DAY]
    story.wrong("the first attempt was not at once", tries[0] == story.world.now)
    caps = [*RETRY_MINUTES[1:], *[DAILY] * len(tries)]
    for cap, before, after in zip(caps, tries, tries[1:], strict=False):
        waited = (after - before) / MINUTE
        story.wrong(f"{waited:.0f} min where {cap} were due", cap / 2 - 1 <= waited <= cap + 1)
        if before > back:
            break
    story.wrong("too few attempts", len(tries) >= 8)
    contacts = {to for at, kind, to in story.letters if at > back and kind == "notice"}
    story.wrong("somebody of an office was never told", len(contacts) == 2)
    told = sorted({at for at, kind, to in story.letters if kind == "notice" and at > back})
    story.wrong("an office that stays silent is not reminded daily", len(told) >= 4)


async def came_back(story: Story, filed: dict[str, UUID], system: Primero) -> None:
    """The agents are back: everything is there, once; the first one dies between the incident and its word to us."""
    died = await agent(story, "unit", system=system, dies=True).once()
    done = await agent(story, "unit", system=system).once()
    idle = await agent(story, "unit", system=system).once()
    story.wrong("a report was imported twice or never", list(system.incidents) == [str(filed["alone"])])
    story.wrong("it was taken again", idle.opened == 0 and died.failed >= 1 and done.opened >= 1)
    for name in CHAIN:
        await agent(story, name).once()
        again = await agent(story, name).once()
        story.wrong(f"{name} took something twice", again.opened == 0)
    cases = {name: len(list((story.world.folder.parent / name / "cases").glob("CASO-*.json"))) for name in CHAIN}
    story.wrong(f"cases: {cases}", cases == {"one": 2, "two": 0, "three": 0})
    states = {row["state"] for row in await fetch(
        "SELECT state FROM reports.envelope WHERE id = ANY($1)", list(filed.values()), engine=REPORTS_DB)}  # fmt: skip
    story.wrong(f"states: {states}", states == {"acknowledged"})
    await rehearsed(story)
    for place, office in (("CR-G", story.world.authority), ("CR-H", story.offices["one"])):
        story.wrong("a gate opened by itself", isinstance(await gate_of(story, place), gate.Closed))
        officer = await people.enter(people.OLGA, story.now)
        await opening.open_gate(officer, story.now, story.context, office, "La guardia volvió a contestar.")
        story.wrong("a person could not open it", isinstance(await gate_of(story, place), gate.Open))


async def rehearsed(story: Story) -> None:
    """Drills of those days were missed: five weeks of drills that each office answers."""
    for _week in range(5):
        story.pass_by(7 * DAY)
        await story.beat()
        for name in ("unit", *CHAIN):
            await agent(story, name).once()


async def called(story: Story) -> None:
    """With the post up, an urgent report: both contacts at once, both again after an hour, the next office after 4."""
    which, begin = await filed_in(story, "CR-H", True), story.now
    before, rings = len(story.letters), len(story.rings)
    await story.beat()
    hour = begin.replace(minute=0)
    await story.until(begin + HOUR - MINUTE)
    both, first = (
        {"guardia@upn.test", "jefatura@upn.test"},
        [to for _, kind, to in story.letters[before:] if kind == "notice"],
    )
    story.wrong("two contacts at once", set(first) == both)
    rest = len(story.letters)
    await story.until(begin + HOUR + MINUTE, [begin + HOUR])
    second = {to for at, kind, to in story.letters[rest:] if kind == "notice"}
    story.wrong(f"no second call after an hour: {second}", second == both)
    await story.until(hour + 4 * HOUR, [hour + 4 * HOUR])
    await story.until(hour + 4 * HOUR + MINUTE)
    calls = [(at, one.to) for at, one in story.rings[rings:] if one.kind == "Calls"]
    wanted = [(begin, "one"), (begin + HOUR, "one"), (hour + 4 * HOUR, "two")]  # in the minute that follows
    rang = [to == NUMBERS[who] and timedelta(0) <= at - due <= MINUTE
            for (at, to), (due, who) in zip(calls, wanted, strict=False)]  # fmt: skip
    story.wrong(f"rung: {calls}", len(calls) == len(wanted) and all(rang))
    links = [row["note"] for row in await events(which) if row["name"] == "reports.escalated"]
    story.wrong("the next office was not told after four hours", links == ["link 1"])
    done = await agent(story, "two").once()
    story.wrong("the next office could not take it", done.opened >= 1)


def rung(story: Story) -> None:
    """Whatever happened: each number at most once in a quarter of an hour, by text and by call, always in the same
    words."""
    for kind in ("Messages", "Calls"):
        words = {(one.said, one.language) for _, one in story.rings if one.kind == kind}
        story.wrong(f"a ring that says something: {words}", len(words) == 1)
        for number in {one.to for _, one in story.rings}:
            times = [at for at, one in story.rings if (one.kind, one.to) == (kind, number)]
            close = [b - a for a, b in pairwise(times) if b - a < jobs.NOTICE_EVERY]
            story.wrong(f"{number} was rung again after {close}", not close)


async def jumped(story: Story) -> None:
    """The clock is wrong by a month, then by ten days the other way, while the post is down. Set right, everything that
    was due is due, nothing was destroyed, and the same bytes store nothing more."""
    nonce = b"jump".ljust(32)
    sent = filing(nonce=nonce, narrative="salto", urgent=True)
    receipt = await service.file(STRANGER, story.now, story.context, sent)
    story.post.down()
    before = await standing()
    for wrong in (30 * DAY, 400 * DAY, timedelta(0), -10 * DAY, timedelta(0)):
        for _ in range(3):
            story.pass_by(MINUTE)
            await story.beat(wrong)
    story.wrong("a jump of the clock destroyed something", before <= await standing())
    again = await service.file(STRANGER, story.now, story.context, sent)
    story.wrong("the same bytes were stored twice", again.again and again.code == receipt.code)
    story.post.up()
    rest, begin = len(story.letters), story.now
    await story.until(begin + DAY + MINUTE)
    told = {at for at, kind, to in story.letters[rest:] if kind == "notice"}
    story.wrong("after the jump nobody was told within a day", told)
    late = agent(story, "unit", at=story.now + HOUR)
    try:
        await late.once()
        story.wrong("an agent whose clock is wrong was believed", False)
    except Exception as error:
        story.wrong(f"an agent of another time: {error!r}", "register-refused" in str(error))
    done = await agent(story, "unit").once()
    story.wrong("the report of the jump was not taken once", done.opened - done.drills == 1)


async def standing() -> set[str]:
    """Everything that a purge would take away."""
    rows = await fetch(
        "SELECT 'body ' || id AS one FROM reports.envelope WHERE body IS NOT NULL UNION ALL SELECT 'box ' || id"
        " FROM reports.envelope WHERE state <> 'purged' UNION ALL SELECT 'form ' || token_mac::text"
        " || (receipt IS NULL)::text FROM reports.form_use",
        engine=REPORTS_DB,
    )
    return {row["one"] for row in rows}


async def events(which: UUID) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT name, note, at FROM reports.event WHERE envelope = $1"
        " AND name IN ('reports.escalated', 'reports.exhausted') ORDER BY id",
        which,
        engine=REPORTS_DB,
    )


async def gate_of(story: Story, place: str) -> gate.Open | gate.Closed:
    return await queries.availability(story.context, place, "", story.now)


class _Dies(Register):
    async def tell(self, which, what, said):  # type: ignore[no-untyped-def]
        if what == "acknowledged":
            raise ConnectionError
        await super().tell(which, what, said)


def agent(
    story: Story, name: str, *, system: Primero | None = None, dies: bool = False, at: datetime | None = None
) -> Agent:
    """An office's agent, whose clock is ours unless `at` says otherwise; into its Primero or into its folder."""
    context = msgspec.structs.replace(story.context, clock=at_once(story.now))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=door.create_app(context)), base_url=ORIGIN)
    folder, clock = story.world.folder.parent / name, at_once(at or story.now)
    who, signer = keys.settings(folder).authority, keys.signer(folder)
    line = (_Dies if dies else Register)(http, ORIGIN, who, signer, clock)
    into = None
    if system is not None:
        (folder / "map.json").write_text(json.dumps(MAPPING))
        to = deliver.Primero(system.url, "resguardo", "p.txt", "map.json")
        into = primero.Door(httpx.AsyncClient(), to, "p", primero.mapping(folder / "map.json"), clock)
    held = keys.identities(folder)
    return Agent(line, keys.settings(folder), held, signer, folder / "cases", clock, system=into)
