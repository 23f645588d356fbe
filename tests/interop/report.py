"""What `make interop` prints: a line for each thing that somebody else's program checked."""

import json
import subprocess
from collections.abc import Iterable

import msgspec


class Line(msgspec.Struct, frozen=True):
    """`failures` are sentences, the first twenty; `failed` is how many there were."""

    name: str
    version: str
    checked: str
    count: int
    failures: list[str] = []
    failed: int = 0


class NotRun(msgspec.Struct, frozen=True):
    """What could not be done here, and why: counted, never passed over."""

    name: str
    version: str
    checked: str
    reason: str


Told = Line | NotRun


def read(script: str, said: "subprocess.CompletedProcess[str]") -> list[Told]:
    """The lines of one check. One that breaks is a failure, whatever it had said before."""
    told: list[Told] = []
    for text in said.stdout.splitlines():
        one = json.loads(text)
        told.append(NotRun(**one) if "reason" in one else Line(**one))
    if said.returncode:
        broke = said.stderr.strip()[-600:] or f"ended with {said.returncode}"
        told.append(Line(script, "", "the check itself ran to its end", 1, [broke], 1))
    return told


def shown(told: Told) -> str:
    who = f"{told.name} {told.version}".strip()
    if isinstance(told, NotRun):
        return f"- {who:<46} {told.checked:<97} not run: {told.reason}"
    text = f"{'!' if told.failed else ' '} {who:<46} {told.checked:<97} {told.count:>6,}  {told.failed} failures"
    return "\n".join([text, *(f"      {failure}" for failure in told.failures)])


def summary(told: Iterable[Told]) -> tuple[str, int]:
    """The last line, and the exit status: 0 only when nothing that ran failed, and something ran."""
    every = list(told)
    ran = [one for one in every if isinstance(one, Line)]
    failed = sum(one.failed > 0 for one in ran)
    checks = sum(one.count for one in ran)
    absent = len(every) - len(ran)
    text = f"{len(ran)} lines, {checks:,} checks: {len(ran) - failed} passed, {failed} failed, {absent} not run"
    return text, 1 if failed or not ran else 0
