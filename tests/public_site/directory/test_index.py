"""Search forgives accents, capitals and one mistake a word, and finds nothing that is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from public_site.directory.index import Index, Row
from public_site.directory.likeness import differs_by_one, distance, fold, sound, words
from public_site.directory.search import as_plate
from public_site.directory.vocabulary import Vocabulary

NAMES = ["Hotel Laguna Clara", "Cabinas Río Tibio", "Posada Dos Ríos", "Hostal Camino Largo", "Hotel Mañana"]
INDEX = Index((Row(name, "lodging", "CR-G"), name + " Santa Cruz Guanacaste") for name in NAMES)
WORD = st.text("abcdefgh", min_size=4, max_size=9)


def found(query: str) -> list[str]:
    return [INDEX.rows[number].name for number in sorted(INDEX.search(query))]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("laguna", "Hotel Laguna Clara"), ("LAGUNA CLARA", "Hotel Laguna Clara"), ("rio tibio", "Cabinas Río Tibio"),
        ("lagna", "Hotel Laguna Clara"), ("lagunna", "Hotel Laguna Clara"), ("lagnua", "Hotel Laguna Clara"),
        ("manana", "Hotel Mañana"), ("kamino", "Hostal Camino Largo"), ("posda dos rrios", "Posada Dos Ríos"),
        ("ostal", "Hostal Camino Largo"), ("posada de los dos rios", "Posada Dos Ríos"),
        ("caminolargo", "Hostal Camino Largo"), ("dosrios", "Posada Dos Ríos"),
        ("la guna", "Hotel Laguna Clara"),
        ("camin", "Hostal Camino Largo"), ("cmaino", "Hostal Camino Largo"),
    ],
)  # fmt: skip
def test_a_name_is_found_in_spite_of_how_it_is_typed(query: str, name: str) -> None:
    assert found(query) == [name]


def test_every_word_must_be_there() -> None:
    assert found("hotel") == ["Hotel Laguna Clara", "Hotel Mañana"]
    assert found("hotel rios") == []
    assert found("santa cruz") == sorted(NAMES, key=fold)
    assert found("") == sorted(NAMES, key=fold)


@given(WORD, WORD)
def test_loose_search_agrees_with_the_definition(one: str, other: str) -> None:
    index = Index([(Row(other, "lodging", "CR-G"), other)])
    far = len(one) >= 7 and distance(one, other) <= 2 and len(other) >= 5
    assert bool(index.search(one, far=True)) == (
        other.startswith(one) or differs_by_one(one, other) or sound(one) == sound(other) or far
    )


@given(WORD, WORD)
def test_one_slip_is_a_distance_of_one(one: str, other: str) -> None:
    assert differs_by_one(one, other) == (distance(one, other) <= 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [("brisas", "vrizas"), ("tamarindo", "tamarynd"), ("jacaranda", "gacaranda"), ("quetzal", "ketsal"),
     ("villa", "biya"), ("zafiro", "safiro"), ("guayabo", "huayabo")],
)  # fmt: skip
def test_what_sounds_alike_is_near(one: str, other: str) -> None:
    assert distance(sound(one), sound(other)) <= 2


def test_two_slips_are_forgiven_in_a_long_word_and_not_in_a_short_one() -> None:
    names = [("Hotel Tamarindo", ""), ("Posada Playa Conchal", ""), ("Casa Mar", "")]
    index = Index((Row(name, "lodging", "CR-G"), name) for name, _ in names)
    assert [index.rows[n].name for n in index.search("tamaridno playa", far=True)] == []
    assert [index.rows[n].name for n in index.search("tmaridno", far=True)] == ["Hotel Tamarindo"]
    assert index.search("cs", far=True) == {}
    assert index.search("mrxa", far=True) == {}


@given(WORD, st.integers(0, 9))
def test_one_letter_is_forgiven(word: str, place: int) -> None:
    place %= len(word)
    assert differs_by_one(word, word[:place] + word[place + 1 :])
    assert differs_by_one(word, word[:place] + "z" + word[place:])
    assert differs_by_one(word, word[:place] + "z" + word[place + 1 :])
    assert not differs_by_one(word, "zz" + word)


@given(st.text(max_size=60))
def test_any_query_is_survived(query: str) -> None:
    assert isinstance(INDEX.search(query), dict)
    assert all(word == fold(word) for word in words(query))


@pytest.mark.parametrize(
    ("typed", "plate"),
    [("tsj 4417", "TSJ4417"), ("PQ-0412", "PQ0412"), ("417", "417"), ("Hotel 5", ""), ("tamarindo", ""), ("", ""),
     ("AA123BB", "AA123BB"), ("7K3M9QXT2W4HVN8C", "")],
)  # fmt: skip
def test_a_plate_is_known_by_its_form(typed: str, plate: str) -> None:
    assert as_plate(typed) == plate


ROWS = [(Row(name, "lodging", "CR-G"), name) for name in NAMES]
SOME = st.lists(st.sampled_from(range(len(ROWS))), max_size=6)


@given(st.lists(SOME, min_size=1, max_size=4), st.sampled_from(["lagna", "rios", "kamino", "hotel", "ostal", "camio"]))
def test_shards_that_come_and_go_leave_the_words_of_those_that_stay(shards: list[list[int]], query: str) -> None:
    shared = Vocabulary()
    here = [Index([ROWS[number] for number in shard], shared) for shard in shards]
    assert all(index.vocabulary is shared for index in here)
    assert len(shared) == len({word for shard in shards for number in shard for word in words(NAMES[number])})
    for index in here[1:]:
        index.release()
    alone = Index([ROWS[number] for number in shards[0]])
    assert here[0].search(query) == alone.search(query)
    assert here[0].search(query, far=True) == alone.search(query, far=True)
    here[0].release()
    assert len(shared) == 0
    assert not any((shared._sounds, shared._shorter, shared._runs))
