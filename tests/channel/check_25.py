"""Check 25: fifty sealed reports a second on two cores, through the real door, while look-ups flood it.

Two paths, judged apart, because they cost our server different things:

- Sealed by a browser (JSON): 55 a second are offered for ten seconds whether or not the last ones were answered. All
  must be taken, from the first offer to the last answer 50 a second, and nineteen in twenty within five seconds. The
  slow derivation of the code (scrypt) happens on the reporters' phones.
- Sealed by the server (the form without script): each needs one scrypt here, on purpose slow, so two cores cannot make
  50 a second by arithmetic, and this check does not pretend it. Sixty come at once, more than the reserve of ready
  codes. Judged is that the pool is bounded and holds its rate: nobody is refused or left without a code, and they come
  at least a third as fast as two threads derive that do nothing else, measured here and now.

So many to one office are a flood, and its door asks each browser for work: every report carries the proof that the
highest level wants, found at the first try with the house's own key, because what phones spend is not judged here. The
door checks each of them.

Beside both, look-ups flood: those that a browser derived, and typed codes, which cost a scrypt each and have one thread
and a short queue; whoever finds it full is told to come again. They must be answered too, and starve nobody.
Everything, the database, the reporters and the flood included, shares two cores.
"""

import asyncio
import contextlib
import os
import secrets
import statistics
import time
from collections import Counter
from pathlib import Path

import altcha
import httpx
import msgspec

from public_site.report_form import work
from public_site.report_form.view import form_key
from registry.config import Config
from registry.core import crypto
from registry.core import stranger_form as forms
from registry.core.clock import utc_now
from registry.house import context_of
from registry.reports import code as codes
from tests.channel import filing, search
from tests.channel.filing import Sent
from tests.channel.result import Result
from tests.registry.reports.living import House, code_in, living
from tests.registry.reports.world import World

WANTED, RATE, SECONDS, AT_ONCE = 50, 55, 10, 60
FROM_ONE = 40
"""Reports from one network, few enough that none has to wait."""
MOST = 5.0


class Beside(msgspec.Struct):
    """The flood of look-ups, until it is told to stop: how many were answered, and how."""

    stop: bool = False
    said: Counter[str] = msgspec.field(default_factory=Counter)


