"""The loop that makes prints: part by part, each kept, so that nothing is made twice after a stop."""

import asyncio
import contextlib
import io
import logging
from datetime import datetime

from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.i18n import speaking
from registry.printing import prints, rules, service
from registry.printing.queries import Print
from registry.printing.rules import State
from registry.seals import queries as seals

log = logging.getLogger(__name__)
AWAY = 1.0


def file_of(print_id: object) -> str:
    """Where a finished print is kept."""
    return f"prints/{print_id}.pdf"


def part_of(print_id: object, number: int) -> str:
    return f"prints/{print_id}/{number}.pdf"


async def work(context: Context, stopping: asyncio.Event, beat: float = 1.0) -> None:
    """Make what was asked for until asked to stop."""
    while not stopping.is_set():
        service.wake.clear()
        try:
            if await make_next(context, context.clock()):
                continue
        except Exception as error:  # a database that is away comes back; a loop that ended would print nothing more
            log.warning("prints wait: %s", type(error).__name__)
            await asyncio.sleep(AWAY)
        waits = [asyncio.ensure_future(service.wake.wait()), asyncio.ensure_future(stopping.wait())]
        await asyncio.wait(waits, timeout=beat, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()


async def make_next(context: Context, now: datetime) -> bool:
    """Make one print. False when none waits."""
    await _tidy(context, now)
    job = await service.take(now)
    if job is None:
        return False
    try:
        await make(context, job)
    except Exception as error:
        log.error("print %s failed: %s", job.id, error, exc_info=True)
        await service.end(job.id, State.FAILED, context.clock())
        await _throw_away(context, job)
    return True


async def make(context: Context, job: Print) -> None:
    """Every part from where it was left, then all of them as one file."""
    with speaking(job.language):
        for number in range(job.done // rules.PART, rules.parts(job.total)):
            until = min(job.total, (number + 1) * rules.PART)
            wanted = job.seals[number * rules.PART : until]
            views = [await seals.view(SYSTEM, id, context.clock()) for id in wanted]
            part = await prints.made(context, views, job.title, job.layout, number * rules.PART, job.total)
            await context.storage.put(part_of(job.id, number), part, content_type="application/pdf")
            if not await service.advance(job.id, until, context.clock()):
                await _throw_away(context, job)
                return
    parts = [await context.storage.get(part_of(job.id, number)) for number in range(rules.parts(job.total))]
    whole = await asyncio.to_thread(joined, parts, job.title)
    await context.storage.put(file_of(job.id), whole, content_type="application/pdf")
    await service.end(job.id, State.DONE, context.clock())
    for number in range(len(parts)):
        await context.storage.delete(part_of(job.id, number))


def joined(parts: list[bytes], title: str) -> bytes:
    """The parts as one PDF; equal fonts and pictures are kept once."""
    from pypdf import PdfReader, PdfWriter  # a third of a second to load: for who prints

    writer = PdfWriter()
    for part in parts:
        writer.append(PdfReader(io.BytesIO(part)))
    writer.compress_identical_objects()
    writer.add_metadata({"/Title": title})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


async def _throw_away(context: Context, job: Print) -> None:
    for number in range(rules.parts(job.total)):
        with contextlib.suppress(KeyError):
            await context.storage.delete(part_of(job.id, number))


async def _tidy(context: Context, now: datetime) -> None:
    """Files first: whoever is stopped in between finds the row again. Parts are there where a print was cut short."""
    for gone in await service.outlived(now):
        for key in [key async for key in context.storage.list(f"prints/{gone}")]:
            with contextlib.suppress(KeyError):
                await context.storage.delete(key)
        await service.forget(gone)
