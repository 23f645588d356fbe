"""When two words are the same to a person: accents, spelling by ear, one slip, two in a long word. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

LOOSE_FROM = 4  # letters; shorter words are too alike
FAR_FROM = 7  # letters; a shorter word with two mistakes is another word
_SPLIT = re.compile(r"[\W_]+")
SMALL = frozenset(
    {"de", "del", "la", "las", "el", "los", "y", "e", "o", "a", "al", "the", "of", "and", "do", "da", "du", "des"}
)
"""Words that people leave out or put in; they count only when there is nothing else."""


def fold(text: str) -> str:
    """Without capitals, accents and tildes, as people type who have no such keys."""
    # Twice, because some letters become capitals only when they are taken apart.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words(text: str) -> Iterator[str]:
    return (word for word in _SPLIT.split(fold(text)) if word)


def wanted(query: str) -> list[str]:
    """The words of a query that must be found."""
    every = list(words(query))
    return [word for word in every if word not in SMALL] or every


# Spanish as it sounds in Costa Rica, where most names are: b and v, s, z and soft c, ll and y, silent h and u.
_SOUNDS = (
    (re.compile(r"ch"), "#"), (re.compile(r"qu(?=[ei])|q"), "k"), (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"g(?=[ei])"), "j"), (re.compile(r"c(?=[ei])|z"), "s"), (re.compile(r"c"), "k"),
    (re.compile(r"v|w"), "b"), (re.compile(r"ll"), "y"), (re.compile(r"ph"), "f"), (re.compile(r"h"), ""),
    (re.compile(r"x"), "s"), (re.compile(r"y$|y(?=[^aeiou])"), "i"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


@lru_cache(100_000)
def sound(word: str) -> str:
    """How a folded word sounds: two words with one sound are told apart by spelling alone."""
    for pattern, said in _SOUNDS:
        word = pattern.sub(said, word)
    return word


def shortened(word: str) -> set[str]:
    """The word, and every form of it with one letter less."""
    return {word} | {word[:place] + word[place + 1 :] for place in range(len(word))}


def differs_by_one(one: str, other: str) -> bool:
    """One letter more, less or another, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, remains = one[start:], other[start:]
    return (
        rest[1:] in (remains, remains[1:])
        or rest == remains[1:]
        or (rest[:2] == remains[1::-1] and rest[2:] == remains[2:])
    )


def distance(one: str, other: str) -> int:
    """Letters to put in, take out, change or swap with a neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        (
            last,
            row,
        ) = row, [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]


def trigrams(word: str) -> set[str]:
    """Runs of three letters, the beginning and the end marked."""
    marked = f"^{word}$"
    return {marked[place : place + 3] for place in range(len(marked) - 2)}
