"""Which version applies, and what may be published."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Conflict, Invalid
from registry.schemes import content, rules

CODE = content.load(content.DATA / "sectt-code-1")
DAY = date(2026, 1, 1)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def version(number: int, day: int, hour: int = 0, sha256: str = "") -> rules.Published:
    return rules.Published(
        UUID(int=number), f"1.{number}", sha256, DAY + timedelta(days=day), AT + timedelta(hours=hour)
    )


days = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 1000)), min_size=1, max_size=8, unique_by=lambda d: d[1])


@given(days, st.integers(-10, 420))
def test_the_version_in_force_is_the_latest_that_has_taken_effect(given_days: list[tuple[int, int]], on: int) -> None:
    versions = [version(i, day, hour) for i, (day, hour) in enumerate(given_days)]
    found = rules.applicable(versions, DAY + timedelta(days=on))
    begun = [v for v in versions if v.effective_on <= DAY + timedelta(days=on)]
    if not begun:
        assert found is None
        return
    assert found is not None and found in begun
    assert all(found.effective_on >= v.effective_on for v in begun)


@given(days, st.integers(0, 420))
def test_a_version_is_in_force_exactly_between_its_own_day_and_its_successors(
    given_days: list[tuple[int, int]], on: int
) -> None:
    versions = [version(i, day, hour) for i, (day, hour) in enumerate(given_days)]
    day = DAY + timedelta(days=on)
    for one in versions:
        ended = rules.superseded_on(versions, one)
        expected = one.effective_on <= day and (ended is None or day < ended)
        assert (rules.applicable(versions, day) is one) == expected


def test_a_number_once_used_never_gets_another_text() -> None:
    with pytest.raises(Conflict, match="scheme-version-frozen"):
        rules.publishable(CODE, "b" * 64, DAY, DAY, [rules.Published(UUID(int=1), "1.0", "a" * 64, DAY, AT)])


def test_a_text_cannot_take_effect_before_anybody_could_read_it() -> None:
    with pytest.raises(Invalid) as refusal:
        rules.publishable(CODE, "a" * 64, DAY - timedelta(days=1), DAY, [])
    assert refusal.value.details["fields"] == {"effective_on": "scheme-effective-in-the-past"}


def test_a_text_with_a_hole_is_not_published() -> None:
    plain = msgspec.to_builtins(CODE)
    plain["name"].pop("fr")
    with pytest.raises(Invalid, match="scheme-incomplete"):
        rules.publishable(msgspec.convert(plain, content.Content), "a" * 64, DAY, DAY, [])
