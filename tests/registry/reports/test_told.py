"""The form's token and what it says, by properties."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core import stranger_form as forms
from registry.core.errors import Busy, Invalid
from registry.core.i18n import speaking
from registry.reports import told, typed
from registry.reports.agent import case
from registry.reports.code import new_code
from registry.reports.payload import Report

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
KEY = b"k" * 32


@given(st.binary(min_size=32, max_size=32), st.integers(0, 86_400))
def test_a_token_is_read_back_within_a_day(nonce: bytes, seconds: int) -> None:
    token = forms.read(KEY, forms.issue(KEY, NOW, nonce), NOW + timedelta(seconds=seconds))
    assert token.nonce == nonce and token.made_at == NOW
    with pytest.raises(Invalid, match="form-old"):
        forms.read(KEY, forms.issue(KEY, NOW, nonce), NOW + timedelta(days=1, seconds=1))


@given(st.text(max_size=120))
def test_what_we_did_not_sign_is_not_ours(text: str) -> None:
    with pytest.raises(Invalid, match="form-not-ours"):
        forms.read(KEY, text, NOW)


def test_a_token_of_another_key_is_not_ours() -> None:
    with pytest.raises(Invalid, match="form-not-ours"):
        forms.read(KEY, forms.issue(b"x" * 32, NOW, b"n" * 32), NOW)


def test_whoever_waits_a_moment_is_let_in() -> None:
    token = forms.Token(b"n" * 32, NOW)
    forms.rested(token, NOW + forms.DWELL)
    with pytest.raises(Busy):
        forms.rested(token, NOW + timedelta(seconds=1))


@given(st.text(max_size=400))
def test_any_text_is_cleaned_and_kept_readable(text: str) -> None:
    kept = typed.clean(text, 500)
    assert "\x00" not in kept and "\r" not in kept and kept == kept.strip()


@given(st.integers(0, 10**19 - 1), st.text(alphabet="abc ñ,;", max_size=20), st.sampled_from(["", " ", "-", "."]))
def test_a_code_in_a_text_is_noticed_however_it_is_written(number: int, words: str, between: str) -> None:
    code = new_code(lambda n: number)
    grouped = between.join(code[i : i + 4] for i in range(0, 20, 4))
    assert typed.holds_code(f"{words}{grouped}{words}")
    assert not typed.holds_code(words + code[:19])


def test_a_report_needs_a_place_and_one_sentence_and_nothing_else() -> None:
    report = told.written({"place": ["CR-G"], "text": ["Vi algo."]}, "es")
    assert report.narrative == "Vi algo." and report.contact == "" and report.what == ()
    odd = told.written({"place": ["CR-G"], "text": ["x"], "when": ["nonsense"], "what": ["paid", "nonsense"]}, "es")
    assert odd.when == "unknown" and odd.what == ("paid",)


def test_three_telephone_numbers_in_a_row_are_no_code() -> None:
    for text in ("8888-1234 8877-4321 8866-9999", "8888 1234, 8877 4321, 8866 9999", "8888-1234\n8877-4321\n8866-9999"):
        assert not typed.holds_code(text), text


@given(st.dictionaries(st.sampled_from(told.TEXTS), st.text(max_size=80)))
def test_nothing_that_was_typed_is_dropped(said: dict[str, str]) -> None:
    fields = {name: [text] for name, text in said.items()} | {"place": ["CR-G"], "text": ["x"]}
    try:
        report = told.written(fields, "es")
    except Invalid as refusal:
        assert refusal.code == "report-holds-code" or list(refusal.details["fields"]) == ["languages"]
        return
    kept = msgspec.json.decode(msgspec.json.encode(report), type=Report)
    assert kept == report, "whatever was typed can be opened again"
    whole = str(msgspec.to_builtins(report))
    for name, text in said.items():
        words = [word for word in typed.clean(text, 80).split() if word.isalpha() and word.isascii()]
        if name not in ("text", "languages"):
            assert all(word in whole for word in words), name


def test_how_many_is_a_number_or_the_words_that_were_written_and_never_part_of_how_they_looked() -> None:
    said = {"place": ["CR-G"], "text": ["x"], "children_count": ["deux"], "children_description": ["de uniforme"]}
    report = told.written(said | {"adults_count": ["2"]}, "fr")
    assert report.children and (report.children.count, report.children.about) == (0, "deux")
    assert report.children.description == "de uniforme" and report.adults and report.adults.count == 2
    with speaking("en", chosen=True):
        labels = dict(case.rows(msgspec.to_builtins(report)))
    assert labels["How many children or adolescents, in their words"] == "deux" and labels["How many adults"] == "2"


@pytest.mark.parametrize("name", [*told.TEXTS])
def test_what_is_too_long_for_its_field_comes_back_to_be_shortened_and_is_never_cut(name: str) -> None:
    said = {"place": ["CR-G"], "text": ["x"]}
    with pytest.raises(Invalid, match="report-too-long") as refused:
        told.written(said | {name: ["ñ" * 12_001]}, "es")
    assert refused.value.details["fields"] == {name: "report-too-long"}


def test_nine_languages_or_one_of_41_letters_are_too_many() -> None:
    for spoken in (", ".join("abcdefghi"), "x" * 41):
        with pytest.raises(Invalid, match="report-too-long"):
            told.written({"place": ["CR-G"], "text": ["x"], "languages": [spoken]}, "es")
