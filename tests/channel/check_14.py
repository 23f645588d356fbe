"""Check 14: a reply forged by the server fails in the browser; one replayed or out of order is flagged."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from registry.authorities import directory as directories
from registry.core import crypto
from registry.reports import envelope
from registry.reports.code import derive
from tests.channel.facing import WRITE, House, answer, beside, code_of, phone, press
from tests.channel.result import Result
from tests.registry.reports.world import World

TRUE, FALSE = "¿A qué hora fue?", "Venga solo al muelle esta noche"
ARTICLE = re.compile(r'<article class="reply" data-counter.*?</article>', re.S)
HELD = "firma comprobada en su teléfono"
Change = Callable[[str, str], list[str]]


async def run(world: World) -> Result:
    return await beside(tried)


def with_value(article: str, **values: str) -> str:
    for name, value in values.items():
        article = re.sub(rf'data-{name}="[^"]*"', f'data-{name}="{value}"', article)
    return article


def lies(recipient: str) -> dict[str, tuple[Change, list[str]]]:
    """What a server that lies may show, and the word that each article must carry: no other."""
    forged = crypto.b64url(envelope.seal_reply(FALSE, recipient))
    signer = crypto.b64url(b"s" * 64)
    return {
        "the truth": (lambda one, _: [one], ["held"]),
        "another text under its signature": (lambda one, _: [with_value(one, body=forged)], ["forged"]),
        "no signature": (lambda one, _: [with_value(one, signature="")], ["forged"]),
        "a signature made up": (lambda one, _: [with_value(one, body=forged, signature=signer)], ["forged"]),
        "an office that is none": (
            lambda one, _: [with_value(one, authority="00000000-0000-4000-8000-000000000000")], ["forged"],
        ),
        "the same under another number": (lambda one, _: [one, with_value(one, counter="2")], ["held", "forged"]),
        "replayed": (lambda one, _: [one, one], ["held", "again"]),
        "reordered": (lambda one, two: [two, one], ["order", "order"]),
        "the first left out": (lambda _, two: [two], ["order"]),
        "both as they are": (lambda one, two: [one, two], ["held", "held"]),
    }  # fmt: skip


def tried(house: House, browser: Any) -> Result:
    page, _ = phone(browser)
    page.goto(f"{house.origin}/report?place=CR-G")
    page.get_by_label(WRITE).fill("Vi algo que me preocupa.")
    press(page)
    code = code_of(page)
    house.agent()
    answer(house, TRUE)
    answer(house, TRUE[::-1], 2)
    recipient = envelope.recipient_of(derived(house, code))
    cases = lies(recipient)
    bad = [name for name, (change, words) in cases.items() if not shown(house, browser, code, change, words)]
    for name, previous, word in (
        ("before a change of keys", "", "former"),
        ("before no such change", "ab" * 32, "forged"),
    ):
        if not shown(house, browser, code, lambda one, two: [one, two], [word, word], changed(house, previous)):
            bad.append(name)
    told = ", ".join(bad) or "each told apart"
    return Result(not bad, f"{len(cases) + 2} answers of a server that lies or does not: {told}")


def changed(house: House, previous: str) -> bytes:
    """The next directory, in which the office has another signing key; `previous`: the hash of one that never was."""
    custodian = crypto.FileSigner.of((house.folder / "custodian" / "root.pem").read_bytes(), "custodian")
    first = directories.read((house.data / "published/authorities/directory.json").read_bytes()).directory
    signing = crypto.b64url(crypto.FileSigner.make(house.folder / f"next-{previous[:2]}.pem").public_bytes())
    records = tuple(msgspec.structs.replace(one, signing=signing) for one in first.records)
    second = msgspec.structs.replace(
        first, version=2, previous=previous or directories.digest(first), records=records, issued_at=datetime.now(UTC)
    )
    return directories.sign(second, custodian)


def derived(house: House, code: str) -> str:
    return derive(code, f"resguardo {house.origin}").reply_identity


def shown(
    house: House, browser: Any, code: str, change: Change, words: list[str], directory: bytes | None = None
) -> bool:
    page, _ = phone(browser)

    def lied(route: Any) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        said = route.fetch()
        html = said.text()
        one, two = ARTICLE.findall(html)
        first, rest = html.index(one), html.index(two) + len(two)
        route.fulfill(response=said, body=html[:first] + "".join(change(one, two)) + html[rest:])

    page.route("**/return*", lied)
    if directory is not None:
        page.route("**/authorities/directory.json", lambda route: route.fulfill(body=directory))
    page.goto(f"{house.origin}/return")
    page.get_by_label("Su código").fill(code)
    page.get_by_role("button", name="Ver la respuesta").click()
    page.locator(".reply").first.wait_for(timeout=30_000)
    page.locator(".reply:not(:has([data-say]:not([hidden])))").first.wait_for(state="detached", timeout=30_000)
    found = page.locator(".reply [data-say]:not([hidden])").evaluate_all("all => all.map(one => one.dataset.say)")
    texts = page.locator(".reply [data-hole=text]").all_inner_texts()
    names = page.locator(".reply [data-hole=name]").all_inner_texts()
    hidden = all(
        not text and not name for word, text, name in zip(found, texts, names, strict=True) if word == "forged"
    )
    genuine = all(text and name for word, text, name in zip(found, texts, names, strict=True) if word != "forged")
    marks = page.get_by_text(HELD).locator("visible=true").count() == words.count("held") + words.count("former")
    return found == words and hidden and genuine and marks and FALSE not in page.inner_text("main")
