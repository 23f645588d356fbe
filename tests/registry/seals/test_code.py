"""Printed codes: random, forgiving of typing, and never mistaken for another seal's."""

import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Invalid
from registry.seals import code
from registry.seals.code import ALPHABET, check, grouped, new_code

VECTORS = msgspec.json.decode((Path(__file__).parents[2] / "vectors/codes.json").read_bytes())
CODES = st.text(ALPHABET, min_size=14, max_size=14).map(code.completed)


@given(CODES)
def test_a_code_reads_back_however_it_is_typed(printed: str) -> None:
    typed = [
        printed, printed.lower(), grouped(printed), grouped(printed).replace("-", " "), f"  {printed}\n",
        printed.replace("1", "I").replace("0", "O"), printed.replace("1", "l").replace("0", "o"),
        f"https://sello.example.cr/s/{printed.lower()}", grouped(printed).replace("-", "–"),
    ]  # fmt: skip
    assert {check(text) for text in typed} == {printed}


@given(CODES, st.data())
def test_any_two_wrong_characters_are_caught(printed: str, data: st.DataObject) -> None:
    places = data.draw(st.sets(st.integers(0, 15), min_size=1, max_size=2))
    wrong = list(printed)
    for place in places:
        wrong[place] = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != printed[place]]))
    with pytest.raises(Invalid, match="code-mistyped"):
        check("".join(wrong))


def test_every_change_of_one_character_and_every_swap_is_caught() -> None:
    printed = new_code(random.Random(7).getrandbits)
    wrong = {printed[:place] + letter + printed[place + 1 :] for place in range(16) for letter in ALPHABET} - {printed}
    assert len(wrong) == 31 * 16
    for left in range(16):
        for right in range(left):
            swapped = list(printed)
            swapped[left], swapped[right] = swapped[right], swapped[left]
            wrong.add("".join(swapped))
    for text in wrong - {printed}:
        with pytest.raises(Invalid):
            check(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        assert len(check(text)) == 16
    except Invalid as refusal:
        assert refusal.code == "code-mistyped"


def test_ten_thousand_codes_are_all_different_and_pass_their_own_check() -> None:
    drawn = [new_code(random.Random(1).getrandbits)] + [
        new_code(random.SystemRandom().getrandbits) for _ in range(9999)
    ]
    assert len(set(drawn)) == 10_000
    assert all(check(one) == one for one in drawn)


@pytest.mark.parametrize("typed,printed", VECTORS["read"])
def test_the_shared_vectors_read(typed: str, printed: str) -> None:
    assert check(typed) == printed


@pytest.mark.parametrize("typed", VECTORS["refused"])
def test_the_shared_vectors_are_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        check(typed)


def test_a_hundred_thousand_codes_are_all_different_and_all_hold() -> None:
    """No two alike, and none that its own check characters would refuse."""
    bits = random.Random(11).getrandbits
    codes = {new_code(bits) for _ in range(100_000)}
    assert len(codes) == 100_000
    assert all(check(one) == one for one in codes)
