"""The work under a flood: what a browser solves is taken once, for its form and its office, and nothing else is."""

import base64
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from public_site.report_form import work
from registry.core import stranger_form as forms
from tests import node

KEY = b"k" * 32
FORM = forms.Token(b"n" * 32, datetime(2026, 11, 20, tzinfo=UTC))
OFFICE = UUID(int=7)
SOLVE = Path(__file__).parent / "client" / "work.js"


def test_what_the_pages_script_solves_is_taken() -> None:
    asked = work.challenge(KEY, FORM, OFFICE, 1)
    told = subprocess.run([node.NODE, SOLVE], input=json.dumps(asked).encode(), capture_output=True, check=True)
    assert work.done(KEY, told.stdout.decode().strip(), FORM, OFFICE, 1)


def test_the_search_is_never_longer_than_its_level_says() -> None:
    for level in (1, 2, 3):
        solved = json.loads(base64.b64decode(work.solve(work.challenge(KEY, FORM, OFFICE, level))))
        assert work.TRIES[level] // 2 <= solved["solution"]["counter"] < work.TRIES[level]
    assert work.TRIES[0] == 0 and list(work.TRIES) == sorted(work.TRIES)
    assert work.TRIES[-1] * work.ROUNDS <= 3 * 270_000, "three seconds of a cheap phone"


def test_it_is_good_for_one_form_one_office_and_one_key() -> None:
    solved = work.solve(work.challenge(KEY, FORM, OFFICE, 1))
    assert work.done(KEY, solved, FORM, OFFICE, 1)
    other = forms.Token(b"m" * 32, FORM.made_at)
    assert not work.done(KEY, solved, other, OFFICE, 1)
    assert not work.done(KEY, solved, FORM, UUID(int=8), 1)
    assert not work.done(b"x" * 32, solved, FORM, OFFICE, 1)


def test_one_level_less_is_enough_and_two_are_not() -> None:
    solved = work.solve(work.challenge(KEY, FORM, OFFICE, 1))
    assert [work.done(KEY, solved, FORM, OFFICE, level) for level in (0, 1, 2, 3)] == [True, True, True, False]


@pytest.mark.parametrize("what", ["counter", "prefix", "level", "form", "cost", "key"])
def test_whatever_is_changed_is_noticed(what: str) -> None:
    said = json.loads(base64.b64decode(work.solve(work.challenge(KEY, FORM, OFFICE, 1))))
    parameters = said["challenge"]["parameters"]
    match what:
        case "counter":
            said["solution"]["derivedKey"] = "00" * 32
        case "prefix":
            parameters["keyPrefix"] = ""
        case "level":
            parameters["data"]["level"] = 3
        case "form":
            parameters["data"]["form"] = "00" * 16
        case "cost":
            parameters["cost"] = 1
        case "key":
            del parameters["keySignature"]
    assert not work.done(KEY, base64.b64encode(json.dumps(said).encode()).decode(), FORM, OFFICE, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["challenge", "solution", "parameters", "data", "algorithm", "nonce", "salt", "cost", "form",
                         "office", "level", "counter", "derivedKey", "signature"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_anything_else_is_no_work_and_no_fault_of_ours(said: object) -> None:
    assert not work.done(KEY, base64.b64encode(json.dumps(said).encode()).decode(), FORM, OFFICE, 1)


@given(st.text(max_size=60))
def test_any_text_is_no_work_and_no_fault_of_ours(text: str) -> None:
    assert not work.done(KEY, text, FORM, OFFICE, 1)
