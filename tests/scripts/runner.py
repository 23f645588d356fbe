"""Public pages as text: an outsider can read what is promised, and check it.

    > GET /s/$TAXI                      a request; headers on lines that begin with "> "
    > accept-language: es
    < 200                               the status
    < content-language: es              a header that must hold these words (or, with "!", must not be there)
    < !set-cookie
    Vigente                             a phrase of the page, its tags taken away
    - Suspendido                        a phrase that must not be there

A blank line ends a request. `$NAME` is a name of tests/public_site/world.py. "# " begins a remark.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from tests.public_site import world


class Step(msgspec.Struct):
    place: str
    method: str
    address: str
    body: str = ""
    headers: dict[str, str] = {}
    status: int = 200
    wanted: list[str] = []
    absent: list[str] = []
    phrases: list[str] = []
    unsaid: list[str] = []


def read(path: Path) -> Iterator[Step]:
    """The steps of a file, in order."""
    step: Step | None = None
    for number, line in enumerate([*path.read_text().splitlines(), ""], 1):
        text = _named(line.strip())
        if text.startswith("# "):
            continue
        if not text:
            if step:
                yield step
            step = None
        elif step is None:
            method, address, *body = text.removeprefix("> ").split(" ", 2)
            step = Step(f"{path.name}:{number}", method, address, *body)
        else:
            _add(step, text)


def _add(step: Step, text: str) -> None:
    if text.startswith("> "):
        name, _, value = text[2:].partition(": ")
        step.headers[name] = value
    elif text.startswith("< !"):
        step.absent.append(text[3:])
    elif text.startswith("< ") and text[2:].isdigit():
        step.status = int(text[2:])
    elif text.startswith("< "):
        step.wanted.append(text[2:])
    elif text.startswith("- "):
        step.unsaid.append(text[2:])
    else:
        step.phrases.append(text)


async def play(step: Step, client: httpx.AsyncClient) -> None:
    """Ask, and compare with what is written."""
    headers = dict(step.headers)
    if step.body:
        headers["content-type"] = "application/x-www-form-urlencoded"
    answer = await client.request(step.method, step.address, content=step.body or None, headers=headers)
    assert answer.status_code == step.status, f"{step.place}: {answer.status_code}"
    for line in step.wanted:
        name, _, value = line.partition(": ")
        assert value in answer.headers.get(name, ""), f"{step.place}: {name} is {answer.headers.get(name)}"
    for name in step.absent:
        assert name not in answer.headers, f"{step.place}: {name} is there"
    said = spoken(answer.text)
    for phrase in step.phrases:
        assert phrase in said, f"{step.place}: does not say: {phrase}"
    for phrase in step.unsaid:
        assert phrase not in said, f"{step.place}: says: {phrase}"


def spoken(page: str) -> str:
    """What is read aloud: no tags, one blank between words."""
    words = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    words = re.sub(r"</?(?:b|strong|time|span|em)\b[^>]*>", "", words)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", words)).split())


def _named(line: str) -> str:
    return re.sub(r"\$([A-Z]+)", lambda found: str(getattr(world, found.group(1))), line)
