"""What anybody can check from the command line, over a folder or over HTTP, without a database and without our keys."""

import asyncio
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from registry.access.actor import SYSTEM
from registry.certification import service as certification
from registry.config import Config
from registry.core.context import Context
from registry.core.db import fetch
from registry.seals import jobs, service
from registry.seals.code import grouped
from registry.seals.commands import log_group, seal
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, REASON
from tests.registry.seals.test_service import granted, told

pytestmark = pytest.mark.anyio
Run = Callable[..., Result]


@pytest.fixture
def run(config: Config) -> Run:
    def invoke(command: object, *args: str) -> Result:
        return CliRunner(env={"LANG": "es_CR.UTF-8"}).invoke(command, list(args), obj=config)  # type: ignore[arg-type]

    return invoke


async def test_a_seal_and_the_whole_log_are_verified_from_the_files_alone(
    db: None, context: Context, now: datetime, run: Run, tmp_path: Path
) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    case = await granted(context, now, here)
    [row] = await fetch("SELECT code FROM seal")
    verified = await asyncio.to_thread(run, seal, "verify", grouped(row["code"]).lower())
    assert verified.exit_code == 0 and "Hotel Río Manso" in verified.output
    whole = await asyncio.to_thread(run, log_group, "verify", "--json", "--from", str(tmp_path / "published"))
    said = json.loads(whole.output)
    assert whole.exit_code == 0 and (said["wrong"], said["seals"], said["size"]) == ([], 1, 4)
    await certification.suspend(DORA, now, case, REASON)
    await told(context, now)
    suspended = await asyncio.to_thread(run, seal, "verify", row["code"], "--json")
    assert suspended.exit_code == 1 and json.loads(suspended.output)["state"] == "suspended"


class Shelf(SimpleHTTPRequestHandler):
    """A folder's files at the addresses of a house."""

    def translate_path(self, path: str) -> str:
        key = path.removeprefix("/log/") if path.startswith("/log/") else path.rpartition("/")[2]
        return str(Path(self.directory) / key)

    def log_message(self, *args: object) -> None:
        """Silent."""


async def test_another_house_is_verified_over_http(
    db: None, context: Context, now: datetime, run: Run, tmp_path: Path
) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    await granted(context, now, here)
    [row] = await fetch("SELECT code FROM seal")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Shelf, directory=str(tmp_path / "published"))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        whole = await asyncio.to_thread(run, log_group, "verify", "--json", "--from", address)
        one = await asyncio.to_thread(run, seal, "verify", row["code"], "--from", address)
        await context.published.delete(f"credentials/{row['code']}.jwt")
        broken = await asyncio.to_thread(run, log_group, "verify", "--from", address)
        server.shutdown()
    assert (whole.exit_code, one.exit_code) == (0, 0), whole.output + one.output
    assert broken.exit_code == 1 and "credencial de la anotación 3: no está" in broken.output


async def test_a_mistyped_an_unknown_and_a_forged_seal_each_end_with_their_sentence(
    db: None, context: Context, now: datetime, run: Run
) -> None:
    empty = await asyncio.to_thread(run, log_group, "verify")
    assert empty.exit_code == 1 and "did.json" in empty.output
    here = await scene.hotel(now, await scene.opened(now))
    await granted(context, now, here)
    mistyped = await asyncio.to_thread(run, seal, "verify", "7K3M-9QXT-2W4H-VN41")
    assert mistyped.exit_code == 1 and "16" in mistyped.output
    unknown = await asyncio.to_thread(run, seal, "verify", "7K3M-9QXT-2W4H-VN40", "--json")
    assert unknown.exit_code == 1 and json.loads(unknown.output) == {"code": "7K3M9QXT2W4HVN40", "found": False}
    [row] = await fetch("SELECT code FROM seal")
    manifest = await context.published.get("snapshot/manifest")
    await context.published.put("snapshot/manifest", manifest[:-2])
    forged = await asyncio.to_thread(run, seal, "verify", row["code"])
    assert forged.exit_code == 1
    assert (await asyncio.to_thread(run, log_group, "verify")).exit_code == 1


async def test_a_copy_is_kept_fresh_on_its_own_beat_and_stops_when_asked(
    db: None, context: Context, now: datetime
) -> None:
    stopping = asyncio.Event()
    keeping = asyncio.create_task(jobs.keep_fresh(context, stopping, beat=0.01))
    for _ in range(200):
        await asyncio.sleep(0.01)
        if await context.published.stat("snapshot/manifest"):
            break
    stopping.set()
    await keeping
    assert await context.published.stat("checkpoint")
    await service.publish(SYSTEM, now + timedelta(minutes=1), context)


async def test_the_beat_outlives_a_database_that_is_restarting(
    monkeypatch: pytest.MonkeyPatch, context: Context
) -> None:
    stopping, beats = asyncio.Event(), 0

    async def publish(*_: object) -> None:
        nonlocal beats
        beats += 1
        if beats < 2:
            raise asyncpg.CannotConnectNowError("the database system is starting up")
        stopping.set()

    monkeypatch.setattr(service, "publish", publish)
    await asyncio.wait_for(jobs.keep_fresh(context, stopping, beat=0.01), 5)
    assert beats == 2