async def run(world: World) -> Result:
    cores = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, cores)  # and with it everything that is started from here
    with living() as house:
        networks = [filing.from_address(f"127.25.{n}.1") for n in range((RATE * SECONDS + AT_ONCE) // FROM_ONE + 1)]
        try:
            return await measured(house, networks)
        finally:
            for http in networks:
                await http.aclose()


async def measured(house: House, networks: list[httpx.AsyncClient]) -> Result:
    sealed, typed = await written(house, networks)
    await asyncio.sleep(2.1)
    beside = Beside()
    flood = [asyncio.create_task(look(house, beside, by_code=n % 2 == 0)) for n in range(16)]
    before = spent(house)
    took, rate = await offered(house, sealed)
    each = (spent(house) - before) / len(sealed) * 1000
    answered = dict(beside.said)
    server_rate, failed = await at_once(house, typed)
    beside.stop = True
    await asyncio.gather(*flood)
    possible = await derivations()
    middle, late = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    browser = len(took) == RATE * SECONDS and rate >= WANTED and late <= MOST
    server = not failed and server_rate >= possible / 3
    looked = answered.get("browser 409", 0) > 0 and answered.get("typed 422", 0) > 0
    strange = [kind for kind in beside.said if kind.split()[1] not in ("409", "422", "429")]
    figure = (
        f"browser-sealed: {len(took)} of {RATE * SECONDS} at {rate:.1f}/s, median {middle * 1000:.0f} ms, 95 % under"
        f" {late * 1000:.0f} ms, {each:.0f} ms of processor each with all that is beside; server-sealed:"
        f" {AT_ONCE - failed} of {AT_ONCE} at {server_rate:.1f}/s where two threads alone derive {possible:.1f}/s;"
        f" beside them {beside.said.total()} look-ups {dict(beside.said)}"
    )
    return Result(browser and server and looked and not strange, figure)


async def written(house: House, networks: list[httpx.AsyncClient]) -> tuple[list[tuple[httpx.AsyncClient, Sent]], ...]:
    """All reports ready to be sent, from as many networks as it takes."""
    known = await filing.directory(networks[0], house.origin)
    sealed, typed = [], []
    for n in range(RATE * SECONDS + AT_ONCE):
        http = networks[n // FROM_ONE]
        form = await filing.opened(http, house.origin)
        if n < RATE * SECONDS:
            sealed.append((http, filing.by_script(form, known, f"Vi algo. {n}", work=worked(house, form))))
        else:
            typed.append((http, filing.by_form(form, f"Vi algo. {n}")))
    return sealed, typed


def worked(house: House, opened: filing.Form) -> str:
    """The proof of a phone that was lucky, for one form and the first office of its chain."""
    context = context_of(Config(data=house.data, origin=house.origin, demo=True))
    key, now = form_key(context), utc_now()
    bound = work.Bound(work._name(forms.read(key, opened.token, now)), opened.channel["chain"][0], len(work.TRIES) - 1)
    asked = altcha.create_challenge(
        "PBKDF2/SHA-256", work.ROUNDS, counter=0, data=msgspec.to_builtins(bound),
        hmac_secret=crypto.hkdf(key, b"work"), hmac_key_secret=crypto.hkdf(key, b"work done"),
    )  # fmt: skip
    return work.solve(asked.to_dict())


async def offered(house: House, reports: list[tuple[httpx.AsyncClient, Sent]]) -> tuple[list[float], float]:
    """Offer them at RATE; the seconds each that was taken took, and how many a second were."""
    took: list[float] = []
    began = time.monotonic()

    async def one(due: float, http: httpx.AsyncClient, sent: Sent) -> None:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if (await filing.post(http, house.origin, sent)).status_code == 200:
            took.append(time.monotonic() - due)

    await asyncio.gather(*(one(began + n / RATE, *report) for n, report in enumerate(reports)))
    return took, len(took) / (time.monotonic() - began)


async def at_once(house: House, reports: list[tuple[httpx.AsyncClient, Sent]]) -> tuple[float, int]:
    """All of them together; how many a second had their code, and how many never."""
    began = time.monotonic()
    said = await asyncio.gather(*(filing.post(http, house.origin, sent) for http, sent in reports))
    rate = len(reports) / (time.monotonic() - began)
    return rate, sum(len(code_in(one.text)) != codes.DIGITS for one in said)


async def look(house: House, beside: Beside, *, by_code: bool) -> None:
    """Ask for boxes that are not there, one after the other."""
    async with filing.from_address("127.26.0.1" if by_code else "127.27.0.1") as http:
        while not beside.stop:
            if by_code:
                code = codes.new_code(secrets.randbelow)
                said = await http.post(f"{house.origin}/return", data={"code": code})
            else:
                lookup = crypto.b64url(secrets.token_bytes(32))
                said = await http.post(f"{house.origin}/return", json={"lookup": lookup})
            beside.said[f"{'typed' if by_code else 'browser'} {said.status_code}"] += 1
            await asyncio.sleep(0.05)


async def derivations() -> float:
    """How many scrypts a second two threads do here and now, with nothing of ours beside them."""

    def some() -> None:
        for n in range(6):
            codes.derive(f"{n:020}", "x")

    began = time.monotonic()
    await asyncio.gather(asyncio.to_thread(some), asyncio.to_thread(some))
    return 12 / (time.monotonic() - began)


def spent(house: House) -> float:
    """Seconds of processor that the server and its database have had."""
    ticks = 0
    for pid in search.processes(house):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")
