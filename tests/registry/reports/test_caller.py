"""The operator's page: it asks a caller what the public form asks, loses nothing told, and dictates the code."""

import json
import re
from typing import Any

from registry.reports.asked import LABELS, MORE, QUESTIONS, TICKS
from tests.channel.doors import Doors, doors
from tests.registry.reports.world import World

TOLD: dict[str, Any] = {
    "text": "Una señora llamó por lo que vio.", "spot": "Muelle", "when": "today", "what": ["paid", "asked_help"],
    "children_count": "2", "children_age": ["6-11"], "children_sex": "both", "adults_name": "Beto", "plate": "SJB 1",
    "online_handle": "perfil", "told": ["police"], "reporter_role": "driver", "languages": "en, fr",
    "contact_via_code": "1",
}  # fmt: skip


async def asked(all_doors: Doors, place: str = "CR-G", **told: object) -> str:
    page: str = (await all_doors.desk.post("/desk/caller", data={"act": "place", "place": place} | told)).text
    return page


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page[:2000]
    return found[1]


async def test_a_caller_is_asked_what_the_public_form_asks_and_the_office_reads_each_answer(world: World) -> None:
    async with doors(world) as all_doors:
        page = await asked(all_doors)
        names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page))
        assert names >= {*LABELS, *QUESTIONS, *TICKS, *MORE}
        sent = {"act": "send", "place": "CR-G", "ticket": hidden(page, "ticket"), "seen": hidden(page, "seen")}
        done = await all_doors.desk.post("/desk/caller", data=sent | TOLD)
        assert done.status_code == 200 and len(re.findall(r"<span>\d{4}</span>", done.text)) == 5
        for words in ("Diga para qué sirve", "cifra por cifra", "Diga quién lo lee"):
            assert words in done.text
    assert (await world.agent().once()).opened == 1
    report = json.loads(next(world.folder.rglob("CASO-*.json")).read_text())["report"]
    assert report["children"] == {"count": 2, "age": ["6-11"], "sex": "both"}
    assert report["vehicle"] == {"plate": "SJB 1"} and report["adults"] == {"name": "Beto"}
    assert report["what"] == ["paid", "asked_help"] and report["already_told"] == ["police"]
    assert report["reporter_role"] == "driver" and report["languages"] == ["en", "fr"]


async def test_another_place_keeps_what_was_typed_and_is_not_sent_before_its_readers_were_named(world: World) -> None:
    async with doors(world) as all_doors:
        page = await asked(all_doors)
        sent = {"act": "send", "ticket": hidden(page, "ticket"), "seen": hidden(page, "seen")} | TOLD
        moved = await all_doors.desk.post("/desk/caller", data=sent | {"place": "CR-G", "premises": "taxi"})
        assert moved.status_code == 200 and "<span>" not in moved.text.partition('class="dictated')[2]
        assert (
            TOLD["text"] in moved.text and 'value="SJB 1"' in moved.text and '<details class="more" open>' in moved.text
        )
        again = await all_doors.desk.post(
            "/desk/caller", data=sent | {"place": "CR-G", "premises": "taxi", "seen": hidden(moved.text, "seen")}
        )
        assert len(re.findall(r"<span>\d{4}</span>", again.text)) == 5


async def test_where_nobody_can_receive_it_every_answer_is_given_back_under_its_question(world: World) -> None:
    async with doors(world) as all_doors:
        page = await asked(all_doors, "CR-L", **TOLD)
    given = page.partition('id="given"')[2]
    for words in (TOLD["text"], "Hoy", "Niñas y niños", "policía", "SJB 1", "6 a 11 años", "Beto"):
        assert words in given, words
    assert "Hubo dinero, regalos o promesas a cambio" in given and "911" in page
    assert 'name="text"' not in page


async def test_what_is_to_be_mended_in_the_folded_questions_is_in_view_with_its_sentence(
    world: World,
) -> None:
    async with doors(world) as all_doors:
        page = await asked(all_doors)
        code = (await all_doors.desk.post(
            "/desk/caller", data={"act": "send", "place": "CR-G", "ticket": hidden(page, "ticket"), "text": "Vi algo."}
        )).text  # fmt: skip
        code = "".join(re.findall(r"<span>(\d{4})</span>", code))
        sent = {"act": "send", "place": "CR-G", "ticket": hidden(await asked(all_doors), "ticket")} | TOLD
        back = await all_doors.desk.post("/desk/caller", data=sent | {"plate": code})
    assert back.status_code == 422 and '<details class="more" open>' in back.text
    assert 'id="plate-error"' in back.text and 'aria-describedby="plate-error"' in back.text
    assert 'href="#plate"' in back.text and TOLD["text"] in back.text and 'value="police" checked' in back.text
