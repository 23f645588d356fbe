"""Which language, and how a date or a figure is written in it."""

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core import i18n
from registry.core.errors import Busy, Conflict

WHEN = datetime(2026, 9, 3, 20, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "accept", "spoken"),
    [
        (None, None, "es"),
        ("fr", "en", "fr"),
        ("xx", "en", "en"),
        (None, "pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        (None, "de, en;q=0.4, fr;q=0.7", "fr"),
        (None, "sv-SE", "es"),
        (None, "en;q=0, *", "es"),
        (None, "en;q=0.5, *;q=0.1", "en"),
        (None, "EN-us", "en"),
        (None, "fr;q=nan, pt;q=0.1", "pt"),
        (None, "zh-Hant-TW,zh;q=0.9", "es"),
    ],
)
def test_the_language_asked_for_is_spoken(wanted: str | None, accept: str | None, spoken: str) -> None:
    assert i18n.negotiate(wanted, accept) == spoken


@given(st.text(max_size=80), st.text(max_size=200))
def test_any_header_gets_a_language_we_speak(wanted: str, accept: str) -> None:
    assert i18n.negotiate(wanted, accept) in i18n.LANGUAGES


def test_spanish_is_costa_ricas() -> None:
    with i18n.speaking("es"):
        assert i18n.long_day(WHEN) == "3 de setiembre de 2026"
        assert i18n.day(WHEN) == "3 set 2026"
        assert i18n.clock(WHEN) == "14:02"
        assert i18n.number(1234.5, 1) == "1234,5" or i18n.number(1234.5, 1) == "1\N{NO-BREAK SPACE}234,5"
        assert i18n.percent(0.502, 1) == "50,2\N{NO-BREAK SPACE}%"
        assert i18n.zone_name() == "hora de Costa Rica"
        assert i18n.listed(["a", "b", "c"]) == "a, b y c"


def test_each_language_writes_the_same_moment_in_the_places_own_time() -> None:
    said = {}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            said[language] = (i18n.moment(WHEN), i18n.percent(0.5))
    assert said["en"] == ("3 Sept 2026, 14:02", "50%")
    assert said["pt"][0] == "3 set 2026, 14:02"
    assert said["fr"][0].startswith("3 sept 2026")


def test_a_date_has_no_zone_to_move_it() -> None:
    with i18n.speaking("es"):
        assert i18n.day(date(2026, 1, 1)) == "1 ene 2026"
        assert i18n.day(datetime(2026, 1, 1, 3, tzinfo=UTC)) == "31 dic 2025"


def test_a_refusal_is_a_sentence_with_its_figures() -> None:
    with i18n.speaking("es"):
        assert "1500" in i18n.sentence(Busy("sign-in-wait", retry_after=1500)).replace("\N{NO-BREAK SPACE}", "")
        assert "%" not in i18n.sentence(Busy("sign-in-wait", retry_after=3))


def test_a_code_without_a_sentence_still_gets_one() -> None:
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            assert i18n.sentence(Conflict("nobody-wrote-this")).strip()
            assert "problem:" not in i18n.sentence("nobody-wrote-this")


def test_a_sentence_whose_details_are_missing_does_not_break_the_page() -> None:
    assert i18n.sentence("sign-in-wait")


def test_the_language_ends_with_its_request() -> None:
    with i18n.speaking("fr"):
        with i18n.speaking("pt", chosen=True):
            assert (i18n.language(), i18n.chosen()) == ("pt", True)
        assert (i18n.language(), i18n.chosen()) == ("fr", False)
    with i18n.speaking("klingon"):
        assert i18n.language() == "es"


def test_catalogues_are_read_quickly_once_compiled() -> None:
    for language in i18n.LANGUAGES:
        i18n.translations(language)
    i18n.translations.cache_clear()
    began = time.perf_counter()
    for language in i18n.LANGUAGES:
        i18n.translations(language)
    assert time.perf_counter() - began < 0.5
