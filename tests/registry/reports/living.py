"""The product as it is run: a server process, an agent's process, folders of their own, only HTTP between them."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from registry.core import embedded

ROOT = Path(__file__).parents[3]


class House(msgspec.Struct):
    """A house in folders of its own, with the means to start and kill it. `settings` are more of its environment."""

    data: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    settings: dict[str, str] = {}

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"REGISTRY_DATA": str(self.data), "REGISTRY_ORIGIN": self.origin, "REGISTRY_DEMO": "true",
                             "PYTHONPATH": str(ROOT)} | self.settings  # fmt: skip

    @property
    def log(self) -> Path:
        """Whatever any process of the house said."""
        return self.data / "server-output.log"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=self.environment, capture_output=True,
                              text=True, check=False, timeout=120)  # fmt: skip
        with self.log.open("a") as said:
            said.write(done.stderr)
        assert done.returncode == 0, done.stderr[-3000:]
        return done

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "registry", "serve", "--port", str(self.port), "--while-stdin-open"], cwd=ROOT,
                env=self.environment, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.origin}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text()[-3000:])

    def kill(self, how: int = signal.SIGKILL) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, how)
            self.process.wait(timeout=30)
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process = None

    def agent(self) -> dict[str, int]:
        unit, cases = str(self.folder / "unit"), str(self.folder / "cases")
        said = self.run("registry", "authority", "agent", "--keys", unit, "--origin", self.origin, "--once",
                        "--cases", cases)  # fmt: skip
        found: dict[str, int] = json.loads(said.stdout)
        return found

    def token(self) -> str:
        """A form just opened."""
        page = httpx.get(f"{self.origin}/report?place=CR-G&lang=en", timeout=20)
        found = re.search(r'name="token" value="([^"]+)"', page.text)
        assert found, page.text[:3000]
        return found[1]

    def dump(self) -> bytes:
        """Every row as text: the files alone would hide a word that PostgreSQL had compressed."""
        return subprocess.run([embedded.binaries() / "pg_dump", "-h", self.sockets, "-U", embedded.OWNER,
                               embedded.DATABASE], capture_output=True, check=True, timeout=60).stdout  # fmt: skip

    @property
    def sockets(self) -> str:
        return str(embedded._sockets(self.data / "postgres"))

    @property
    def database(self) -> str:
        return f"postgresql://{embedded.OWNER}@/{embedded.DATABASE}?host={self.sockets}"


@contextlib.contextmanager
def living(*, files: bool = False, **settings: str) -> Iterator[House]:
    """A house that is served, whose form is open in CR-G and whose agent has answered its first drill. `files`: its
    office may receive some."""
    with tempfile.TemporaryDirectory(prefix="rc-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        made = House(Path(folder) / "data", Path(folder) / "elsewhere", port, settings=settings)
        made.data.mkdir()
        made.run("tests.registry.reports.play", str(made.data), str(made.folder), *["files"] * files)
        try:
            made.start()
            assert made.agent()["drills"] == 1
            yield made
        finally:
            made.kill(signal.SIGTERM)


def code_in(page: str) -> str:
    """The code of a receipt."""
    return "".join(re.findall(r"<span>(\d{4})</span>", page))
