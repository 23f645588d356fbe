"""Page, form, sealed form, API, card, seal, operator: one gate. What an operator types is sealed and forgotten."""

import re

import httpx

from registry.access.actor import STRANGER, Actor
from registry.access.permissions import Permission, Role
from registry.core.db import REPORTS_DB, fetch
from registry.reports import routes, service
from tests import people
from tests.channel import check_08, check_09
from tests.channel.check_09 import CANARY, hidden
from tests.channel.doors import doors
from tests.conftest import Browser
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing

WHY = "La guardia contestó el teléfono a las once."


async def test_every_door_says_the_same_and_shows_whom_to_call(world: World) -> None:
    said = await check_08.run(world)
    assert said.passed, said.figure


async def test_a_gate_that_closes_meanwhile_stores_nothing_on_any_way_and_gives_the_words_back(world: World) -> None:
    said = await check_09.run(world)
    assert said.passed, said.figure


async def test_an_operator_types_for_a_caller_and_reads_a_code_out_once(world: World) -> None:
    async with doors(world) as all_doors:
        begin = await all_doors.desk.get("/desk/caller")
        assert begin.status_code == 200 and 'name="text"' not in begin.text, "the place first"
        call = (await all_doors.desk.post("/desk/caller", data={"act": "place", "place": "CR-G"})).text
        assert "en su memoria" in call and CANARY not in call
        ticket = {"act": "send", "place": "CR-G", "ticket": hidden(call, "ticket")}
        empty = await all_doors.desk.post("/desk/caller", data=ticket | {"text": " ", "spot": "Muelle"})
        assert empty.status_code == 422 and "Muelle" in empty.text
        done = await all_doors.desk.post("/desk/caller", data=ticket | {"text": CANARY})
        code = "".join(re.findall(r"<span>(\d{4})</span>", done.text))
        assert done.status_code == 200 and len(code) == 20 and CANARY not in done.text
        assert done.headers["cache-control"] == "no-store"
        again = await all_doors.desk.post("/desk/caller", data=ticket | {"text": CANARY})
        assert code == "".join(re.findall(r"<span>(\d{4})</span>", again.text))
        other = await all_doors.desk.post("/desk/caller", data=ticket | {"text": "otra cosa"})
        assert other.status_code == 409 and "otra cosa" in other.text
        seen = await all_doors.public.post("/return", data={"code": code})
        assert seen.status_code == 200
    row = await only(world)
    assert row["sealed_by"] == "operator"
    everything = [str(dict(line)) for table in ("envelope", "event", "delivery", "form_use", "gate_decision")
                  for line in await fetch(f"SELECT * FROM reports.{table}", engine=REPORTS_DB)]  # fmt: skip
    assert not [line for line in everything if CANARY in line or code in line or "00000000004e" in line], (
        "nor who typed"
    )
    assert (await world.agent().once()).opened == 1


async def test_what_an_operator_types_leaves_no_trace_in_the_register(world: World) -> None:
    operator = Actor(STRANGER.id, "Ofelia", frozenset({Role.HOTLINE_OPERATOR}))
    count = "SELECT (SELECT count(*) FROM trail_entry) AS t, (SELECT count(*) FROM outbox_message) AS o"
    before = await fetch(count)
    receipt = await service.enter(operator, world.now, world.context, filing())
    assert receipt.code and await fetch(count) == before


async def test_the_card_may_stand_in_a_frame_and_nothing_else_of_ours(world: World) -> None:
    async with doors(world) as all_doors:
        card = await all_doors.public.get("/embed/report?place=CR-G")
        page = await all_doors.public.get("/report?place=CR-G")
        for language in ("es", "en", "pt", "fr"):
            told = await all_doors.public.get(f"/embed/report?place=CR-L&lang={language}")
            assert f'lang="{language}"' in told.text and "tel:911" in told.text and "tel:+50625550147" in told.text
    assert "frame-ancestors *" in card.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "<form" not in card.text and "<script" not in card.text and "set-cookie" not in card.headers
    assert all('target="_blank"' in link for link in re.findall(r'<a class="button"[^>]*>', card.text))


async def test_the_officers_page_tells_gates_and_no_number_of_reports(sign_in: Browser) -> None:
    assert Permission.REPORTS_GATE in {entry.permission for entry in routes.RAIL}
    olga: httpx.AsyncClient = await sign_in(people.OLGA)
    page = await olga.get("/desk/gate")
    assert page.status_code == 200 and "Guanacaste" in page.text
    refused = await olga.post("/desk/gate/openings", data={"authority": "x", "reason": WHY})
    assert refused.status_code in (404, 422)
