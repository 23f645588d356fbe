"""Check 17: a form or work that was used is refused, and whatever refuses gives the words back with a form to go on."""

import html
import re
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import msgspec

from public_site.report_form import load, work
from registry.reports import service
from tests.channel.doors import Doors, doors, kept
from tests.channel.result import Result
from tests.public_site.report_form.sender import Sender
from tests.registry.reports.looks import agent_at
from tests.registry.reports.world import World

WORDS = "Palabras que no se pierden: «ñandú» 4417."
LANGUAGES = ("es", "en", "pt", "fr")


class Visit(msgspec.Struct):
    """A stranger at the form, who takes a moment to write."""

    doors: Doors
    sender: Sender
    faults: list[str] = []

    async def open(self) -> tuple[str, dict[str, Any] | None]:
        form = await self.sender.open()
        self.doors.clock.now += timedelta(seconds=5)
        return form

    async def typed(self, token: str, text: str = WORDS, **more: str) -> httpx.Response:
        return await self.doors.public.post("/report", data={"token": token, "place": "CR-G", "text": text} | more)

    async def sealed(self, token: str, text: str = WORDS, **more: str) -> httpx.Response:
        return await self.doors.public.post("/report", json=self.sender.seal(token, text) | more)

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.faults.append(otherwise)


async def run(world: World) -> Result:
    async with doors(world) as all_doors:
        visit = Visit(all_doors, Sender(all_doors.public, "CR-G"))
        replays = await replayed(visit)
        returns = 0
        for language in LANGUAGES:
            all_doors.public.headers["accept-language"] = language
            returns += await returned(visit, language)
            await agent_at(world, all_doors.clock.now).once()  # type: ignore[attr-defined]  # or silence closes the gate
        returns += await closed(visit)
    told = (
        f"{replays} replays of forms and of work refused, nothing stored; {returns} refusals in {len(LANGUAGES)}"
        " languages, each with every word and a form to go on"
    )
    return Result(not visit.faults, "; ".join([told, *visit.faults]))


def crowd(visit: Visit) -> None:
    """So many reports came to the office that a browser is asked for work."""
    lately: load.Load = visit.doors.public._transport.app.litestar.state["load"]  # type: ignore[attr-defined]
    for number in range(3 * load.OFFICE):
        with lately.taking(visit.doors.world.authority, str(number).encode(), visit.doors.clock.now) as met:
            met.kept = True


async def replayed(visit: Visit) -> int:
    await visit.open()
    crowd(visit)
    token, asked = await visit.open()
    other, also = await visit.open()
    by_hand, _ = await visit.open()
    if not asked or not also:
        visit.faults.append("no work was asked for")
        return 0
    solved = work.solve(asked)
    visit.expect((await visit.sealed(token, pow=solved)).status_code == 200, "work that was done was not taken")
    visit.expect((await visit.typed(by_hand)).status_code == 200, "a form by hand was not taken")
    before = await kept(visit.doors.world)
    tried = {
        "a form and its work again": await visit.sealed(token, "otro", pow=solved),
        "a form again, with work of another": await visit.sealed(token, "otro", pow=work.solve(also)),
        "its work with another form": await visit.sealed(other, "otro", pow=solved),
        "a browser's form by hand": await visit.typed(token, "otro"),
        "a form by hand again": await visit.typed(by_hand, "otro"),
        "a form by hand, sealed": await visit.sealed(by_hand, "otro", pow=solved),
    }
    for what, answer in tried.items():
        visit.expect(answer.status_code in (409, 429), f"{what}: {answer.status_code}")
    after = await kept(visit.doors.world)
    visit.expect({**before, "keys": 0} == {**after, "keys": 0}, "something was stored")
    again = await visit.sealed(other, pow=work.solve(also))
    visit.expect(again.status_code == 200, "the other form was spoilt by it")
    return len(tried)


async def returned(visit: Visit, language: str) -> int:
    """Each check says no once, by hand and by a program."""
    token, _ = await visit.open()
    used, _ = await visit.open()
    await visit.typed(used)
    old = token
    visit.doors.clock.now += timedelta(hours=25)
    fresh, _ = await visit.sender.open()
    pages = {
        "a form of yesterday": await visit.typed(old),
        "a form that is not ours": await visit.typed("AAAA"),
        "a form sent at once": await visit.typed(fresh),
        "the hidden field": await visit.typed(fresh, website="https://ana.example"),
    }
    visit.doors.clock.now += timedelta(seconds=5)
    again, _ = await visit.open()
    await visit.typed(again, "primero")
    pages |= {
        "a form that was used": await visit.typed(again),
        "a text that is too long": await visit.typed(fresh, WORDS * 400),
        "a code in the text": await visit.typed(fresh, WORDS + " 1234 5678 9012 3456 7895"),
        "what breaks on our side": await broken(visit, visit.typed, fresh),
    }
    for what, page in pages.items():
        read = html.unescape(page.text)
        token_there = re.search(r'name="token" value="([^"]+)"', page.text)
        visit.expect(
            page.status_code in (409, 422, 429) and WORDS in read and bool(token_there),
            f"{what} in {language} lost the text",
        )
        visit.expect(f'lang="{language}"' in page.text and "problem:" not in read, f"{what} in {language} says nothing")
        visit.expect(
            "ana.example" not in read and (what != "the hidden field" or 'name="website"' not in read), "trapped again"
        )
    told = {
        "form-old": await visit.sealed(old), "form-not-ours": await visit.sealed("AAAA"),
        "form-hidden-field": await visit.sealed(fresh, website="x"), "form-too-fast": await at_once(visit),
        "report-form-used": await visit.sealed(again), "report-not-kept": await broken(visit, visit.sealed, fresh),
    }  # fmt: skip
    crowd(visit)
    told["form-more-work"] = await visit.sealed((await visit.open())[0])
    visit.doors.clock.now += timedelta(minutes=15)
    for code, answer in told.items():
        said = answer.json()
        visit.expect(
            said["code"] == code and bool(said.get("token")) and len(said["detail"]) > 40,
            f"{code} in {language}: {said.get('code')}",
        )
    return len(pages) + len(told)


async def at_once(visit: Visit) -> httpx.Response:
    token, _ = await visit.sender.open()
    return await visit.sealed(token)


async def broken(visit: Visit, send: Any, token: str) -> httpx.Response:
    """The line to the database breaks while the report is kept."""
    keep = service._keep

    async def breaks(*_: Any, **__: Any) -> dict[str, Any]:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    service._keep = breaks  # type: ignore[assignment]
    try:
        answer: httpx.Response = await send(token)
    finally:
        service._keep = keep
    return answer


async def closed(visit: Visit) -> int:
    """The gate closes while somebody writes."""
    token, _ = await visit.open()
    visit.doors.clock.now += timedelta(days=40)
    page = await visit.typed(token)
    visit.expect(page.status_code == 409 and WORDS in html.unescape(page.text), "a gate that closed lost the text")
    return 1
