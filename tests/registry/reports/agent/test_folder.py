"""kill -9 in the middle of writing a case: afterwards it is there whole or not at all, and never twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from registry.reports.agent.folder import Folder, read
from tests.registry.reports.agent.test_paper import case

PROGRAM = """
import os, signal, sys
from pathlib import Path
from registry.core import crypto
from registry.reports.agent import folder, paper
from tests.registry.reports.agent.test_paper import case

def die(*_args, **_options):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(*{"draft": (os, "link"), "paper": (paper, "pdf"), "after": (folder, "read")}[sys.argv[2]], die)
cases = folder.Folder(Path(sys.argv[1]))
cases.prepare()
cases.kept(case("Una vez."))
if sys.argv[2] == "after":
    die()
"""


@pytest.mark.parametrize(("where", "left"), [("draft", []), ("paper", [".json"]), ("after", [".json", ".pdf"])])
def test_a_killed_agent_leaves_a_case_whole_or_not_at_all(tmp_path: Path, where: str, left: list[str]) -> None:
    died = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path), where], capture_output=True, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
    assert sorted(path.suffix for path in tmp_path.glob("CASO-*")) == left
    before = {path.name: path.read_bytes() for path in tmp_path.glob("CASO-*")}
    cases = Folder(tmp_path)
    for draft in tmp_path.glob(".CASO-*"):
        os.utime(draft, (0, 0))
    cases.prepare()
    kept, new = cases.kept(case("Una vez."))
    assert kept.report["narrative"] == "Una vez." and len(new) == 2 - len(left)
    assert all((tmp_path / name).read_bytes() == data for name, data in before.items())
    assert len(list(tmp_path.iterdir())) == 2 and all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_another_envelope_with_the_same_beginning_gets_a_longer_reference(tmp_path: Path) -> None:
    cases, one = Folder(tmp_path), case("una")
    cases.kept(msgspec.structs.replace(one, reference=cases.called(one.envelope)))
    other = msgspec.structs.replace(one, envelope=type(one.envelope)(int=one.envelope.int + 1))
    called = cases.called(other.envelope)
    assert cases.called(one.envelope) == "CASO-00000000" and len(called) > len("CASO-00000000")
    cases.kept(msgspec.structs.replace(other, reference=called))
    assert {read(path).envelope for path in tmp_path.glob("CASO-*.json")} == {one.envelope, other.envelope}
