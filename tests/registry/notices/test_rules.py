"""Two notices are one exactly when they say the same about the same seal in the same ten minutes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from registry.notices.rules import LONGEST, WINDOW, About, cleaned, same

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ABOUT = st.sampled_from(About)


@given(ABOUT, st.text(max_size=20), st.text(max_size=40), st.integers(0, WINDOW - 1))
def test_a_form_sent_twice_is_one_notice(about: About, code: str, seen: str, seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    assert same(about, code, seen, NOW) == same(about, code, f" {seen}\n", later)
    assert same(about, code, seen, NOW) != same(about, code, seen, NOW + timedelta(seconds=WINDOW))


@given(ABOUT, ABOUT, st.text("ABC", min_size=1, max_size=3), st.text("ABC", min_size=1, max_size=3))
def test_different_words_are_different_notices(one: About, other: About, first: str, second: str) -> None:
    assert (same(one, first, "", NOW) == same(other, second, "", NOW)) == ((one, first) == (other, second))


@given(st.text(max_size=1000))
def test_what_is_kept_is_one_short_printable_line(text: str) -> None:
    kept = cleaned(text)
    assert len(kept) <= LONGEST
    assert kept.isprintable()
