"""`opened` and `acknowledged` cannot be set without the proof from inside or the office's signature."""

import json
import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Role
from registry.core import crypto
from registry.core.errors import Refusal
from registry.reports import answers, envelope, handed, service
from registry.reports.agent import keys
from registry.reports.agent.caller import Register, at_once
from registry.reports.schemas import Acknowledge, Opened
from tests.channel.result import Result
from tests.registry.reports.looks import only
from tests.registry.reports.world import ORIGIN, World, filing

SAYS: dict[str, Any] = {"opened": {"proof": "0" * 26}, "acknowledged": {"reference": "X", "signature": "A" * 86}}


async def run(world: World) -> Result:
    nonce = secrets.token_bytes(32)
    await service.file(STRANGER, world.now, world.context, filing(nonce=nonce))
    which: UUID = (await only(world))["id"]  # type: ignore[assignment]
    tried = succeeded = 0
    for attempt in [*_by_calls(world, which), *_by_people(world, which)]:
        tried += 1
        try:
            succeeded += bool(await attempt())
        except Refusal:
            continue
    row = await only(world)
    untouched = row["opened_at"] is None and row["acknowledged_at"] is None and row["state"] in ("sealed", "notified")
    return Result(
        not succeeded and untouched, f"{tried} attempts by calls, forged keys and {len(Role)} roles, none set it"
    )


def _by_calls(world: World, which: UUID) -> list[Any]:
    """At the agents' door: unsigned, signed with a stranger's key, and with the right key but without the proof."""
    with TemporaryDirectory() as folder:
        stranger = crypto.FileSigner.make(Path(folder) / "k.pem")

    def unsigned(what: str) -> Any:
        async def call() -> bool:
            said = await world.http.post(f"{ORIGIN}/authority-api/v1/envelopes/{which}/{what}", json=SAYS[what])
            return said.status_code == 200

        return call

    def signed(what: str, who: UUID, signer: crypto.Signer, said: dict[str, Any]) -> Any:
        async def call() -> bool:
            line = Register(world.http, ORIGIN, who, signer, at_once(world.now))
            await line.tell(which, what, said)
            return True

        return call

    mine = keys.signer(world.folder)
    found = [unsigned(what) for what in SAYS]
    for what, said in SAYS.items():
        found += [signed(what, world.authority, stranger, said), signed(what, uuid4(), stranger, said)]
        found += [signed(what, world.authority, mine, said), signed(what, world.authority, mine, {})]
    guesses = [envelope.new_proof(secrets.randbits(128)) for _ in range(50)]
    return found + [signed("opened", world.authority, mine, {"proof": guess}) for guess in guesses]


def _by_people(world: World, which: UUID) -> list[Any]:
    """Every role there is, also with the office in its scope, and the system itself; an officer without the proof."""

    def opened(actor: Actor) -> Any:
        async def act() -> bool:
            await answers.opened(actor, world.now, which, Opened("0" * 26))
            return True

        return act

    def acknowledged(actor: Actor, said: Acknowledge) -> Any:
        async def act() -> bool:
            await answers.acknowledge(actor, world.now, world.context, which, said)
            return True

        return act

    async def at_the_desk() -> bool:
        pasted = json.dumps({"what": "acknowledged", "envelope": str(which), "data": {"signature": "A" * 86}})
        await handed.take(world.officer, world.now, world.context, pasted)
        return True

    people = [SYSTEM, STRANGER, world.officer]
    people += [Actor(uuid4(), "x", frozenset({r}), frozenset({(r, world.authority)})) for r in Role]
    found = [at_the_desk]
    for actor in people:
        found += [opened(actor), acknowledged(actor, Acknowledge("X")), acknowledged(actor, Acknowledge("X", "A" * 86))]
    return found
