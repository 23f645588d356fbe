"""Who may bind a business, and for how long."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.commitments import rules
from registry.commitments.rules import Standing
from registry.core.errors import Conflict, Forbidden, Invalid

SIGNED = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)  # still 31 January in Costa Rica
ZONE = "America/Costa_Rica"


@given(st.uuids(), st.frozensets(st.uuids(), max_size=4))
def test_only_a_representative_of_this_very_business_binds_it(client: UUID, represented: frozenset[UUID]) -> None:
    if client in represented:
        rules.binds(client, represented)
    else:
        with pytest.raises(Forbidden, match="commitment-only-representative"):
            rules.binds(client, represented)


@given(st.integers(-40, 1300), st.none() | st.integers(0, 1200), st.none() | st.integers(0, 1200))
def test_a_signature_holds_from_its_instant_until_whatever_ends_it_first(
    day: int, ended: int | None, replaced: int | None
) -> None:
    last = rules.last_day(SIGNED, ZONE, 36)
    at = SIGNED + timedelta(days=day)
    standing = Standing(SIGNED, last, SIGNED + timedelta(days=ended) if ended is not None else None,
                        last - timedelta(days=replaced) if replaced is not None else None)  # fmt: skip
    holds = rules.in_force(standing, at, ZONE, 6)
    if holds:
        assert at >= SIGNED and (ended is None or day < ended)
    if day < 0 or (ended is not None and day >= ended):
        assert not holds
    if ended is None and replaced is None:
        assert holds == (day >= 0 and (at - timedelta(hours=6)).date() <= last)


def test_the_day_counts_where_the_business_is() -> None:
    assert rules.last_day(SIGNED, ZONE, 1) == date(2026, 2, 28)
    standing = Standing(SIGNED, date(2026, 2, 28))
    assert rules.in_force(standing, datetime(2026, 3, 1, 5, 59, tzinfo=UTC), ZONE, 6)
    assert not rules.in_force(standing, datetime(2026, 3, 1, 6, 0, tzinfo=UTC), ZONE, 6)


def test_an_old_text_still_serves_through_the_overlap() -> None:
    standing = Standing(SIGNED, date(2029, 1, 31), superseded_on=date(2026, 6, 1))
    assert rules.in_force(standing, datetime(2026, 11, 30, 12, tzinfo=UTC), ZONE, 6)
    assert not rules.in_force(standing, datetime(2026, 12, 1, 12, tzinfo=UTC), ZONE, 6)


def test_a_text_that_changed_meanwhile_is_not_signed_unseen() -> None:
    with pytest.raises(Conflict, match="commitment-text-changed"):
        rules.readable(UUID(int=1), UUID(int=2), "es", ["es"])
    with pytest.raises(Invalid):
        rules.readable(UUID(int=1), UUID(int=1), "de", ["es"])


def test_everything_lacking_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        rules.named(" \u200b ", "x", power_to_bind=False)
    assert set(refusal.value.details["fields"]) == {"signatory_name", "signatory_position", "power_to_bind"}
    assert rules.named("  Ana\u202e  Mora ", "Dueña", power_to_bind=True) == ("Ana Mora", "Dueña")


def test_a_second_signature_is_taken_only_in_the_last_year_of_the_first() -> None:
    standing = Standing(SIGNED, date(2029, 1, 31))
    with pytest.raises(Conflict, match="commitment-already-signed"):
        rules.signable(standing, True, date(2028, 1, 1))
    rules.signable(standing, True, date(2028, 2, 1))
    rules.signable(standing, False, date(2026, 3, 1))
    rules.signable(None, True, date(2026, 3, 1))


@given(st.text(max_size=80))
def test_what_is_printed_cannot_hide_or_turn_round(text: str) -> None:
    kept = rules.printable(text)
    assert kept == rules.printable(kept)
    assert not set(kept) & set("\u202e\u200b\u2066\x00\n\t")
