"""The register that is made for measuring is one: it proves itself from outside, and its codes are known."""

from datetime import datetime
from pathlib import Path

import pytest

from registry.access.actor import SYSTEM
from registry.bench import load, verdict, world
from registry.core.context import Context
from registry.core.db import transaction
from registry.seals import edition, outside, publishing, service
from registry.seals.publication import Press

pytestmark = pytest.mark.anyio


async def test_a_made_register_is_published_and_holds_in_every_file(
    committed: str, context: Context, now: datetime
) -> None:
    version = await verdict.scheme(now)
    await service.publish(SYSTEM, now, context)
    keys, issuer = context.config.data / "keys", Press.of(context).issuer
    for have, want in ((0, 100), (100, 300)):
        await world.grow({"dsn": committed}, keys, issuer, version, now, have, want)
        async with transaction():
            await publishing.alone()
            done = await edition.run(context, now, whole=True)
        assert done is not None and done.seconds.keys() >= {"snapshot", "log", "lists", "manifest"}
    found = await outside.audit(context.published.get)
    assert (found.wrong, found.seals, found.suspended, found.revoked) == ([], 300, 3, 6)
    proven = await outside.look_up(context.published.get, world.code(250))
    assert proven.entry.facts.plate == "T0000250"


def test_a_tool_that_is_missing_is_told_with_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load.shutil, "which", lambda name: None)
    with pytest.raises(LookupError, match=r"wrk and nginx not found.*apt-get install -y wrk nginx-light"):
        load.tools("wrk", "nginx")


def test_a_script_asks_for_every_address_in_turn(tmp_path: Path) -> None:
    path = load.script(tmp_path / "some.lua", ["/S/A", "/S/B"], at_random=False)
    assert path.with_suffix(".txt").read_text() == "/S/A\n/S/B" and "asked[turn]" in path.read_text()
