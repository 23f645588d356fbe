"""The text this repository brings: whole, in four languages, in the right words, and the same bytes everywhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from registry.clients.rules import ClientKind, Post, Shift
from registry.core.i18n import LANGUAGES
from registry.schemes import content, rules
from tests.house import words

FOLDER = content.DATA / "sectt-code-1"
CODE = content.load(FOLDER)


def test_the_code_is_whole_in_four_languages() -> None:
    assert list(rules.incomplete(CODE)) == []
    assert set(CODE.languages) == set(LANGUAGES)


def test_it_has_six_criteria_and_the_groups_office_and_forty_questions() -> None:
    assert [criterion.id for criterion in CODE.criteria] == ["C1", "C2", "C3", "C4", "C5", "C6", "G"]
    assert sum(len(criterion.questions) for criterion in CODE.criteria) == 40
    assert [criterion.id for criterion in CODE.criteria if criterion.group_only] == ["G"]


def test_every_kind_and_post_it_names_exists() -> None:
    kinds, posts = {"all", "association", *ClientKind}, {"all", *Post}
    for criterion in CODE.criteria:
        for question in criterion.questions:
            assert set(question.kinds) <= kinds, question.id
    for module in CODE.modules:
        for audience in module.audience:
            assert set(audience.kinds) <= kinds and set(audience.posts) <= posts, module.id
    training = CODE.parameters.training
    assert set(training.critical_posts) <= set(Post) and set(training.critical_shifts) <= set(Shift)


def test_six_modules_have_a_bank_of_ten_items_with_must_pass_ones_and_no_pattern() -> None:
    banks = {module.id: module.items for module in CODE.modules if module.items}
    assert sorted(banks) == ["M0", "M1", "M2", "M3", "M4", "M5"]
    for module, items in banks.items():
        assert len(items) >= 10 and sum(item.must_pass for item in items) >= 2, module
        for letter in "abc":
            assert 2 <= sum(item.answer == letter for item in items) <= 5, (module, letter)


def test_the_same_text_is_the_same_bytes_and_comes_back_whole() -> None:
    data = content.encode(CODE)
    assert content.decode(data) == CODE
    assert content.encode(content.decode(data)) == data
    assert content.fingerprint(data) == content.fingerprint(content.encode(content.load(FOLDER)))


def test_a_misspelt_parameter_is_refused_and_not_a_silent_default() -> None:
    plain = msgspec.to_builtins(CODE)
    plain["parameters"]["validity_month"] = 24
    with pytest.raises(msgspec.ValidationError, match="validity_month"):
        msgspec.convert(plain, content.Content)


@pytest.mark.parametrize("break_it", [
    lambda text: text["name"].pop("fr"),
    lambda text: text["criteria"][0]["questions"][0]["text"].update(pt=""),
    lambda text: text["term"].pop("en"),
    lambda text: text["term"]["fr"].update(lead="Nous nous engageons."),
    lambda text: text["criteria"][1]["questions"][0].update(id="C1.01"),
    lambda text: [item.update(must_pass=False) for item in text["modules"][0]["items"]],
])  # fmt: skip
def test_a_text_with_a_hole_is_found(break_it: Any) -> None:
    plain = msgspec.to_builtins(CODE)
    break_it(plain)
    assert list(rules.incomplete(msgspec.convert(plain, content.Content)))


# Words. The lint over catalogues and templates is a house test; here the same patterns go over the scheme's own text.


def sayings(part: Any, language: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from sayings(value, key if key in LANGUAGES else language)
    elif isinstance(part, list):
        for value in part:
            yield from sayings(value, language)
    elif isinstance(part, str) and language:
        yield language, part


OF_A_PLACE = {"en-t3", "es-t5", "pt-t3"}
"""A stop or a place may be safe; what may not be called so is a seal, and the modules do not speak of one that way."""


def test_every_sentence_keeps_to_the_terminology() -> None:
    for language, text in sayings(json.loads(content.encode(CODE))):
        assert not {term.id for term in words.found(language, text)} - OF_A_PLACE, text


def test_nothing_promises_what_a_seal_cannot() -> None:
    for language, text in sayings(json.loads(content.encode(CODE))):
        assert not re.search(r"guaranteed|garantizad|garantid[oa]\b|garanti\b|certified person", text, re.IGNORECASE), (
            language, text)  # fmt: skip
