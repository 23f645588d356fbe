"""`python -m tests.channel [--json FILE] [numbers…]`: the checks of reporting.md 6, a line each.

Writes {"1": {"passed": …, "figure": …, "seconds": …}, …} to channel.json at the root (or FILE), for the checks that
were asked for: without numbers, all 28. Exits 0 only when each of them passed; a check whose file is not there fails.
What a check that failed printed is kept in build/channel/NN.log.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tests import database
from tests.channel import checks
from tests.channel.result import Result

ROOT = Path(__file__).parents[2]
PATIENCE = 420.0
"""Seconds a check may take; one that hangs fails and the others go on."""


class Line(msgspec.Struct, frozen=True):
    """One check in channel.json."""

    passed: bool
    figure: str
    seconds: float


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.channel", description="The checks of the reporting channel.")
    asked.add_argument("numbers", nargs="*", type=int, help="which checks; none means all 28", metavar="number")
    asked.add_argument("--json", type=Path, default=ROOT / "channel.json", help="where the figures go", metavar="FILE")
    said = asked.parse_args()
    if strange := set(said.numbers) - set(checks.NAMES):
        asked.error(f"there is no check {min(strange)}")
    sys.exit(asyncio.run(every(sorted(set(said.numbers)) or list(checks.NAMES), said.json)))


async def every(numbers: list[int], file: Path) -> int:
    """Run them one after another, so that each has both cores; 0 when all passed."""
    lines: dict[str, Line] = {}
    began = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rc-")))
        server = await stack.enter_async_context(database.server(data))
        for number in numbers:
            lines[str(number)] = line = await run(number, server, data)
            print(shown(number, line), flush=True)
            file.write_text(json.dumps(msgspec.to_builtins(lines), indent=1, ensure_ascii=False) + "\n")
    passed = sum(line.passed for line in lines.values())
    print(f"{passed} of {len(lines)} passed in {time.monotonic() - began:.0f} s; figures in {file.name}")
    return 0 if passed == len(lines) else 1


async def run(number: int, server: str, data: Path) -> Line:
    if not checks.there(number):
        return Line(False, f"check_{number:02}.py is not there", 0.0)
    began = time.monotonic()
    result = await apart(number, server, data)
    return Line(result.passed, " ".join(result.figure.split()), round(time.monotonic() - began, 2))


async def apart(number: int, server: str, data: Path) -> Result:
    """In a process of its own, with whatever that starts; all of it is gone afterwards."""
    log = ROOT / "build" / "channel" / f"{number:02}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    told = data / f"{number}.json"
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.channel.one", str(number), server, str(data), str(told),
            cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        return Result(False, f"not at its end after {PATIENCE:.0f} s; see {log.relative_to(ROOT)}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.returncode == 0 and told.exists():
        result = msgspec.json.decode(told.read_bytes(), type=Result)
        if result.passed:
            log.unlink()
        return result
    return Result(False, f"broke: {why(log, process.returncode)}; see {log.relative_to(ROOT)}")


def why(log: Path, status: int | None) -> str:
    """The last thing it said, or the signal that ended it."""
    spoken = log.read_text(errors="replace").split("\n")
    words = next((line.strip() for line in reversed(spoken) if line.strip()), f"ended with {status}")
    return words[:300]


def shown(number: int, line: Line) -> str:
    mark = "passed" if line.passed else "FAILED"
    return f"{number:>2}  {mark}  {checks.NAMES[number]:<50} {line.seconds:>6.1f} s  {line.figure}"


if __name__ == "__main__":
    main()
