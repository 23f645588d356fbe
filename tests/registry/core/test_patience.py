"""A slow sender is waited for, a silent one is not."""

import asyncio
from typing import Any

import pytest

from registry.core import patience

PART = {"type": "http.request", "body": b"a", "more_body": True}
LAST = {"type": "http.request", "body": b"b", "more_body": False}
GONE = {"type": "http.disconnect"}


async def _silence() -> Any:
    await asyncio.sleep(60)


async def test_a_sender_that_falls_silent_counts_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENCE", 0.01)
    parts = iter([PART])

    async def receive() -> Any:
        return next(parts, None) or await _silence()

    heard = patience.patient(receive)
    assert [await heard(), await heard()] == [PART, GONE]


async def test_a_body_that_trickles_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 10_000, 20))

    async def receive() -> Any:
        return PART

    heard, messages = patience.patient(receive, clock=lambda: float(next(ticks))), []
    while not messages or messages[-1] != GONE:
        messages.append(await heard())
    assert 40 < len(messages) <= patience.WHOLE / 20 + 1


async def test_after_the_whole_body_nobody_is_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENCE", 0.01)
    told = asyncio.Event()

    async def receive() -> Any:
        if not told.is_set():
            told.set()
            return LAST
        await asyncio.sleep(0.05)
        return GONE

    heard = patience.patient(receive)
    assert await heard() == LAST
    assert await asyncio.wait_for(heard(), 1) == GONE
