"""A sentence that is kept in English and said in another language."""

import pickle

from registry.core.i18n import LANGUAGES, said, speaking
from registry.core.phrase import Phrase, joined, packed, unpacked
from registry.seals.jose import Untrusted

INNER = Phrase("issued twice")
WHOLE = Phrase("leaf %(leaf)s: %(why)s", leaf=3, why=INNER)


def test_it_is_an_english_string_and_says_itself_in_every_language() -> None:
    assert WHOLE == "leaf 3: issued twice"
    told = set()
    for language in LANGUAGES:
        with speaking(language):
            told.add(said(WHOLE))
    assert len(told) == len(LANGUAGES)
    with speaking("es"):
        assert said(WHOLE) == "anotación 3: emitido dos veces"
        assert said(joined([WHOLE, INNER])) == "anotación 3: emitido dos veces; emitido dos veces"
        assert said("as it is") == "as it is"


def test_what_is_kept_or_sent_to_another_process_can_still_be_said() -> None:
    with speaking("es"):
        assert said(unpacked(packed(WHOLE))) == said(pickle.loads(pickle.dumps(WHOLE))) == said(WHOLE)
        error = pickle.loads(pickle.dumps(Untrusted("%(name)s is missing", name="iss")))
        assert (str(error), said(error.args[0])) == ("iss is missing", "falta iss")
    for odd in ("plain", "{", '{"a": 1}', "100 %", "[]"):
        assert unpacked(packed(odd)) == odd
