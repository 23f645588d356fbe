"""`registry demo` as somebody runs it: interrupted, begun again, served, looked at, stopped, and started once more.

One folder and one story go through all of it, in the order of this file.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pyotp
import pytest

from registry.core.clock import utc_now
from registry.core.ports import free_port
from registry.demo.commands import PLAYED, STARTED
from registry.demo.result import Played
from tests.registry.test_serving import LINUX, alive, family, within

pytestmark = [LINUX, pytest.mark.xdist_group("demo served")]
REAL, SMALL, OPENING = "registry", "tests.registry.demo.small", "tests.registry.demo.opening"


@pytest.fixture(scope="module")
def folder(data: Path) -> Path:
    """A name that people give to folders."""
    return data / "Año 2026, ó así"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port("127.0.0.1")


def command(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


class Run:
    """A demo under way, with everybody it started."""

    def __init__(self, module: str, folder: Path, port: int) -> None:
        settings = {"REGISTRY_DATA": str(folder), "REGISTRY_PORT": str(port), "LANG": "en"}
        command = [sys.executable, "-m", module, *(["demo"] if module == REAL else [])]
        self.address, self.members = f"http://127.0.0.1:{port}", set[int]()
        self.said = folder.with_name(f"{folder.name}.said")
        with self.said.open("wb") as out:
            self.process = subprocess.Popen(
                command, env=os.environ | settings, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

    def serves(self) -> bool:
        self.members |= family(self.process.pid)
        try:
            return httpx.get(f"{self.address}/readyz").status_code == 200 or self.ended()
        except httpx.TransportError:
            return self.ended()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def stopped(self, number: int) -> bool:
        """Whether it ends, whole, when it is told to as a terminal tells it: all processes of the group at once."""
        self.members |= family(self.process.pid)
        assert len(self.members) > 1, self.said.read_text()
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return within(30, lambda: self.ended() and not any(map(alive, self.members)))


@pytest.fixture
def run(folder: Path, port: int, request: pytest.FixtureRequest) -> Iterator[Run]:
    one = Run(request.param, folder, port)
    yield one
    for pid in {one.process.pid, *one.members, *family(one.process.pid)}:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
    one.process.wait()


@pytest.mark.parametrize("run", [REAL], indirect=True)
def test_ctrl_c_in_the_middle_of_the_story_leaves_nobody_behind(run: Run, folder: Path) -> None:
    assert within(60, lambda: run.ended() or any((folder / "mail").glob("*.eml"))), "letters go out: it is under way"
    assert run.stopped(signal.SIGINT)
    assert run.process.returncode != 0
    assert "Traceback" not in run.said.read_text(), "somebody who stops a demo has not met a mistake"
    assert (folder / STARTED).exists() and not (folder / PLAYED).exists()


@pytest.mark.parametrize("run", [OPENING], indirect=True)
def test_a_demo_stopped_while_its_server_looks_on_leaves_nobody_behind(run: Run, folder: Path) -> None:
    assert within(60, lambda: run.ended() or (folder / "open").exists()) and not run.ended(), run.said.read_text()
    assert any("serve" in command(pid) for pid in family(run.process.pid))
    assert run.stopped(signal.SIGTERM)
    assert run.process.returncode == 1 and "Traceback" not in run.said.read_text()
    assert (folder / STARTED).exists() and not (folder / PLAYED).exists()


@pytest.mark.parametrize("run", [SMALL], indirect=True)
def test_it_begins_anew_serves_prints_and_ends_whole(run: Run, folder: Path, port: int) -> None:
    assert within(120, run.serves) and not run.ended(), run.said.read_text()
    played = msgspec.json.decode((folder / PLAYED).read_bytes(), type=Played)
    with httpx.Client(base_url=run.address, timeout=20, headers={"origin": run.address}) as browser:
        page = {"accept": "text/html"}  # grey until what the story left is confirmed as of now
        assert within(20, lambda: "verdict valid" in browser.get(played.seals["valid"], headers=page).text)
        login = played.logins[0]
        browser.post("/desk/sign-in", data={"email": login.email, "password": login.password, "next": ""})
        code = pyotp.TOTP(login.secret).at(utc_now())
        browser.post("/desk/sign-in/code", data={"code": code, "next": ""})
        home = browser.get("/desk/seals", follow_redirects=True).text
        sheet = re.search(r'"(/desk/seals/[0-9a-f-]{36}/)', home)
        assert sheet, home[-2000:]
        assert browser.get(f"{sheet[1]}sheet.pdf").content.startswith(b"%PDF"), "threads do not survive a fork"
    assert run.stopped(signal.SIGTERM)


@pytest.mark.parametrize("run", [SMALL], indirect=True)
def test_on_the_same_folder_it_changes_nothing_and_serves_again(run: Run, folder: Path) -> None:
    before = (folder / PLAYED).read_bytes()
    assert within(60, run.serves) and not run.ended(), run.said.read_text()
    assert (folder / PLAYED).read_bytes() == before
    assert run.stopped(signal.SIGHUP), "whose terminal closes"
    assert "Traceback" not in run.said.read_text()


def test_a_port_in_use_is_said_before_anything_is_begun(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        for where in (folder, folder.with_name("never")):
            one = Run(REAL, where, other.getsockname()[1])
            assert one.process.wait(60) == 1
            assert str(other.getsockname()[1]) in one.said.read_text()
        assert not folder.with_name("never").exists()
