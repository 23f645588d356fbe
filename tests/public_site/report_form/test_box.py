"""What a code opens, in words: each state, outcome and silence has its own plain sentence in every language."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from public_site.report_form import box as boxes
from registry.core.i18n import LANGUAGES, speaking
from registry.core.pages import render
from registry.reports.rules import ORDER, Outcome, Progress, State
from registry.reports.schemas import Box

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)
NAMES = {FIRST: "Unidad de Protección", SECOND: "Dirección Nacional"}
ZONE = "America/Costa_Rica"
EARLY, SECONDS_TURN, SILENT, LATE = (timedelta(days=days) for days in (1, 4, 8, 91))


def box(
    state: State, after: timedelta = EARLY, outcome: Outcome | None = None, progress: str = "", *, silent: bool = False
) -> Box:
    """As the database gives it `after` a report came; `silent`: closed by a person, since nobody answered."""
    came = NOW - after
    reached = ORDER.index(State.CLOSED if state is State.PURGED else state)
    at = [came + timedelta(hours=step) if step <= reached else None for step in range(len(ORDER))]
    notified, opened, acknowledged, closed = (at[ORDER.index(one)] for one in (
        State.NOTIFIED, State.OPENED, State.ACKNOWLEDGED, State.CLOSED))  # fmt: skip
    if silent:
        opened = acknowledged = None
    return Box(
        UUID(int=9), "00" * 32, state, (FIRST, SECOND), came, notified, opened, acknowledged, closed,
        (came + timedelta(hours=72), came + timedelta(days=6)), came + timedelta(days=90), outcome,
        None if silent else FIRST, None, (), progress, acknowledged if progress else None,
    )  # fmt: skip


OPEN = [one for one in State if one not in (State.CLOSED, State.PURGED)]
WORLDS = {
    **{f"{state} after {after.days} d": box(state, after)
       for state, after in product(OPEN, (EARLY, SECONDS_TURN, SILENT, LATE))},
    **{f"{word} after {after.days} d": box(State.ACKNOWLEDGED, after, progress=word)
       for word, after in product([*Progress, "of-tomorrow"], (EARLY, LATE))},
    **{f"{state} {outcome}": box(state, EARLY, outcome)
       for state, outcome in product((State.CLOSED, State.PURGED), Outcome)},
    **{f"{state} untold": box(state) for state in (State.CLOSED, State.PURGED)},
    **{f"{state} unanswered": box(state, LATE, silent=True) for state in (State.CLOSED, State.PURGED)},
}  # fmt: skip


def said(found: Box) -> list[str]:
    return boxes.said(found, NAMES, NOW, ZONE)


@pytest.mark.parametrize("name", WORLDS)
def test_each_state_and_each_outcome_is_said_in_every_language_and_stands_on_the_page(name: str) -> None:
    found, spoken = WORLDS[name], {}
    for language in LANGUAGES:
        with speaking(language):
            words = said(found)
            page = render(
                "report_form/box.html", rail=[], refusal=None, done="", box=found, zone=ZONE, last=None, replies=[],
                track=boxes.track(found, NAMES, NOW), head=boxes.head(found), said=words, progressed=None,
                calls=boxes.calls(found, NOW),
            )  # fmt: skip
        assert words and all(words) and "%(" not in page, (name, language)
        assert "".join(words).strip() and page.count("<h1") == 1
        spoken[language] = " ".join(words)
        assert spoken[language].replace("'", "&#39;") in page or spoken[language] in page, (name, language)
    assert len(set(spoken.values())) == len(LANGUAGES), (name, spoken)


def test_no_two_of_them_are_told_by_the_same_words() -> None:
    with speaking("en"):
        told = {
            name: (boxes.head(found), *said(found)) for name, found in WORLDS.items() if found.state is not State.PURGED
        }
    same = {f"{state} after 91 d" for state in OPEN if state is not State.ACKNOWLEDGED}  # as silent as after a week
    apart = {name: words for name, words in told.items() if "of-tomorrow" not in name and name not in same}
    for one, other in product(apart, repeat=2):
        if one < other:
            assert apart[one] != apart[other], (one, other)
    assert told["of-tomorrow after 1 d"] == told["acknowledged after 1 d"], "a word of tomorrow is no word yet"


def test_who_has_no_answer_is_told_whose_turn_it_is_then_that_all_were_silent_and_gets_a_number() -> None:
    with speaking("en"):
        assert "They must before" in " ".join(said(box(State.NOTIFIED)))
        assert "the turn of Dirección Nacional" in " ".join(said(box(State.NOTIFIED, SECONDS_TURN)))
        silent = box(State.NOTIFIED, SILENT)
        assert "passed without a word" in " ".join(said(silent)) and boxes.calls(silent, NOW)
        late = box(State.ACKNOWLEDGED, LATE)
        assert "has not come" in " ".join(said(late)) and boxes.calls(late, NOW)
        ended = box(State.CLOSED, LATE, silent=True)
        assert "no office answered" in " ".join(said(ended)) and boxes.calls(ended, NOW)
        assert boxes.head(ended) == "It was closed without an answer"
        assert [line["words"] for line in boxes.track(ended, NAMES, NOW)] == ["Sealed", "Delivered", "It was closed"]
        assert not boxes.calls(box(State.CLOSED, outcome=Outcome.CHILD_PROTECTED), NOW)


def test_what_is_to_come_has_its_day_and_what_is_late_promises_none() -> None:
    def before(found: Box) -> dict[str, bool]:
        return {line["words"]: bool(line["before"]) for line in boxes.track(found, NAMES, NOW)}

    assert before(box(State.NOTIFIED)) == {
        "Sealed": False, "Delivered": False, "Opened": False, "A person took charge": True, "Outcome": True,
    }  # fmt: skip
    assert not any(before(box(State.NOTIFIED, LATE)).values())
