"""Whom to ask, and what their silence means."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from registry.seals import policy
from registry.witnesses.rules import LONGEST, REFRESH, STALE, Known, due, pause, standing

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_witness_is_asked_about_what_it_has_not_seen_and_again_when_its_word_grows_old() -> None:
    assert due(Known(), 5, NOW)
    seen = Known(size=5, cosigned_at=NOW, tried_at=NOW)
    assert not due(seen, 5, NOW + REFRESH - timedelta(seconds=1))
    assert due(seen, 6, NOW) and due(seen, 5, NOW + REFRESH)


@given(st.integers(1, 60))
def test_who_does_not_answer_is_left_alone_longer_each_time_but_never_given_up(failures: int) -> None:
    away = Known(tried_at=NOW, failures=failures)
    assert not due(away, 5, NOW + pause(failures) - timedelta(seconds=1))
    assert due(away, 5, NOW + pause(failures)) and pause(failures) <= LONGEST
    assert failures == 60 or pause(failures) <= pause(failures + 1)


def test_a_quorum_is_as_old_as_its_oldest_member_and_stale_after_an_hour() -> None:
    believed = policy.read("quorum none\n")
    two = {"a": int(NOW.timestamp()), "b": int(NOW.timestamp()) - 100}
    met = standing(believed, two, 9, [], NOW)
    assert met.as_of == NOW - timedelta(seconds=100) and met.met and not met.stale
    assert standing(believed, {}, 9, [], NOW).stale
    old = Known(cosigned_at=NOW - STALE)
    assert standing(believed, {}, 9, [old], NOW).stale
