"""A served house ends whole: whatever kills its first process leaves nobody behind on the port or the database."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from registry.core.ports import free_port

LINUX = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read from /proc")


def family(pid: int) -> set[int]:
    """The descendants of a process."""
    found: set[int] = set()
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended while we looked
            for child in map(int, listed.read_text().split()):
                found |= {child} | family(child)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def within(seconds: float, check: object) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def house(data: Path, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[bytes], set[int]]]:
    port, folder = free_port("127.0.0.1"), data / f"s{os.getpid()}{getattr(request, 'param', '')}"
    environment = {**os.environ, "REGISTRY_DATA": str(folder)}
    command = [sys.executable, "-m", "registry", "serve", "--port", str(port), *filter(None, [request.param])]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, start_new_session=True)

    def ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    assert within(60, ready)
    members = family(process.pid)
    assert len(members) > 2, "a worker, the database and its keeper"
    yield process, members
    for pid in (process.pid, *members):
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait()


@LINUX
@pytest.mark.parametrize("house", [""], indirect=True)
def test_kill_9_of_the_first_process_leaves_nobody_behind(house: tuple[subprocess.Popen[bytes], set[int]]) -> None:
    process, members = house
    process.kill()
    assert within(25, lambda: not any(map(alive, members))), [pid for pid in members if alive(pid)]


@LINUX
@pytest.mark.parametrize("house", ["--while-stdin-open"], indirect=True)
def test_a_server_of_the_demo_ends_when_the_demo_is_killed(house: tuple[subprocess.Popen[bytes], set[int]]) -> None:
    process, members = house
    assert process.stdin is not None
    process.stdin.close()
    assert within(25, lambda: not any(map(alive, {process.pid, *members})))


def test_a_port_that_is_taken_is_refused_and_not_shared(data: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        command = [sys.executable, "-m", "registry", "serve", "--port", str(other.getsockname()[1])]
        environment = {**os.environ, "REGISTRY_DATA": str(data / "never"), "LANG": "en"}
        said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 1
    assert "listens on port" in said.stderr
    assert not (data / "never").exists()
