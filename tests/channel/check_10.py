"""Check 10: the serving process is killed (-9) at 20 random points of filing, and with it, at every fourth, the
database server. Each time, of each report: either nobody was given a code and nothing is there, or it is queued
exactly once. The same bytes sent again afterwards get the same code and store nothing more, and in the end the office
has each text once.

Four reports are on their way at each point, two sealed by a browser and two typed into the form without script; of
each pair one has two files, which are there both or neither, and which the office has once. The points are drawn from
SEED over the time that such a batch takes when nothing is killed.
"""

import asyncio
import os
import signal
import time
from pathlib import Path
from random import Random

import asyncpg
import httpx
import msgspec

from tests.channel import filing, pictures
from tests.channel.filing import Sent
from tests.channel.result import Result
from tests.registry.reports.living import House, code_in, living
from tests.registry.reports.world import World

SEED, POINTS, EACH, FILES = 20261122, 20, 2, 2
WRITTEN = "testimonio-{:02}-{}"
COUNTED = """
SELECT e.id, e.sealed_by, count(DISTINCT d.id) AS queued,
  (SELECT count(*) FROM reports.attachment a WHERE a.envelope = e.id) AS files, e.form = '2027-01' AS with_files,
  count(DISTINCT v.name) FILTER (WHERE v.name = 'reports.sealed') AS sealed
FROM reports.envelope e LEFT JOIN reports.delivery d ON d.envelope = e.id LEFT JOIN reports.event v ON v.envelope = e.id
WHERE e.id NOT IN (SELECT envelope FROM reports.drill) GROUP BY e.id
"""


class Report(msgspec.Struct):
    """One report: what is sent, from where, and what its reporter got before and after the crash."""

    sent: Sent
    http: httpx.AsyncClient
    given: str = ""
    again: str = ""
    before: bool = False


async def run(world: World) -> Result:
    chance, faults, points = Random(SEED), [], []
    with living(files=True) as house:
        batches = [await written(house, point) for point in range(POINTS + 1)]
        await asyncio.sleep(2.1)  # a form that is sent faster was not written by a person
        window = await undisturbed(house, batches[0], faults)
        for point, batch in enumerate(batches[1:], 1):
            points.append(after := chance.uniform(0, window))
            faults += [f"point {point}: {one}" for one in await killed(house, batch, after, database=point % 4 == 0)]
        reports = [one for batch in batches for one in batch]
        rows = await kept(house)
        if len(rows) != len(reports):
            faults.append(f"{len(rows)} envelopes of {len(reports)} reports")
        opened = house.agent()["opened"]
        texts = [Path(name).read_text() for name in (house.folder / "cases").glob("CASO-*.json")]
        for word in words():
            if (times := sum(f'"{word}"' in text for text in texts)) != 1:
                faults.append(f"the office has {word} {times} times")
        held = sorted(path.read_bytes() for path in (house.folder / "cases").glob("CASO-*.file-*"))
        if held != sorted(file for point in range(POINTS + 1) for n in (0, 1) for file in beside(point, n)):
            faults.append(f"the office has {len(held)} files")
        for one in reports:
            await one.http.aclose()
    codes = sum(one.before for one in reports)
    if not 0 < codes < POINTS * 2 * EACH:
        faults.append(f"{codes} had their code: no kill came in the middle")
    when = ", ".join(f"{after * 1000:.0f}" for after in points)
    figure = (
        f"seed {SEED}: killed {when} ms into a filing of {window * 1000:.0f}, {POINTS // 4} times with the database;"
        f" {codes} of {POINTS * 2 * EACH} had their code before, all after; the office has {opened} of {len(reports)},"
        f" and each of {len(held)} files once"
    )
    return Result(not faults and opened == len(reports), "; ".join([figure, *faults[:4]]))


def words() -> list[str]:
    return [WRITTEN.format(point, n) for point in range(POINTS + 1) for n in range(2 * EACH)]


def beside(point: int, n: int) -> list[bytes]:
    """The files of the first report of each kind; no two are alike."""
    mark = f"{WRITTEN.format(point, n)}-archivo"
    return [pictures.pdf(f"{mark}-{turn}") for turn in range(FILES)] if n < EACH else []


async def written(house: House, point: int) -> list[Report]:
    """Four reports ready to be sent, from a network of their own."""
    found = []
    for n in range(2 * EACH):
        http = filing.from_address(f"127.10.{point}.{n + 1}")
        form, text = await filing.opened(http, house.origin), WRITTEN.format(point, n)
        known = await filing.directory(http, house.origin)
        sealed, files = bool(n % 2), beside(point, n)
        sent = filing.by_script(form, known, text, attached=files) if sealed else filing.by_form(form, text, "", files)
        found.append(Report(sent, http))
    return found


async def undisturbed(house: House, batch: list[Report], faults: list[str]) -> float:
    """How long a batch takes."""
    began = time.monotonic()
    await asyncio.gather(*(give(house, one) for one in batch))
    faults += ["a report was not taken when nothing was wrong"] * (not all(one.given for one in batch))
    return time.monotonic() - began


async def give(house: House, one: Report) -> None:
    """Send it; what the reporter holds in their hand afterwards."""
    try:
        said = await filing.post(one.http, house.origin, one.sent)
    except httpx.HTTPError:
        return
    if said.status_code == 200:
        got = one.sent.lookup or code_in(said.text)
        one.given, one.again = one.given or got, got


async def killed(house: House, batch: list[Report], after: float, *, database: bool) -> list[str]:
    """Kill while the batch is on its way; what is wrong afterwards."""
    before = await kept(house)
    sending = [asyncio.create_task(give(house, one)) for one in batch]
    await asyncio.sleep(after)
    if database:
        os.kill(int((house.data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    house.kill()
    await asyncio.gather(*sending)
    await asyncio.to_thread(house.start)
    rows, faults = await kept(house), []
    faults += [f"an envelope is queued {row['queued']} times" for row in rows.values() if row["queued"] != 1]
    faults += ["an envelope without its event" for row in rows.values() if row["sealed"] != 1]
    faults += [f"{row['files']} files of {FILES * row['with_files']}" for row in rows.values()
               if row["files"] != FILES * row["with_files"]]  # fmt: skip
    faults += ["an envelope without its key" for id in rows if not (house.data / "erasure" / str(id)).exists()]
    by_server = sum(row["sealed_by"] == "server" for row in rows.values())
    by_server -= sum(row["sealed_by"] == "server" for row in before.values())
    if sum(bool(one.given) for one in batch if one.sent.id is None) > by_server:
        faults.append("a code was given for a report that is not there")
    faults += ["a receipt was given for a report that is not there"
               for one in batch if one.sent.id and one.given and one.sent.id not in rows]  # fmt: skip
    for one in batch:
        one.before, one.again = bool(one.given), ""
    await asyncio.gather(*(give(house, one) for one in batch))
    faults += ["sent again, it was not taken" for one in batch if not one.again]
    faults += ["sent again, it got another code" for one in batch if one.given != one.again]
    if len(more := await kept(house)) != len(before) + len(batch):
        faults.append(f"sent again: {len(more) - len(before)} envelopes of {len(batch)} reports")
    return faults


async def kept(house: House) -> dict[object, asyncpg.Record]:
    connection = await asyncpg.connect(house.database)
    try:
        return {row["id"]: row for row in await connection.fetch(COUNTED)}
    finally:
        await connection.close()
