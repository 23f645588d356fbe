"""Misuse of the mark: notices become a case, a letter, five days, a photograph or the public list."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import asyncpg
import pytest
from PIL import Image

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Role
from registry.complaints import jobs, listed, marks, seen
from registry.complaints.listed import Entry, Mark
from registry.complaints.misuse import Kind, Outcome, Shows, State, Told
from registry.complaints.schemas import Evidence, OpenMisuse
from registry.core import crypto, picture
from registry.core.context import Context
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.outbox import service as outbox
from registry.seals import jose
from tests import people
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.conftest import hotel as hotel
from tests.registry.certification.conftest import taxis as taxis
from tests.registry.certification.looks import events
from tests.registry.certification.scene import DORA, OLGA, REASON, Scene, known

CODE = "7K3M9QXT2W4HVN40"


def photo() -> picture.Kept:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(drawn, "PNG")
    return picture.keep(drawn.getvalue())


def shows(what: Shows, now: datetime, **more: object) -> Evidence:
    return Evidence(**{"shows": what, "taken_on": now.date(), "nobody_in_it": True} | more)


async def told(now: datetime, plate: str = "TSJ 9999") -> UUID:
    made = uuid4()
    await execute(
        "INSERT INTO mismatch_notice (id, about, code, seen, what, region, note, told_on, state, outcome)"
        " VALUES ($1, 'mismatch', $2, $3, 'plate', 'CR-SJ', '', $4, 'open', '')",
        made, CODE, plate, now.date(),
    )  # fmt: skip
    return made


async def in_public(context: Context) -> tuple[Entry, ...]:
    """The list as a reader who knows our key opens it."""
    signer = context.keys.snapshot
    keys = {f"{context.config.did}#{signer.kid}": signer.public_bytes()}
    data = await context.published.get(listed.KEY)
    return listed.read(data, jose.verifier(keys, crypto.verified)).misuse


async def test_a_notice_is_closed_with_words_once(db: None, now: datetime) -> None:
    one = await told(now)
    assert await seen.told(OLGA, now) == 1
    with pytest.raises(Invalid):
        await marks.close_notice(OLGA, now, one, "short")
    await marks.close_notice(OLGA, now, one, "Visited: the sticker belongs to another car.")
    assert await seen.notices(OLGA, Told.OPEN) == []
    with pytest.raises(Conflict):
        await marks.close_notice(OLGA, now, one, "and once more, to be certain")
    with pytest.raises(NotFound):
        await seen.notice(Actor(uuid4(), "x", frozenset({Role.ASSOCIATION_ADMIN})), one)


async def test_words_of_a_notice_that_belong_elsewhere_are_taken_out(db: None, now: datetime) -> None:
    one = await told(now)
    await marks.set_notice_aside(OLGA, now, one)
    kept = await seen.notice(OLGA, one)
    assert (kept.seen, kept.note, kept.state) == ("", "", "closed")
    assert await events(one) == ["notices.closed"]


async def test_from_two_notices_to_a_removed_mark(hotel: Scene, now: datetime, context: Context) -> None:
    await known(hotel.ana, now)
    first, _ = await told(now), await told(now, "TSJ 9998")
    case = await marks.open_misuse(OLGA, now, OpenMisuse(holder=hotel.client), first)
    assert await seen.notices(OLGA, Told.OPEN) == []
    assert len(await seen.of_case(case)) == 2
    with pytest.raises(NotFound):
        await seen.case(hotel.ana, case)
    await marks.add_evidence(OLGA, now, context.storage, case, shows(Shows.USE, now), photo())
    await marks.warn(OLGA, now, case, "El sello estaba en el taxi TSJ 9999 el 19 de noviembre.")
    one = await seen.case(hotel.ana, case)
    assert (one.state, one.stop_by, one.code) == (State.WARNED, now.date() + timedelta(5), CODE)
    await outbox.drain(context, now)
    (letter,) = (context.config.data / "mail").glob("misuse-*.eml")
    assert "M-2026-0001" in letter.read_text()
    with pytest.raises(Invalid, match="evidence-shows"):
        await marks.add_evidence(hotel.ana, now, context.storage, case, shows(Shows.USE, now), photo())
    with pytest.raises(Invalid, match="evidence-people"):
        await marks.add_evidence(
            hotel.ana, now, context.storage, case, shows(Shows.REMOVED, now, nobody_in_it=False), photo()
        )
    with pytest.raises(Conflict, match="misuse-end-not-possible"):
        await marks.close(OLGA, now, case, Outcome.REMOVED, REASON)
    piece = await marks.add_evidence(hotel.ana, now, context.storage, case, shows(Shows.REMOVED, now), photo())
    assert await context.storage.get((await seen.piece(hotel.ana, piece)).storage_key) == photo().data
    await marks.close(OLGA, now, case, Outcome.REMOVED, REASON)
    assert (await seen.case(OLGA, case)).outcome is Outcome.REMOVED
    figure = await seen.closed_in_time(now.date() - timedelta(30), now.date())
    assert (figure.opened, figure.in_time, figure.share) == (1, 1, 1.0)


async def test_who_never_was_certified_is_named_in_public_after_five_days(
    db: None, now: datetime, context: Context
) -> None:
    case = await marks.open_misuse(OLGA, now, OpenMisuse(name="Hostal Inventado", place="Jacó"))
    with pytest.raises(Invalid, match="misuse-without-name"):
        await marks.open_misuse(OLGA, now, OpenMisuse())
    await marks.warn(OLGA, now, case, "Muestra un sello que nadie emitió.")
    with pytest.raises(Conflict, match="misuse-too-early"):
        await marks.publish(OLGA, now + timedelta(days=5), case, REASON)
    later = now + timedelta(days=6)
    with pytest.raises(Conflict, match="misuse-without-evidence"):
        await marks.publish(OLGA, later, case, REASON)
    await marks.add_evidence(OLGA, later, context.storage, case, shows(Shows.USE, now), photo())
    await marks.publish(OLGA, later, case, REASON)
    await outbox.drain(context, later)
    (line,) = await in_public(context)
    assert (line.name, line.mark, line.removed_on) == ("Hostal Inventado", Mark.FALSE, None)
    await marks.add_evidence(OLGA, later, context.storage, case, shows(Shows.REMOVED, later), photo())
    await outbox.drain(context, later)
    (line,) = await in_public(context)
    assert line.removed_on == later.date()
    before = await context.published.stat(listed.KEY)
    await jobs.publish(context, later + timedelta(hours=1), {})
    assert await context.published.stat(listed.KEY) == before, "the same list is not signed again"
    await jobs.publish(context, later + timedelta(hours=25), {})
    assert await context.published.stat(listed.KEY) != before, "but for its age"


async def test_a_driver_is_not_named_and_a_vehicles_code_not_told(
    taxis: Scene, now: datetime, context: Context
) -> None:
    case = await marks.open_misuse(OLGA, now, OpenMisuse(holder=taxis.client, code=CODE, place="San José"))
    await marks.warn(OLGA, now, case, "El sello estaba en otro carro el 19 de noviembre.")
    later = now + timedelta(days=6)
    await marks.add_evidence(OLGA, later, context.storage, case, shows(Shows.USE, now), photo())
    await marks.publish(OLGA, later, case, REASON)
    await jobs.publish(context, later, {})
    (line,) = await in_public(context)
    assert (line.name, line.code, line.place, line.mark) == ("", "", "San José", Mark.ELSEWHERE)


async def test_the_database_publishes_nobody_before_their_days_are_over(db: None, now: datetime) -> None:
    case = await marks.open_misuse(OLGA, now, OpenMisuse(name="Hostal Inventado"))
    await marks.warn(OLGA, now, case, "Muestra un sello que nadie emitió.")
    for statement in (
        "UPDATE misuse SET published_on = stop_by WHERE id = $1",
        "UPDATE misuse SET stop_by = stop_by + 30 WHERE id = $1",
        "DELETE FROM misuse WHERE id = $1",
        "UPDATE misuse_step SET note = 'x' WHERE misuse = $1",
    ):
        with pytest.raises(asyncpg.PostgresError):
            async with transaction():
                await execute(statement, case)


async def test_a_lost_certificate_asks_for_its_marks_once(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    asked = await marks.ask_removal(SYSTEM, now, case)
    assert await marks.ask_removal(SYSTEM, now, case) == asked
    one = await seen.case(hotel.ana, asked)
    assert (one.kind, one.state, one.stop_by) == (Kind.REMOVAL, State.WARNED, now.date() + timedelta(5))
    assert seen.waits_for(hotel.ana, one, now.date())
    assert (await seen.closed_in_time(date(2026, 1, 1), now.date())).opened == 0, "a loss is no misuse"


async def test_deciders_read_and_change_nothing(hotel: Scene, now: datetime) -> None:
    case = await marks.open_misuse(OLGA, now, OpenMisuse(name="Hostal Inventado"))
    assert (await seen.case(DORA, case)).number == "M-2026-0001"
    with pytest.raises(Forbidden):
        await marks.warn(DORA, now, case, "Muestra un sello que nadie emitió.")
    assert len(await fetch("SELECT 1 FROM misuse_step WHERE misuse = $1", case)) == 1


async def test_pictures_go_a_year_after_the_end_and_what_proves_something_stays(
    hotel: Scene, now: datetime, context: Context
) -> None:
    case = await marks.open_misuse(OLGA, now, OpenMisuse(holder=hotel.client, code=CODE))
    await marks.add_evidence(
        OLGA, now, context.storage, case, shows(Shows.USE, now, note="La vi en la puerta"), photo()
    )
    await marks.close(OLGA, now, case, Outcome.NONE_FOUND, "El sello era de otra sede, vigente.")
    [before] = await seen.pieces(case)
    early, late = now + timedelta(days=364), now + timedelta(days=366)
    await jobs.forget_evidence(context, early)
    assert await context.storage.get(before.storage_key)
    with pytest.raises(Conflict, match="evidence-needed"):
        await marks.forget_evidence(SYSTEM, early, context.storage, case)
    for statement in (
        "UPDATE misuse_evidence SET gone_on = '2026-12-31', note = '' WHERE misuse = $1",
        "UPDATE misuse_evidence SET note = '' WHERE misuse = $1",
        "DELETE FROM misuse_evidence WHERE misuse = $1",
    ):
        with pytest.raises(asyncpg.PostgresError, match="a year after"):
            async with transaction():
                await execute(statement, case)
    for _ in range(2):
        await jobs.forget_evidence(context, late)
    with pytest.raises(KeyError):
        await context.storage.get(before.storage_key)
    [after] = await seen.pieces(case)
    assert (after.note, after.gone_on) == ("", late.date())
    assert (after.sha256, after.shows, after.taken_on) == (before.sha256, before.shows, before.taken_on)
    assert [event for event in await events(case) if event == "misuse.evidence_forgotten"] == [
        "misuse.evidence_forgotten"
    ]  # fmt: skip


async def test_pictures_stay_while_somebody_may_still_need_them(hotel: Scene, now: datetime, context: Context) -> None:
    cases = []
    for _ in range(2):
        case = await marks.open_misuse(OLGA, now, OpenMisuse(holder=hotel.client, code=CODE))
        await marks.add_evidence(OLGA, now, context.storage, case, shows(Shows.USE, now), photo())
        cases.append(case)
    await marks.close(OLGA, now, cases[0], Outcome.NONE_FOUND, "El sello era de otra sede, vigente.")
    late = (now + timedelta(days=400)).date()
    assert await seen.outlived(late) == [cases[0]], "the other is still open"
    await execute(
        "INSERT INTO complaint (id, number, about, state, lodged_at, moved_at, organisation, lodged_on, acknowledge_by,"
        " answer_by) VALUES ($1, 'Q-2026-0099', 'holder', 'received', $2, $2, $3, '2026-11-20', '2026-11-25',"
        " '2027-01-20')",
        uuid4(), now, hotel.client,
    )  # fmt: skip
    assert await seen.outlived(late) == [], "a complaint about the same holder is open"


async def test_a_picture_that_is_gone_says_since_when(sign_in: Browser, hotel: Scene, context: Context) -> None:
    long_ago = datetime(2024, 1, 10, 15, tzinfo=UTC)
    case = await marks.open_misuse(OLGA, long_ago, OpenMisuse(holder=hotel.client, code=CODE))
    await marks.add_evidence(OLGA, long_ago, context.storage, case, shows(Shows.USE, long_ago), photo())
    await marks.close(OLGA, long_ago, case, Outcome.NONE_FOUND, "El sello era de otra sede, vigente.")
    [piece] = await seen.pieces(case)
    olga = await sign_in(people.OLGA)
    assert (await olga.get(f"/desk/misuse/evidence/{piece.id}")).status_code == 200
    await jobs.forget_evidence(context, datetime(2025, 2, 1, tzinfo=UTC))
    gone = await olga.get(f"/desk/misuse/evidence/{piece.id}", headers={"accept": "text/html"})
    assert gone.status_code == 404 and "se borró el" in gone.text
    assert "borrada el" in (await olga.get(f"/desk/misuse/{case}")).text
