"""The register of ties, and the glass: two deciders, a day, one obstacle, and the committee hears of it at once."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from registry.certification import moves, ties
from registry.certification import queries as certification
from registry.certification.impartiality import Bond, Part, Tie
from registry.certification.schemas import DeclareTie
from registry.core.context import Context
from registry.core.db import execute, transaction
from registry.core.errors import Conflict, Forbidden, NotFound
from registry.core.ids import uuid7
from registry.impartiality import queries, service
from registry.impartiality.rules import Treatment
from registry.outbox import service as outbox
from tests.conftest import Browser
from tests.registry.appeals.scene import IMELDA, pool
from tests.registry.certification import scene
from tests.registry.certification.conftest import hotel as hotel
from tests.registry.certification.looks import events
from tests.registry.certification.scene import ADA, BRUNO, DIEGO, DORA, OLGA, REASON, Scene


async def test_a_discovered_tie_holds_at_once_and_is_reviewed_every_year(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await pool(now)
    tie = DeclareTie(organisation=hotel.client, bond=Bond.RELATED, since=now.date() - timedelta(9), source=REASON)
    await ties.discover_tie(OLGA, now, DIEGO.id, tie)
    with pytest.raises(Forbidden, match="tied-related"):
        await moves.be_impartial(DIEGO, Part.DECIDE, await certification.case(DIEGO, case, now), now)
    (line,) = await queries.register(IMELDA, now)
    assert (line.declared, line.due, line.treatment) == (False, False, Treatment.KEPT_AWAY)
    later = now + timedelta(days=366)
    assert (await queries.register(IMELDA, later))[0].due
    await service.review_tie(IMELDA, later, DIEGO.id, hotel.client, Bond.RELATED, Treatment.WATCHED)
    (line,) = await queries.register(IMELDA, later)
    assert (line.due, line.reviewed_by, line.treatment) == (False, IMELDA.name, Treatment.WATCHED)
    with pytest.raises(NotFound):
        await service.review_tie(IMELDA, now, DORA.id, hotel.client, Bond.RELATED, Treatment.WATCHED)
    with pytest.raises(NotFound):
        await queries.register(BRUNO, now)


async def evaluated_before(monkeypatch: pytest.MonkeyPatch, hotel: Scene, now: datetime) -> None:
    """Diego evaluated this holder in an earlier case, which is now a tie of his."""
    from registry.certification import file

    known = file.ties

    async def ties(people: object, case: object) -> dict[object, list[Tie]]:
        found = await known(people, case)
        found[DIEGO.id].append(Tie(Bond.EVALUATED, hotel.client, now.date(), now.date()))
        return found

    monkeypatch.setattr(file, "ties", ties)


async def test_the_glass_takes_two_and_lifts_one_thing_for_a_day(
    hotel: Scene, now: datetime, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await scene.granted(now, hotel)
    await pool(now)
    await evaluated_before(monkeypatch, hotel, now)
    seen = await certification.case(DIEGO, case, now)

    async def may(at: datetime = now, part: Part = Part.DECIDE) -> None:
        await moves.be_impartial(DIEGO, part, seen, at)

    with pytest.raises(Forbidden, match="tied-evaluated"):
        await may()
    broken = await service.break_glass(DIEGO, now, case, REASON)
    with pytest.raises(Forbidden, match="tied-evaluated"):
        await may()
    with pytest.raises(Forbidden, match="glass-needs-another"):
        await service.agree_to_glass(DIEGO, now, broken, REASON)
    with pytest.raises(Forbidden, match="permission-missing"):
        await service.agree_to_glass(ADA, now, broken, REASON)
    with pytest.raises(Conflict, match="glass-too-late"):
        await service.agree_to_glass(DORA, now + timedelta(days=1), broken, REASON)
    tie = DeclareTie(organisation=hotel.client, bond=Bond.RELATED, since=now.date(), source=REASON)
    with pytest.raises(Forbidden, match="tied-related"):
        async with transaction():
            await ties.discover_tie(OLGA, now, DORA.id, tie)
            await service.agree_to_glass(DORA, now, broken, REASON)
    await service.agree_to_glass(DORA, now, broken, REASON)
    await may()
    with pytest.raises(Forbidden, match="tied-evaluated"):
        await may(part=Part.REVIEW)
    with pytest.raises(Forbidden, match="tied-evaluated"):
        await may(now + timedelta(days=1))
    await outbox.drain(context, now)
    letters = [path.read_text() for path in (context.config.data / "mail").glob("glass-*.eml")]
    assert sum("305@example.org" in letter for letter in letters) >= 1, "the committee hears of it"
    assert await queries.waiting(IMELDA, now) == 1
    await service.see_glass(IMELDA, now, broken)
    with pytest.raises(Conflict, match="glass-already-seen"):
        await service.see_glass(IMELDA, now, broken)
    told = await events(case)
    assert told[-3:] == ["impartiality.glass_broken", "impartiality.glass_agreed", "impartiality.glass_seen"]


async def test_the_database_breaks_no_glass_for_one(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    broken = await service.break_glass(DIEGO, now, case, REASON)
    for second in (DIEGO.id, OLGA.id, uuid7()):
        with pytest.raises(asyncpg.CheckViolationError):
            async with transaction():
                await execute("UPDATE glass SET second = $2, agreed_at = $3 WHERE id = $1", broken, second, now)
    with pytest.raises(asyncpg.CheckViolationError):
        async with transaction():
            await execute("UPDATE glass SET ends_at = ends_at + interval '1 year' WHERE id = $1", broken)


async def test_the_committee_and_deciders_open_the_page(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    case = await scene.granted(now, hotel)
    await pool(now)
    tie = DeclareTie(organisation=hotel.client, bond=Bond.RELATED, since=now.date(), source=REASON)
    await ties.discover_tie(OLGA, now, DIEGO.id, tie)
    diego, dora, imelda = await sign_in(DIEGO), await sign_in(DORA), await sign_in(IMELDA)
    at = "/desk/impartiality"
    assert (await diego.post(f"{at}/glass", data={"certification": "x", "reason": REASON})).status_code == 422
    broken = {"certification": f"http://localhost:8000/desk/certifications/{case}", "reason": REASON}
    assert (await diego.post(f"{at}/glass", data=broken)).status_code == 303
    (one,) = await queries.glasses(DORA)
    assert "Diego" in (await dora.get(at)).text
    assert (await dora.post(f"{at}/glass/{one.id}/agreement", data={"reason": REASON})).status_code == 303
    assert (await imelda.get(at)).status_code == 200
    reviewed = {"person": str(DIEGO.id), "organisation": str(hotel.client), "bond": "related", "treatment": "watched"}
    assert (await imelda.post(f"{at}/reviews", data=reviewed)).status_code == 303
    assert (await imelda.post(f"{at}/glass/{one.id}/seen", data={})).status_code == 303
    olga = await sign_in(OLGA)
    assert "Hotel R" in (await olga.get(f"{at}?q=Manso")).text
    found = {"person": str(DORA.id), "organisation": str(hotel.client), "bond": "employed", "since": "2026-01-01",
             "until": "", "source": REASON}  # fmt: skip
    assert (await olga.post(f"{at}/ties", data=found)).status_code == 303
    assert {line.person for line in await queries.register(IMELDA, now)} == {DIEGO.id, DORA.id}
