"""The embedded server: starts, ends with us whatever happens, and keeps what was committed."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import pytest

from registry.core import embedded
from registry.core.errors import Invalid

OWNER = """
import asyncio, sys, asyncpg
from pathlib import Path
from registry.core import embedded
async def main():
    server = await embedded.start(Path(sys.argv[1]))
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
    await connection.execute("INSERT INTO kept VALUES (1)")
    print("committed", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


LONG = "long-" * 20 + "/data"
"""Below a folder: too deep for the path of a socket."""


def servers(folder: str) -> list[str]:
    found = subprocess.run(["pgrep", "-f", f"{folder}/postgres/cluster"], capture_output=True, text=True, check=False)
    return found.stdout.split()


async def test_it_dies_with_a_killed_owner_and_keeps_what_was_committed() -> None:
    with tempfile.TemporaryDirectory(prefix="re-") as folder:
        for _ in range(2):
            owner = subprocess.Popen([sys.executable, "-c", OWNER, folder], stdout=subprocess.PIPE, text=True)
            assert owner.stdout is not None
            assert owner.stdout.readline() == "committed\n"
            os.kill(owner.pid, signal.SIGKILL)
            owner.wait()
            end = time.monotonic() + 10
            while servers(folder) and time.monotonic() < end:
                time.sleep(0.05)
            assert servers(folder) == []
        server = await embedded.start(Path(folder))
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT count(*) FROM kept") == 2
        await connection.close()
        server.stop()
        assert servers(folder) == []


@pytest.mark.parametrize("below", ["", LONG], ids=["beside its data", "with sockets elsewhere"])
async def test_a_killed_server_is_started_again_with_what_was_committed(below: str) -> None:
    with tempfile.TemporaryDirectory(prefix="re-") as name:
        folder = str(Path(name) / below)
        server = await embedded.start(Path(folder))
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE kept (n int)")
        keeping = asyncio.create_task(server.keep(beat=0.05))
        (postmaster, *_) = (Path(folder) / "postgres" / "cluster" / "postmaster.pid").read_text().split()
        os.kill(int(postmaster), signal.SIGKILL)
        end = time.monotonic() + 20
        found = None
        while found is None and time.monotonic() < end:
            await asyncio.sleep(0.1)
            try:
                again = await asyncpg.connect(server.url)
            except (OSError, asyncpg.PostgresError):
                continue
            found = await again.fetchval("SELECT count(*) FROM kept")
            await again.close()
        keeping.cancel()
        server.stop()
        assert found == 0
        assert servers(folder) == []


async def test_a_second_process_finds_the_running_server_and_leaves_it_running() -> None:
    with tempfile.TemporaryDirectory(prefix="re-") as folder:
        first = await embedded.start(Path(folder))
        second = await embedded.start(Path(folder))
        assert (first.ours, second.ours) == (True, False)
        second.stop()
        connection = await asyncpg.connect(first.url)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        first.stop()


async def test_a_folder_with_a_long_path_gets_a_short_socket_for_as_long_as_it_is_served() -> None:
    with tempfile.TemporaryDirectory(prefix="re-") as folder:
        deep = Path(folder) / LONG
        for _ in range(2):
            server = await embedded.start(deep)
            elsewhere = (deep / "postgres/sockets").resolve()
            assert elsewhere.is_dir() and not elsewhere.is_relative_to(folder)
            connection = await asyncpg.connect(server.url)
            assert await connection.fetchval("SELECT 1") == 1
            await connection.close()
            server.stop()
            assert not elsewhere.exists()


async def test_a_killed_owner_leaves_no_folder_of_sockets_behind() -> None:
    with tempfile.TemporaryDirectory(prefix="re-") as folder:
        deep = Path(folder) / LONG
        owner = subprocess.Popen([sys.executable, "-c", OWNER, deep], stdout=subprocess.PIPE, text=True)
        assert owner.stdout is not None
        assert owner.stdout.readline() == "committed\n"
        elsewhere = (deep / "postgres/sockets").resolve()
        assert elsewhere.is_dir()
        owner.kill()
        owner.wait()
        end = time.monotonic() + 10
        while elsewhere.exists() and time.monotonic() < end:
            await asyncio.sleep(0.05)
        assert not elsewhere.exists()


async def test_a_folder_of_another_major_version_is_named_and_not_touched() -> None:
    with tempfile.TemporaryDirectory(prefix="re-") as folder:
        (await embedded.start(Path(folder))).stop()
        version = Path(folder) / "postgres/cluster/PG_VERSION"
        version.write_text("15\n")
        with pytest.raises(Invalid) as refused:
            await embedded.start(Path(folder))
        assert refused.value.code == "postgres-other-version"
        assert refused.value.details["made_by"] == 15
