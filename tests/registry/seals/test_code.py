"""Printed codes: random, forgiving of typing, and never mistaken for another seal's."""

import contextlib
import random
import secrets
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


def test_every_one_of_the_115_816_ways_to_get_one_or_two_characters_wrong_is_caught() -> None:
    """Checked on the code of zeros, and so for every code: what follows says that codes add up."""
    zeros = "0" * 16
    assert check(zeros) == zeros
    one = [(place, letter) for place in range(16) for letter in ALPHABET[1:]]
    assert len(one) == 16 * 31
    errors = [(mistake,) for mistake in one]
    errors += [(left, right) for left in one for right in one if left[0] < right[0]]
    assert len(errors) == 496 + 120 * 31 * 31
    taken = []
    for mistakes in errors:
        wrong = list(zeros)
        for place, letter in mistakes:
            wrong[place] = letter
        with contextlib.suppress(Invalid):
            taken.append(check("".join(wrong)))
    assert taken == []


@given(CODES, CODES)
def test_the_sum_of_two_codes_is_a_code(left: str, right: str) -> None:
    """Two codes that differ in one or two places would have such a sum: see above, there is none."""
    values = [ALPHABET.index(a) ^ ALPHABET.index(b) for a, b in zip(left, right, strict=True)]
    added = "".join(ALPHABET[value] for value in values)
    assert check(added) == added


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        assert len(check(text)) == 16
    except Invalid as refusal:
        assert refusal.code == "code-mistyped"


@pytest.mark.parametrize("typed,printed", VECTORS["read"])
def test_the_shared_vectors_read(typed: str, printed: str) -> None:
    assert check(typed) == printed


@pytest.mark.parametrize("typed", VECTORS["refused"])
def test_the_shared_vectors_are_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        check(typed)


def test_of_a_hundred_thousand_codes_no_two_are_alike_all_hold_and_none_with_a_character_changed_does() -> None:
    """seals.md 7, check 4. Each has one character changed, all 496 ways in turn."""
    codes = {new_code(secrets.randbits) for _ in range(100_000)}
    assert len(codes) == 100_000
    assert all(check(one) == one for one in codes)
    taken = []
    for number, one in enumerate(codes):
        place, step = number % 16, number // 16 % 31 + 1
        letter = ALPHABET[(ALPHABET.index(one[place]) + step) % 32]
        with contextlib.suppress(Invalid):
            taken.append(check(one[:place] + letter + one[place + 1 :]))
    assert taken == []
