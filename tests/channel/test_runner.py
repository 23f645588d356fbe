"""The runner: what breaks is a failed line with its reason, and the others go on."""

import subprocess
import sys
from pathlib import Path

from tests.channel import __main__ as runner
from tests.channel import checks


async def test_a_check_that_breaks_is_a_failed_line_with_its_reason(tmp_path: Path) -> None:
    result = await runner.apart(99, "", tmp_path)
    assert not result.passed
    assert "No module named 'tests.channel.check_99'" in result.figure and "build/channel/99.log" in result.figure
    (runner.ROOT / "build" / "channel" / "99.log").unlink()


async def test_a_check_that_is_not_there_fails(tmp_path: Path) -> None:
    line = await runner.run(99, "", tmp_path)
    assert not line.passed and line.figure == "check_99.py is not there"


def test_only_the_28_can_be_asked_for() -> None:
    asked = [sys.executable, "-m", "tests.channel", "29"]
    said = subprocess.run(asked, cwd=runner.ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 2 and "there is no check 29" in said.stderr
    assert list(checks.NAMES) == list(range(1, 29))


def test_each_check_has_its_number_its_name_and_what_it_is_about() -> None:
    for path in sorted(checks.HERE.glob("check_*.py")):
        number = int(path.stem.removeprefix("check_"))
        assert number in checks.NAMES and checks.there(number)
        assert "async def run(world: World) -> Result:" in path.read_text(), path.name
