"""Codes made ahead: nobody waits for ever, no code is given twice, and looking never starves filing."""

import asyncio

import pytest

from public_site.report_form import stock
from registry.core.errors import Busy
from registry.reports.code import Derived


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "derive", lambda code, label: Derived(code.encode(), label))


async def test_more_people_than_ready_codes_all_get_one_and_never_the_same() -> None:
    codes = stock.Stock("x", 3)
    taken = await asyncio.wait_for(asyncio.gather(*(codes.take() for _ in range(50))), 20)
    assert len({code for code, _ in taken}) == 50
    assert all(derived.lookup == code.encode() for code, derived in taken)


async def test_too_many_who_look_are_asked_to_wait_while_filing_goes_on() -> None:
    codes = stock.Stock("x", 2)
    looks = [asyncio.create_task(codes.look("1" * 20)) for _ in range(stock.LOOKS_AT_ONCE + 5)]
    await asyncio.wait_for(codes.take(), 20)
    done = await asyncio.gather(*looks, return_exceptions=True)
    assert sum(isinstance(d, Busy) for d in done) == 5


async def test_a_network_that_sends_many_waits_behind_everybody_else() -> None:
    codes = stock.Stock("x", 2)
    order: list[str] = []

    async def one(who: str, *, late: bool) -> None:
        await codes.take(late=late)
        order.append(who)

    flood = [asyncio.create_task(one("flood", late=True)) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.wait_for(one("person", late=False), 20)
    await asyncio.wait_for(asyncio.gather(*flood), 20)
    assert order.index("person") <= 1 and order.count("flood") == 20


async def test_a_code_that_is_given_back_is_given_to_the_next() -> None:
    codes = stock.Stock("x", 0)
    code, derived = await asyncio.wait_for(codes.take(), 20)
    codes.give_back(code, derived)
    assert (await codes.take())[0] == code
