"""Many seals in one PDF: made in parts, never lost, never with a seal that is not valid."""

import io
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from pypdf import PdfReader

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.certification import service as certification
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Conflict, NotFound
from registry.core.i18n import speaking
from registry.printing import jobs, queries, rules, service
from registry.printing.jobs import file_of, part_of
from registry.printing.rules import State
from registry.printing.service import Ask
from registry.seals.code import grouped
from tests import people
from tests.conftest import Browser
from tests.people import ANA, IRENE
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, REASON
from tests.registry.seals.test_service import granted, group, told


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PART", 4)


async def irene_of(association: UUID, now: datetime) -> Actor:
    return await people.enter(IRENE, now, association)


@pytest.mark.parametrize("layout,pages", [("set", 6), ("inside", 2), ("dashboard", 3), ("certificate-a4", 6)])
async def test_a_fleet_is_one_pdf_with_every_code(
    db: None, small: None, context: Context, now: datetime, layout: str, pages: int
) -> None:
    here, _case = await group(context, now, 6)
    irene = await irene_of(here.association, now)
    asked = await service.ask(irene, now, Ask(layout, association=here.association))  # type: ignore[arg-type]
    assert await jobs.make_next(context, now)
    job = await queries.one(irene, asked)
    assert (job.state, job.done, job.total) == (State.DONE, 6, 6)
    pdf = PdfReader(io.BytesIO(await context.storage.get(file_of(asked))))
    assert len(pdf.pages) == pages
    words = "".join(page.extract_text() for page in pdf.pages)
    assert all(grouped(row["code"]) in words for row in await fetch("SELECT code FROM seal"))
    with pytest.raises(KeyError):
        await context.storage.get(part_of(asked, 0))
    assert not await jobs.make_next(context, now)


