"""What deliver.json wishes, the agent of the command line does: incidents, a webhook, a language."""

import json
import os
import threading
from pathlib import Path

import httpx
import pytest

from registry.access.actor import STRANGER
from registry.core.errors import Invalid
from registry.reports import commands, door, service
from registry.reports.agent import deliver
from registry.reports.agent.caller import at_once
from tests.registry.reports.agent.primero_server import MAPPING, Primero
from tests.registry.reports.agent.test_webhook import SECRET, Receiver
from tests.registry.reports.looks import only
from tests.registry.reports.world import ORIGIN, World, filing


def secret(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)


async def test_the_agent_of_the_command_line_delivers_as_its_folder_says(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    receiver = Receiver()
    threading.Thread(target=receiver.server.serve_forever, daemon=True).start()
    with Primero() as server:
        hook = f"http://127.0.0.1:{receiver.server.server_port}/hook"
        wishes = {
            "language": "en", "primero": {"url": server.url, "user": "resguardo", "password": "p.txt", "mapping": "m"},
            "webhook": {"url": hook, "secret": "hook.txt"},
        }  # fmt: skip
        (world.folder / "deliver.json").write_text(json.dumps(wishes))
        (world.folder / "m").write_text(json.dumps(MAPPING))
        secret(world.folder / "p.txt", "p\n")
        secret(world.folder / "hook.txt", SECRET)
        transport = httpx.ASGITransport(app=door.create_app(world.context))
        mounts = {"all://127.0.0.1": httpx.AsyncHTTPTransport()}
        async with httpx.AsyncClient(transport=transport, mounts=mounts) as http:
            worker = await commands._agent(world.folder, ORIGIN, world.folder / "cases", at_once(world.now), http)
            done = await worker.once()
        assert (done.opened, done.blocked, done.failed, done.untold, done.files) == (1, 0, 0, 0, [])
        assert len(server.incidents) == 1 and (await only(world))["state"] == "acknowledged"
    receiver.server.shutdown()
    receiver.server.server_close()
    kinds = sorted(json.loads(body)["type"] for _, body in receiver.got)
    assert kinds == ["directory.alarm", "report.opened"], "this world serves no directory to strangers, and it says so"


@pytest.mark.parametrize("text", ["{", "[]", '{"more": 1}', '{"primero": {}}', '{"free_text": "yes"}'])
def test_wishes_that_cannot_be_read_are_said_and_nothing_is_guessed(tmp_path: Path, text: str) -> None:
    assert deliver.wishes(tmp_path) == deliver.Deliver()
    (tmp_path / "deliver.json").write_text(text)
    with pytest.raises(Invalid, match="deliver-not-readable"):
        deliver.wishes(tmp_path)


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="secret-not-found"):
        deliver.secret(tmp_path, "s")
    (tmp_path / "s").write_text("x")
    (tmp_path / "s").chmod(0o644)
    with pytest.raises(Invalid, match="key-file-open"):
        deliver.secret(tmp_path, "s")
