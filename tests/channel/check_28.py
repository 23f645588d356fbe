"""Check 28: a first report by somebody on the staff, on a phone, in a second language: at most three minutes.

Whether five people who never saw it manage, and can say afterwards who will read it and what the code is for, is for
people to find out. What a program can hold is held here: the walk written in walk.md still goes, step by step, in
French at 360 px; the page says both things before and after; and all there is to read and to type until it is sent
takes a slow reader less than three minutes.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from registry import config as configuration
from registry.house import context_of
from registry.reports import card as cards
from tests.channel.browsing import browser, house
from tests.channel.result import Result
from tests.registry.reports.test_canary import House
from tests.registry.reports.world import World

WALK = Path(__file__).parent / "walk.md"
LIMIT = 180
WORDS_A_MINUTE, SIGNS_A_SECOND, SECONDS_A_TOUCH = 170, 2.0, 1.5
"""A slow reader in a second language; somebody who types with one finger; the time to find and touch a thing."""
SENTENCE = "Un client a proposé de l’argent à une adolescente à la réception."
"""What the staff member writes."""
SENT = "Touches “Sceller et envoyer”"


class Step(msgspec.Struct, frozen=True):
    """What is done; the words there are to read before it; the seconds of a slow person, and those of this machine."""

    done: str
    read: str
    person: float
    machine: float


async def run(world: World) -> Result:
    async with house() as at, browser() as opened:
        steps = await walked(at, opened)
    sent = next(at for at, step in enumerate(steps, 1) if step.done == SENT)
    seconds, whole = sum(step.person for step in steps[:sent]), sum(step.person for step in steps)
    written = WALK.read_text() if WALK.exists() else ""
    faults = [f"walk.md does not tell: {step.done}" for step in steps if step.done not in written]
    if seconds > LIMIT:
        faults.append("too long")
    told = (
        f"{len(steps)} steps in French at 360 px: sent after {seconds:.0f} s of a slow reader (limit {LIMIT}),"
        f" code on paper and read what it is for after {whole:.0f} s; walk.md tells each; five people are for people"
    )
    return Result(not faults, "; ".join([told, *faults[:3]]))


async def walked(at: House, opened: Any) -> list[Step]:
    """The walk. Each step fails when what is to be read or touched is not there."""
    context = await opened.new_context(locale="fr-CA", viewport={"width": 360, "height": 740})
    page = await context.new_page()
    walk = Walk(page)
    await page.goto(f"{at.origin}{card_link(at)}")
    form = page.locator("#report")
    await walk.step(
        "Reads the top: a number for danger now, and that being sure is not needed", "main .page:first-child"
    )
    await walk.step("Reads the place, which the card filled in", "section[aria-labelledby=where]")
    await walk.step("Reads who will read it", "section[aria-labelledby=who]")
    reader = await page.locator("section[aria-labelledby=who]").inner_text()
    for said in (
        "Qui le lira",
        "Unidad de Protección de la Niñez",
        "clés que seul ce service possède",
        "votre téléphone",
    ):
        assert said in reader, said
    await walk.step("Touches “aujourd’hui”", "#report fieldset:nth-of-type(1)",
                    form.get_by_text("Aujourd’hui", exact=True).click())  # fmt: skip
    await walk.step("Touches one thing that was seen", "#report fieldset:nth-of-type(2)",
                    form.get_by_text("Il y avait de l’argent").click())  # fmt: skip
    await walk.step("Writes one sentence", "#report fieldset:nth-of-type(3)", form.locator("#text").fill(SENTENCE),
                    typed=SENTENCE)  # fmt: skip
    assert await form.locator("#reporter_role").input_value() == "staff"
    await walk.step(
        "Sees that a contact may stay empty, and leaves it", "#report > fieldset:last-of-type > p:first-of-type"
    )
    await page.wait_for_timeout(max(0.0, 2.2 - walk.since()) * 1000)
    await walk.step(SENT, "#send", form.locator("#send").click())
    await page.locator(".ref").wait_for(timeout=60_000)
    receipt = await page.locator("main").inner_text()
    for said in ("Reçu et scellé", "À quoi sert le code", "À lire la réponse", "À voir s’il a été ouvert"):
        assert said in receipt, (said, receipt)
    code = "".join(await page.locator(".ref span").all_inner_texts())
    await walk.step("Reads that it arrived, and that the code is shown once", "main .page:first-child")
    await walk.step("Copies the code on paper", "section:has(> .ref)", typed=code)
    await walk.step("Reads what the code is for", "section[aria-labelledby=use]")
    await walk.step("Ticks that it is kept", "main label.pick", page.locator("main label.pick").click())
    await walk.step("Touches “Terminer”", "main form button:not([type=button])",
                    page.locator("main form button:not([type=button])").click())  # fmt: skip
    await page.locator("#code").wait_for()
    assert len(code) == 20 and at.agent()["opened"] == 1
    await context.close()
    return walk.steps


class Walk:
    """Writes down what a person would read and do, and how long it takes."""

    def __init__(self, page: Any) -> None:
        self.page, self.steps, self.began = page, list[Step](), time.monotonic()

    def since(self) -> float:
        return time.monotonic() - self.began

    async def step(self, done: str, what: str, act: Any = None, typed: str = "") -> None:
        began = time.monotonic()
        read = " ".join((await self.page.locator(what).first.inner_text()).split())
        if act is not None:
            await act
        person = len(read.split()) / WORDS_A_MINUTE * 60 + len(typed) / SIGNS_A_SECOND
        person += SECONDS_A_TOUCH if act is not None else 0
        self.steps.append(Step(done, read, person, time.monotonic() - began))


def card_link(at: House) -> str:
    """The link of the card of a hotel, as the register prints it."""
    secret = cards.key(context_of(configuration.read(at.environment)))
    return "/report?staff=" + cards.write(secret, cards.Card("CR-G/503", "lodging", "staff", "Hotel Laguna Clara"))


def as_table(steps: list[Step]) -> str:
    """The steps for walk.md."""
    lines = ["| # | What is done | What stands there to read | Slow person | This machine |", "|--|--|--|--|--|"]
    for number, step in enumerate(steps, 1):
        lines.append(f"| {number} | {step.done} | {step.read} | {step.person:.1f} s | {step.machine:.2f} s |")
    return "\n".join(lines)


async def main() -> None:
    async with house() as at, browser() as opened:
        sys.stdout.write(as_table(await walked(at, opened)) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