async def test_a_print_goes_on_where_a_killed_server_left_it(
    db: None, small: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _case = await group(context, now, 6)
    irene = await irene_of(here.association, now)
    asked = await service.ask(irene, now, Ask("inside", association=here.association))
    taken = await service.take(now)
    assert taken and taken.id == asked
    await context.storage.put(part_of(asked, 0), await part(context, taken), content_type="application/pdf")
    assert await service.advance(asked, 4, now)
    assert await service.take(now) is None, "somebody is at it"
    later = now + rules.LEASE + timedelta(seconds=1)
    assert await jobs.make_next(context, later)
    assert (await queries.one(irene, asked)).state is State.DONE
    assert len(PdfReader(io.BytesIO(await context.storage.get(file_of(asked)))).pages) == 2


async def test_after_a_restart_a_print_goes_on_at_once(db: None, small: None, context: Context, now: datetime) -> None:
    here, _case = await group(context, now, 6)
    irene = await irene_of(here.association, now)
    asked = await service.ask(irene, now, Ask("inside", association=here.association))
    taken = await service.take(now)
    assert taken and taken.id == asked
    await context.storage.put(part_of(asked, 0), await part(context, taken), content_type="application/pdf")
    assert await service.advance(asked, 4, now)
    await service.reclaim()
    again = await service.take(now)
    assert again and (again.id, again.done) == (asked, 4), "from where it was left"


async def part(context: Context, job: queries.Print) -> bytes:
    from registry.access.actor import SYSTEM
    from registry.printing import prints
    from registry.seals import queries as seals

    with speaking("es"):
        views = [await seals.view(SYSTEM, id, context.clock()) for id in job.seals[:4]]
        return await prints.made(context, views, job.title, job.layout, 0, job.total)


async def test_a_cancelled_print_leaves_no_file(
    db: None, small: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _case = await group(context, now, 6)
    irene = await irene_of(here.association, now)
    asked = await service.ask(irene, now, Ask("inside", association=here.association))
    advance = service.advance

    async def meanwhile(print_id: UUID, done: int, at: datetime) -> bool:
        if done == 4:
            await service.cancel(irene, at, print_id)
        return await advance(print_id, done, at)

    monkeypatch.setattr(service, "advance", meanwhile)
    assert await jobs.make_next(context, now)
    assert (await queries.one(irene, asked)).state is State.CANCELLED
    for key in (file_of(asked), part_of(asked, 0)):
        with pytest.raises(KeyError):
            await context.storage.get(key)
    with pytest.raises(Conflict, match="print-not-open"):
        await service.cancel(irene, now, asked)


async def test_what_is_no_longer_valid_is_not_handed_out(sign_in: Browser, context: Context, now: datetime) -> None:
    here, case = await group(context, now, 6)
    irene = await sign_in(IRENE, here.association)
    form = {"layout": "set", "association": str(here.association), "once": str(UUID(int=9))}
    places = {(await irene.post("/desk/prints", data=form)).headers["location"] for _ in range(2)}
    [place] = places
    waiting = await irene.get(place)
    assert 'http-equiv="refresh"' in waiting.text and "0 de 6 sellos están listos" in waiting.text
    assert (await irene.get(f"{place}/file.pdf")).status_code == 409
    await jobs.make_next(context, now)
    assert "Descargar el PDF" in (await irene.get(place)).text
    assert (await irene.get(f"{place}/file.pdf")).content.startswith(b"%PDF")
    await certification.suspend(DORA, now, case, REASON, [here.units[2]])
    await told(context, now)
    answer = await irene.get(f"{place}/file.pdf")
    assert answer.status_code == 409 and "vuelva a pedir" in answer.text.lower()


async def test_a_print_of_others_is_not_there(db: None, context: Context, now: datetime) -> None:
    here, _case = await group(context, now, 6)
    irene = await irene_of(here.association, now)
    asked = await service.ask(irene, now, Ask("set", association=here.association))
    other = await scene.business(now, "taxi", "Taxi Ajeno", None)
    ajeno = await people.enter(people.Person("Fausto Ajeno", "fausto@taxi.example", Role.REPRESENTATIVE), now, other)
    with pytest.raises(NotFound):
        await queries.one(ajeno, asked)
    with pytest.raises(NotFound):
        await service.ask(ajeno, now, Ask("set", association=here.association))
    with pytest.raises(Conflict, match="seals-none-to-print"):
        await service.ask(ajeno, now, Ask("set", client=other))


async def test_a_member_sees_and_prints_its_own_seals_and_not_those_of_its_association(
    sign_in: Browser, context: Context, now: datetime
) -> None:
    here, _case = await group(context, now, 6)
    member = await sign_in(ANA, here.clients[0])
    irene = await irene_of(here.association, now)
    asked = await service.ask(irene, now, Ask("set", association=here.association))
    for address in (
        f"/desk/seals/association/{here.association}", f"/desk/prints/new?association={here.association}",
        f"/desk/prints/{asked}",
    ):  # fmt: skip
        assert (await member.get(address)).status_code == 404
    form = {"layout": "set", "association": str(here.association), "once": str(UUID(int=7))}
    assert (await member.post("/desk/prints", data=form)).status_code == 404
    assert (await member.get(f"/desk/seals/business/{here.clients[0]}")).text.count("TAL0000") > 0


async def test_prints_are_forgotten_after_a_week(db: None, context: Context, now: datetime) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    await granted(context, now, here)
    irene = await irene_of(here.association, now)
    asked = await service.ask(irene, now, Ask("certificate-letter", client=here.client))
    await jobs.make_next(context, now)
    await context.storage.put(part_of(asked, 0), b"of a worker that was killed")
    assert not await jobs.make_next(context, now + rules.KEPT + timedelta(days=1))
    with pytest.raises(NotFound):
        await queries.one(irene, asked)
    with pytest.raises(KeyError):
        await context.storage.get(file_of(asked))
    assert [key async for key in context.storage.list("prints/")] == []
