"""Check 25: fifty sealed reports a second on two cores, through the real door, while look-ups flood it.

Two paths, judged apart, because they cost our server different things:

- Sealed by a browser (JSON): 50 a second are offered for ten seconds whether or not the last ones were answered. All
  must be taken, at 50 a second, half of them within a quarter of a second and nineteen in twenty within two. The slow
  derivation of the code (scrypt) happens on the reporters' phones.
- Sealed by the server (the form without script): each needs one scrypt here, on purpose slow, so two cores cannot make
  50 a second by arithmetic, and this check does not pretend it. Sixty come at once, more than the reserve of ready
  codes. Judged is that the pool is bounded and holds its rate: nobody is refused or left without a code, and they come
  at least a third as fast as two cores could derive if they did nothing else, measured here and now.

Beside both, look-ups flood: those that a browser derived, and typed codes, which cost a scrypt each and have one thread
and a short queue; whoever finds it full is told to come again. They must be answered too, and starve nobody.
Everything, the database, the reporters and the flood included, shares two cores.
"""

import asyncio
import os
import secrets
import statistics
import time
from collections import Counter

import httpx
import msgspec

from registry.reports import code as codes
from tests.channel import filing
from tests.channel.filing import Sent
from tests.channel.result import Result
from tests.registry.reports.living import House, code_in, living
from tests.registry.reports.world import World

RATE, SECONDS, AT_ONCE = 50, 10, 60
FROM_ONE = 40
"""Reports from one network, few enough that none has to wait."""
MEDIAN, MOST = 0.25, 2.0


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
    took, rate = await offered(house, sealed)
    answered = dict(beside.said)
    server_rate, failed = await at_once(house, typed)
    beside.stop = True
    await asyncio.gather(*flood)
    possible = 2 / derivation()
    middle, late = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    browser = len(took) == RATE * SECONDS and rate >= RATE * 0.98 and middle <= MEDIAN and late <= MOST
    server = not failed and server_rate >= possible / 3
    looked = answered.get("browser 409", 0) > 0 and answered.get("typed 422", 0) > 0
    strange = [kind for kind in beside.said if kind.split()[1] not in ("409", "422", "429")]
    figure = (
        f"browser-sealed: {len(took)} of {RATE * SECONDS} at {rate:.1f}/s, median {middle * 1000:.0f} ms, 95 % under"
        f" {late * 1000:.0f} ms; server-sealed: {AT_ONCE - failed} of {AT_ONCE} at {server_rate:.1f}/s of"
        f" {possible:.1f}/s that two idle cores could; beside them {beside.said.total()} look-ups {dict(beside.said)}"
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
            sealed.append((http, filing.by_script(form, known, f"Vi algo. {n}")))
        else:
            typed.append((http, filing.by_form(form, f"Vi algo. {n}")))
    return sealed, typed


async def offered(house: House, reports: list[tuple[httpx.AsyncClient, Sent]]) -> tuple[list[float], float]:
    """Offer them at RATE; the seconds each that was taken took, and how many a second were."""
    took: list[float] = []
    began = time.monotonic()

    async def one(due: float, http: httpx.AsyncClient, sent: Sent) -> None:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if (await filing.post(http, house.origin, sent)).status_code == 200:
            took.append(time.monotonic() - due)

    await asyncio.gather(*(one(began + n / RATE, *report) for n, report in enumerate(reports)))
    # The last one is offered one beat before the end: ten seconds of offering are ten seconds of taking.
    return took, len(took) / max(SECONDS, time.monotonic() - began - took[-1])


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
                lookup = codes.crypto.b64url(secrets.token_bytes(32))
                said = await http.post(f"{house.origin}/return", json={"lookup": lookup})
            beside.said[f"{'typed' if by_code else 'browser'} {said.status_code}"] += 1
            await asyncio.sleep(0.05)


def derivation() -> float:
    """Seconds that one scrypt takes on this machine, by its processor's clock."""
    began = time.process_time()
    for n in range(4):
        codes.derive(f"{n:020}", "x")
    return (time.process_time() - began) / 4
