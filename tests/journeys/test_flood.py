"""A phone under a flood: it does the work it is asked for, and whatever says no leaves every word on the page."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from public_site.report_form import load
from tests.journeys.test_channel import CANARY, SEND, WRITE, browser, phone, write  # noqa: F401  fixture
from tests.journeys.test_stranger import pytestmark  # noqa: F401
from tests.public_site.report_form.sender import Sender
from tests.registry.reports.living import House, living

RECEIVED = "Recibido y sellado"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with living() as made:
        yield made


def flood(house: House, many: int) -> None:
    """So many reports by one program: the budget of a quiet office is gone."""

    async def run() -> None:
        async with httpx.AsyncClient(base_url=house.origin, timeout=60) as http:
            sender = Sender(http, "CR-G")
            tokens = [(await sender.open())[0] for _ in range(many)]
            await asyncio.sleep(2.1)  # a form that is sent faster was not written by a person
            for token in tokens:
                assert (await sender.send(sender.seal(token, "Ruido."))).status_code == 200

    with ThreadPoolExecutor(1) as elsewhere:  # the browser's own loop runs in this thread
        elsewhere.submit(asyncio.run, run()).result()


def test_a_hidden_field_that_was_filled_costs_one_more_press_and_no_word(browser: Any, house: House) -> None:  # noqa: F811
    page, requests = phone(browser)
    write(page, house, CANARY)
    page.evaluate("document.querySelector('[name=website]').value = 'https://ana.example'")
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("Un campo que no se ve").wait_for(timeout=30_000)
    assert page.get_by_label(WRITE).input_value() == CANARY
    page.wait_for_timeout(2100)
    page.get_by_role("button", name=SEND).click()
    page.get_by_role("heading", name=RECEIVED).wait_for(timeout=30_000)
    assert len([r for r in requests if r.method == "POST"]) == 2


def test_a_phone_that_opened_the_form_before_the_flood_is_handed_work_and_does_it(browser: Any, house: House) -> None:  # noqa: F811
    page, requests = phone(browser)
    write(page, house, CANARY)
    flood(house, load.OFFICE)
    page.get_by_role("button", name=SEND).click()
    page.get_by_role("heading", name=RECEIVED).wait_for(timeout=60_000)
    first, second = [r.post_data_json for r in requests if r.method == "POST"]
    assert "pow" not in first and second["pow"] and {**first, "pow": ""} == {**second, "pow": ""}


def test_whoever_comes_in_the_flood_has_worked_while_writing(browser: Any, house: House) -> None:  # noqa: F811
    page, requests = phone(browser)
    write(page, house, CANARY)
    began = time.monotonic()
    page.get_by_role("button", name=SEND).click()
    page.get_by_role("heading", name=RECEIVED).wait_for(timeout=60_000)
    (post,) = [r for r in requests if r.method == "POST"]
    assert post.post_data_json["pow"] and time.monotonic() - began < 30
