"""The product as it is run: a server process, an agent process, and not one word of a report anywhere in between.

Also kill -9 in the middle of filing: afterwards either the reporter has no code, or the report is there exactly once.
"""

import asyncio
import base64
import json
import re
import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.registry.reports.living import House, code_in, living

CANARY = "canario-añil-8830"
SPOT = "muelle-secreto-4417"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with living() as made:
        yield made


def form(house: House, text: str) -> dict[str, str]:
    return {"token": house.token(), "place": "CR-G", "text": text, "spot": SPOT, "contact": "canario@canario.test"}


def test_a_report_passes_through_and_leaves_not_one_word(house: House) -> None:
    sent = form(house, f"Vi esto: {CANARY}.")
    time.sleep(2.2)
    answer = httpx.post(f"{house.origin}/report?lang=en", data=sent, timeout=20)
    assert answer.status_code == 200, answer.text[:2000]
    code = code_in(answer.text)
    done = house.agent()
    assert done["opened"] == 1
    case = next((house.folder / "cases").glob("CASO-*.json")).read_text()
    assert CANARY in case and SPOT in case, "the authority reads every word"
    seen = httpx.post(f"{house.origin}/return?lang=en", data={"code": code}, timeout=20)
    assert "A person took charge" in seen.text
    refused = httpx.post(f"{house.origin}/report?lang=en", data=sent | {"place": "CR-L"}, timeout=20)
    assert refused.status_code == 409 and CANARY in refused.text
    time.sleep(1.5)
    assert leaks(house, [CANARY, SPOT, "canario@canario", code, " ".join(re.findall("....", code))]) == []


def test_who_looked_at_a_seal_stands_in_no_log_no_file_and_no_row(house: House) -> None:
    """seals.md 7, check 24. Of a code that nobody knows not even a count holds it."""
    browser, address, code = "canary-browser-8830", "203.0.113.77", "7K3M9QXT2W4HVN40"
    headers = {"user-agent": browser, "x-forwarded-for": address, "referer": f"https://{address}/"}
    with httpx.Client(base_url=house.origin, headers=headers, timeout=20) as stranger:
        for path in (f"/s/{code}", f"/S/{code}.json", f"/find?q={code}", "/scan", f"/notice?code={code}"):
            answer = stranger.get(path)
            assert answer.status_code in (200, 404, 503), path
        assert not stranger.cookies
    assert leaks(house, [browser, address, code]) == []


def leaks(house: House, words: list[str]) -> list[str]:
    """Every file of the data folder (database with its WAL, store, mail, keys, logs) that holds a word in any coat."""
    coats = [
        coat
        for word in words
        for coat in (
            word.encode(),
            word.encode("utf-16-le"),
            quote(word).encode(),
            base64.b64encode(word.encode())[:-4],
            word.encode().hex().encode(),
            json.dumps(word)[1:-1].encode(),
        )
    ]
    found = []
    dump = house.dump()
    assert b"reports.envelope" in dump and b"public.authority" in dump
    found += [f"pg_dump: {coat!r}" for coat in coats if coat in dump]
    files = [path for path in house.data.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any(path.parent.name == "pg_wal" for path in files)
    for path in files:
        content = path.read_bytes()
        found += [f"{path.relative_to(house.data)}: {coat!r}" for coat in coats if coat in content]
    return found


async def test_killed_in_the_middle_of_filing_nothing_is_lost_or_doubled(house: House) -> None:
    codes: list[str] = []
    forms = [form(house, f"{CANARY} {i}") for i in range(24)]
    await asyncio.sleep(2.2)

    async def send(http: httpx.AsyncClient, sent: dict[str, str]) -> None:
        try:
            answer = await http.post(f"{house.origin}/report", data=sent)
        except httpx.HTTPError:
            return
        if answer.status_code == 200 and code_in(answer.text):
            codes.append(code_in(answer.text))

    async with httpx.AsyncClient(timeout=20) as http:
        sending = [asyncio.create_task(send(http, sent)) for sent in forms]
        while len(codes) < 5:
            await asyncio.sleep(0.01)
        house.kill()
        await asyncio.gather(*sending)
    given = list(codes)
    house.start()
    async with httpx.AsyncClient(timeout=20) as http:
        for code in given:
            seen = await http.post(f"{house.origin}/return?lang=en", data={"code": code})
            assert seen.status_code == 200, "whoever got a code can come back with it"
        for sent in forms:
            await send(http, sent)
    assert len(codes) - len(given) == 24, "the same form gives the same answer after the crash, too"
    assert set(given) <= set(codes[len(given) :]) and len(set(codes)) == 24
    assert house.agent()["opened"] == 24
