"""Board, members, files and steps, for those they are for."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from registry.certification import file
from registry.certification import queries as certification
from registry.clients import queries as clients
from registry.commitments import queries as commitments
from registry.core.db import fetch
from registry.indicators import queries
from registry.schemes import queries as schemes
from registry.seals import jobs as sealing
from registry.seals import queries as seals
from registry.training import queries as training
from tests.conftest import Browser
from tests.people import IRENE, TOMAS
from tests.registry.certification import scene
from tests.registry.certification.scene import Scene


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    return await scene.hotel(now, await scene.opened(now))


async def test_an_enrolled_member_s_first_step_is_its_own(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    ana = await sign_in(await scene.known(hotel.ana, now))
    answer = await ana.get("/desk/steps")
    assert answer.headers["location"] == f"/desk/members/{hotel.client}"
    page = await ana.get(answer.headers["location"])
    assert page.status_code == 200
    for link in (f"/desk/commitments/of/{hotel.client}", f"/desk/roster/{hotel.client}", "/desk/certifications/apply"):
        assert link in page.text
    assert await queries.own_steps(hotel.ana, now) == 3
    assert (await ana.get("/desk/members")).headers["location"] == "/desk/steps"


async def test_the_board_counts_each_member_once(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    irene = await sign_in(await scene.known(hotel.irene, now))
    board = await irene.get("/desk/board")
    assert board.status_code == 200 and "step=commitment-missing" in board.text
    listed = await irene.get("/desk/members", params={"step": "commitment-missing"})
    assert "Hotel Río Manso" in listed.text
    for asked in ({"standing": "enrolled"}, {"province": "CR-A"}, {"order": "training"}, {"number": "7"}):
        assert "Hotel Río Manso" in (await irene.get("/desk/members", params=asked)).text, asked
    for asked in ({"q": "nadie"}, {"standing": "valid"}, {"soon": "true"}, {"low": "true"}):
        assert "Hotel Río Manso" not in (await irene.get("/desk/members", params=asked)).text, asked


async def test_a_certified_member_s_file_tells_all_of_it_and_no_names(
    hotel: Scene, now: datetime, context: Any, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    await sealing.issue_seals(context, now, {"certification": str(case)})
    irene = await sign_in(await scene.known(hotel.irene, now))
    (row,) = (await queries.members(hotel.irene, now)).rows
    assert (row.standing, row.lacking, row.total) == ("valid", (), 4)
    page = await irene.get(f"/desk/members/{hotel.client}")
    assert page.status_code == 200
    workers = await clients.workers([hotel.client])
    assert workers and not any(worker.name in page.text for worker in workers)
    assert "/s/" in page.text and 'id="decisions"' in page.text
    board = await irene.get("/desk/board")
    assert "100" in board.text


async def test_an_association_without_members_is_shown_the_first_step(
    db: None, now: datetime, sign_in: Browser
) -> None:
    await scene.opened(now)
    association = await scene.chamber(now, "Asociación Ribera", "hotels")
    irene = await sign_in(IRENE, association)
    page = await irene.get("/desk/board")
    assert 'class="drop"' in page.text and str(association) in page.text


async def test_nobody_reads_another_association_s_files(
    hotel: Scene, now: datetime, sign_in: Browser, client: httpx.AsyncClient
) -> None:
    other = await sign_in(IRENE, await scene.chamber(now, "Otra", "hotels"))
    assert (await other.get(f"/desk/members/{hotel.client}")).status_code == 404
    assert "Manso" not in (await other.get("/desk/members")).text
    tomas = await sign_in(TOMAS)
    assert (await tomas.get("/desk/board")).status_code == 403
    assert (await client.get(f"/desk/members/{hotel.client}")).status_code == 303


async def test_many_members_take_as_many_queries_as_one(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    taxis = await scene.taxis(now, await scene.opened(now), 6)
    await scene.group_applied(now, taxis)
    counted: list[str] = []

    async def counting(sql: str, *args: Any, **more: Any) -> list[dict[str, Any]]:
        counted.append(sql)
        return await fetch(sql, *args, **more)

    for module in (queries, certification, file, commitments, schemes, seals, training, clients):
        monkeypatch.setattr(module, "fetch", counting)
    await queries.facts(taxis.clients[:1], now)
    of_one = len(counted)
    counted.clear()
    assert len((await queries.members(taxis.irene, now)).rows) == 6
    assert of_one < len(counted) <= of_one + 4
