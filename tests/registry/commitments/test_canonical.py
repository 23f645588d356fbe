"""The bytes that are signed: the same on any machine, in any language, whatever a business is called."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from registry.commitments import canonical
from registry.commitments.canonical import Read, Shown, Signature

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "commitments.json").read_text())
TERM = canonical.Template("T", "We, {business}, with {workers} workers", "We, {business}", "P", "O", ("a", "b"), "C")
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def made(vector: dict[str, Any]) -> tuple[Read, Signature]:
    return msgspec.convert(vector["read"], Read), msgspec.convert(vector["signature"], Signature)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["about"])
def test_the_vectors_give_these_very_bytes(vector: dict[str, Any]) -> None:
    read, signature = made(vector)
    data = canonical.document(read, signature)
    assert data.decode() == vector["document"]
    assert canonical.fingerprint(read) == vector["fingerprint"]
    assert canonical.digest(data) == vector["sha256"]


@given(words, st.integers(1, 9000))
def test_a_name_stands_in_the_text_exactly_as_it_is(business: str, workers: int) -> None:
    shown = canonical.shown(TERM, business, workers)
    assert shown.lead == f"We, {business}, with {workers} workers"
    assert canonical.shown(TERM, business, 0).lead == f"We, {business}"


def reading(name: str = "Hotel", language: str = "es", workers: int = 3, tax: str | None = None) -> Read:
    return Read("sectt-code", "1.0", "a" * 64, language, UUID(int=7), name, tax, workers,
                canonical.shown(TERM, name, workers))  # fmt: skip


@given(words, words, st.sampled_from(["es", "pt"]), st.integers(0, 3), st.integers(0, 3))
def test_two_readings_share_a_fingerprint_only_if_nothing_differs(
    one: str, other: str, language: str, few: int, many: int
) -> None:
    first, second = reading(one, language, few), reading(other, "es", many)
    assert (canonical.fingerprint(first) == canonical.fingerprint(second)) == (first == second)


@given(words, words, st.integers(0, 80_000))
def test_a_document_opens_again_and_is_canonical(name: str, position: str, seconds: int) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=seconds)
    data = canonical.document(reading(name), Signature(name, position, "owner", "typed", UUID(int=9), at))
    opened = canonical.opened(data)
    assert opened.term == Shown(**{f: getattr(reading(name).term, f) for f in Shown.__struct_fields__})
    assert opened.signature["name"] == name and opened.fingerprint == canonical.fingerprint(reading(name))
    assert rfc8785.dumps(json.loads(data)) == data


def test_an_instant_is_written_one_way_only() -> None:
    here = datetime(2026, 11, 20, 9, 12, 30, 999, tzinfo=timezone(timedelta(hours=-6)))
    there = datetime(2026, 11, 20, 15, 12, 30, tzinfo=UTC)
    first, second = [canonical.document(reading(), Signature("A", "B", "owner", "typed", UUID(int=9), at))
                     for at in (here, there)]  # fmt: skip
    assert first == second and b'"at":"2026-11-20T15:12:30Z"' in first


def test_what_is_not_a_signed_document_is_not_shown_as_one() -> None:
    for data in (b"{}", b"[]", b'{"format":"other"}'):
        with pytest.raises(msgspec.ValidationError):
            canonical.opened(data)


def test_a_fingerprint_is_printed_in_groups_of_four() -> None:
    assert canonical.grouped("9f2c41e8d07a63b5ffff") == "9f2c 41e8 d07a 63b5"
