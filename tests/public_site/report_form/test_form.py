"""The form as a page: what a seal or a card brings along, what comes back, what is folded away."""

import re
from datetime import timedelta

import msgspec
import pytest

from registry.reports import card as cards
from registry.reports import told
from registry.reports.asked import LABELS, MANY, MORE
from tests.public_site.report_form.test_routes import CANARY, Visit, send, token, visit
from tests.public_site.world import HOTEL, TAXI, entries

__all__ = ["visit"]

SEALS = {one.code: one for one in entries()}
TYPED = {name: f"{name} 4417" for name in LABELS if name not in ("when_date", "when_time")} | {
    "when_date": "2026-11-20", "when_time": "21:40", "text": CANARY,
}  # fmt: skip
CHOSEN = {
    "what": ["paid", "online"], "told": ["hotel", "guide"], "children_age": ["0-5", "12-17"], "children_sex": ["both"],
    "reporter_role": ["driver"], "ongoing": ["1"], "child_in_danger_now": ["1"], "contact_via_code": ["1"],
    "when": ["now"],
}  # fmt: skip


@pytest.fixture
def published(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("public_site.verification.copy.Copy.find", lambda _copy, code: SEALS.get(code))


def value_of(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


async def test_from_a_hotels_page_the_form_knows_the_place_the_kind_and_the_house(
    visit: Visit, published: None
) -> None:
    page = (await visit.http.get(f"/report?place=CR-G&seal={HOTEL}")).text
    assert "Santa Cruz, Guanacaste" in page and "Hotel or other lodging" in page
    assert value_of(page, "spot").startswith("Hotel Laguna Clara") and value_of(page, "premises") == "lodging"
    assert value_of(page, "place") == "CR-G/503" and value_of(page, "business") == HOTEL


async def test_a_taxis_seal_stays_with_the_form_when_the_place_is_changed(visit: Visit, published: None) -> None:
    page = (await visit.http.get(f"/report?place=CR-G&seal={TAXI}")).text
    assert value_of(page, "plate") == "TSJ4417" and value_of(page, "seal") == TAXI
    assert '<details class="more" open>' in page, "what is filled in is in view"


async def test_a_card_brings_the_form_filled_in_and_nobodys_name(visit: Visit) -> None:
    card = cards.Card("CR-G/503", "lodging", "staff", "Hotel Laguna Clara, Tamarindo")
    link = cards.write(cards.key(visit.world.context), card)
    page = (await visit.http.get("/report", params={"staff": link})).text
    assert value_of(page, "spot") == card.spot and '<option value="staff" selected>' in page
    assert 'name="text"' in page and "This card was changed" not in page


async def test_a_forged_card_is_the_ordinary_way_with_a_sentence(visit: Visit) -> None:
    card = cards.write(b"of another instance", cards.Card("CR-L", "taxi", "driver"))
    page = await visit.http.get("/report", params={"staff": card})
    assert page.status_code == 200 and "This card was changed or is not ours" in page.text
    assert 'name="text"' not in page.text, "the place is asked first, as of everybody"
    there = (await visit.http.get("/report", params={"staff": card, "place": "CR-G"})).text
    assert 'name="text"' in there and "This card was changed or is not ours" in there


async def test_whatever_was_typed_or_ticked_comes_back_when_something_is_wrong(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=CR-G")).text
    assert '<details class="more">' in page
    fields = {"token": token(page), "place": "CR-G", "website": "http://spam"} | TYPED | CHOSEN
    answer = (await visit.http.post("/report", data=fields)).text
    for name, value in TYPED.items():
        assert value in (answer if name == "text" else value_of(answer, name)), name
    for name, values in CHOSEN.items():
        for value in values:
            where = rf'(name="{name}" value="{value}"[^>]* checked|<option value="{value}" selected)'
            assert re.search(where, answer), (name, value)
    assert '<details class="more" open>' in answer


async def test_a_closed_gate_gives_every_word_back_under_what_was_asked(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=CR-G")).text
    visit.clock.now += timedelta(days=40)
    answer = await visit.http.post("/report", data={"token": token(page), "place": "CR-G"} | TYPED)
    assert answer.status_code == 409
    for name, value in TYPED.items():
        assert f"{LABELS[name]}\n{value}" in answer.text.replace("&#39;", "'"), name


async def test_a_text_that_may_name_a_child_is_said_so_where_it_comes_back_and_never_held_back(visit: Visit) -> None:
    named = "La niña se llama Ana Rojas"
    again = await send(visit, text=named, website="http://spam")
    assert re.search(r"<span>This may be the full name", again.text)
    assert (await send(visit, text=named)).status_code == 200


async def test_a_canton_is_a_place_and_one_of_another_country_is_not(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=CR-G/503")).text
    assert "Santa Cruz, Guanacaste" in page and 'name="text"' in page
    assert 'name="text"' not in (await visit.http.get("/report?place=CR-G/999")).text


async def test_no_field_asks_for_the_name_of_a_child(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=CR-G")).text
    names = set(re.findall(r'name="(\w+)"', page))
    assert names >= set(LABELS) and not {name for name in names if name.startswith("child") and "name" in name}
    assert set(LABELS) & names == set(LABELS) and (set(LABELS) - {"spot", "text", "contact", "languages"}) <= MORE
    assert {*MANY, *CHOSEN} <= names


def test_every_field_of_the_page_is_in_what_is_sealed() -> None:
    """A field whose answer is dropped must not be shown."""
    fields = {name: [value] for name, value in TYPED.items()} | CHOSEN
    fields |= {"place": ["CR-G/503"], "premises": ["lodging"], "business": [HOTEL]}
    fields |= {"children_count": ["2"], "adults_count": ["3"]}
    sealed = msgspec.json.encode(told.written(fields, "en")).decode()
    for name, values in fields.items():
        for value in values if values != ["1"] else []:
            assert f'"{value}"' in sealed or f":{value}," in sealed, name
    for flag in ("ongoing", "child_in_danger_now", "may_contact_via_code"):
        assert f'"{flag}":true' in sealed
