"""How somebody comes to the form: what a seal and a card fill in, and what a changed one does not."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from public_site.report_form.arrival import CARD_CHANGED, SEAL_UNKNOWN, Asked, arrival
from public_site.report_form.names import names_child
from registry.core.errors import Invalid
from registry.reports import card as cards
from registry.reports import kinds
from registry.reports.agent.htcds import INDUSTRY
from tests.public_site.world import HOTEL, TAXI, entries

KEY = b"c" * 32
CARD = cards.Card("CR-G/503", "lodging", "staff", "Hotel Laguna Clara, Tamarindo")
SEALS = {one.code: one for one in entries()}
NAMES = json.loads((Path(__file__).parents[2] / "vectors" / "report_names.json").read_text())


def test_from_a_hotels_seal_the_place_the_kind_and_the_house_are_known() -> None:
    came = arrival(Asked(place="CR-G", seal=HOTEL), SEALS[HOTEL], None)
    assert (came.place, came.premises, came.business) == ("CR-G/503", "lodging", HOTEL)
    assert came.filled["spot"].startswith("Hotel Laguna Clara, ") and not came.keep


def test_a_hotel_does_not_move_another_place_drops_it() -> None:
    came = arrival(Asked(place="CR-L", seal=HOTEL), SEALS[HOTEL], None)
    assert (came.place, came.premises, came.filled, came.business) == ("CR-L", "", {}, "")


def test_a_taxi_may_have_been_anywhere_and_keeps_its_plate() -> None:
    came = arrival(Asked(place="CR-P", seal=TAXI), SEALS[TAXI], None)
    assert (came.place, came.premises, came.keep) == ("CR-P", "taxi", {"seal": TAXI})
    assert came.filled == {"plate": "TSJ4417", "vehicle_make": "Toyota Yaris 2019", "vehicle_colour": "rojo"}
    assert arrival(Asked(seal=TAXI), SEALS[TAXI], None).place == "CR-SJ/101"


def test_a_seal_that_nobody_knows_leaves_the_choice_and_says_so() -> None:
    came = arrival(Asked(place="CR-G", seal="7K3M"), None, None)
    assert (came.place, came.said) == ("CR-G", SEAL_UNKNOWN)


def test_a_card_fills_in_place_kind_and_role_and_no_person() -> None:
    came = arrival(Asked(staff="…"), None, cards.read(KEY, cards.write(KEY, CARD)))
    assert (came.place, came.premises) == ("CR-G/503", "lodging")
    assert came.filled == {"spot": "Hotel Laguna Clara, Tamarindo", "reporter_role": "staff"}


def test_the_vehicles_card_keeps_its_plate_in_another_place() -> None:
    taxi = cards.Card("CR-SJ/101", "taxi", "driver", plate="TSJ4417")
    came = arrival(Asked(place="CR-L", staff="x"), None, taxi)
    assert (came.place, came.premises, came.keep) == ("CR-L", "taxi", {"staff": "x"})
    assert came.filled == {"plate": "TSJ4417", "reporter_role": "driver"}


def test_a_card_that_is_not_ours_is_an_ordinary_form_with_a_sentence() -> None:
    assert arrival(Asked(staff="forged"), None, None).said == CARD_CHANGED


@given(st.integers(0, 200), st.integers(1, 255))
def test_no_sign_of_a_card_can_be_changed(at: int, other: int) -> None:
    text = cards.write(KEY, CARD)
    raw = bytearray(text.encode())
    raw[at % len(raw)] ^= other
    changed = raw.decode("latin-1")
    try:
        read = cards.read(KEY, changed)
    except Invalid:
        return
    assert read == CARD, "the same bytes written otherwise"


@given(st.text(max_size=300))
def test_what_we_did_not_sign_is_no_card(text: str) -> None:
    with pytest.raises(Invalid, match="card-not-ours"):
        cards.read(KEY, text)


def test_a_card_of_another_instance_is_no_card() -> None:
    with pytest.raises(Invalid, match="card-not-ours"):
        cards.read(b"x" * 32, cards.write(KEY, CARD))


def test_kinds_of_premises_are_those_that_an_authority_gets() -> None:
    assert set(kinds.KINDS) == set(INDUSTRY)
    assert [kinds.of(one) for one in ("hotel", "boat", "taxi", "other", "")] == ["lodging", "waterway", "taxi", "", ""]


@pytest.mark.parametrize(("text", "holds"), [(t, k == "holds") for k, texts in NAMES.items() for t in texts])
def test_a_text_that_may_hold_a_childs_full_name_is_noticed(text: str, holds: bool) -> None:
    assert names_child(text) is holds


@given(st.text(max_size=400))
def test_looking_for_a_name_never_fails(text: str) -> None:
    assert names_child(text) in (True, False)
