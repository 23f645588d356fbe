"""The house's words: every sentence in every language, and none that hurts, promises too much or blames the reader."""

import json
import re
from pathlib import Path

import pytest

from tests.house import catalogues, words

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "terms_samples.json"
OURS = {
    "must_flag": {
        "en": ["child prostitution", "sex tourism", "Oops", "an error occurred", "guaranteed", "a minor"],
        "es": ["prostitución infantil", "los menores", "ocurrió un error", "3 de septiembre", "hasta el 3", "tus"],
        "pt": ["prostituição infantil", "ocorreu um erro", "garantido"],
        "fr": ["prostitution enfantine", "une erreur est survenue", "les mineurs"],
    },
    "must_pass": {
        "en": ["minor nonconformity", "a child cannot consent to exploitation", "The seal is not a guarantee."],
        "es": ["no conformidad menor", "personas menores de 18 años", "No es una garantía.", "antes del 3 de mayo"],
        "pt": ["não conformidade menor", "crianças e adolescentes"],
        "fr": ["non-conformité mineure", "enfants et adolescents"],
    },
}  # fmt: skip


def samples() -> list[tuple[str, str, str]]:
    sets = [OURS] + ([json.loads(SAMPLES.read_text())] if SAMPLES.exists() else [])
    return [
        (kind, language, text)
        for one in sets
        for kind, by_language in one.items()
        for language, listed in by_language.items()
        for text in listed
    ]


@pytest.mark.parametrize(("kind", "language", "text"), samples())
def test_the_list_of_words_knows_its_samples(kind: str, language: str, text: str) -> None:
    assert bool(words.found(language, text)) == (kind == "must_flag"), words.found(language, text)


def test_every_sentence_is_there_in_every_language() -> None:
    found = catalogues.faults()
    assert not found, "\n".join(f"{f.language}/{f.room}.po: {f.kind}: {f.message}" for f in found[:60])


def test_no_text_uses_a_word_that_hurts_or_promises() -> None:
    bad = [
        f"{said.place}: {term.id} {term.level}: {said.text!r} -> {term.prefer}"
        for said in words.everything()
        for term in words.found(said.language, said.text)
    ]
    assert not bad, "\n".join(bad[:60])


def test_no_text_stands_in_a_template_outside_the_catalogues() -> None:
    bad = [
        f"{path.relative_to(catalogues.ROOT)}: {text!r}"
        for path in catalogues.sources()
        if path.suffix != ".py"
        for text in words.texts(path.read_text())
    ]
    assert not bad, "\n".join(bad[:60])


def test_a_refusal_is_a_whole_sentence() -> None:
    bad = []
    for language in catalogues.LANGUAGES:
        for room in sorted(catalogues.rooms_on_disk(language)):
            for message in catalogues.catalogue(language, room):
                if isinstance(message.id, str) and message.id.startswith("problem:") and message.string:
                    text = str(message.string)
                    if not re.search(r"[.!?…»]$|%\(\w+\)s$", text.strip()) or (
                        not text[0].isupper() and text[0] not in "¿¡«%"
                    ):
                        bad.append(f"{language}/{room}.po: {message.id}: {text}")
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('<p>{{ _("Hello") }}</p>', []),
        ("<p>Hola</p>", ["Hola"]),
        ("{% trans %}Hello {{ x }}{% endtrans %}", []),
        ('<input placeholder="Buscar aquí">', ["Buscar aquí"]),
        ('<p title="{{ t }}">1 · 2 &nbsp; – {{ n }}</p>', []),
        ("{% if a > b %}<b>{{ c }}</b>{% endif %}", []),
        ("<script>let a = 'word'</script><!-- note -->", []),
    ],
)
def test_the_template_check_sees_what_a_reader_would(template: str, said: list[str]) -> None:
    assert list(words.texts(template)) == said
