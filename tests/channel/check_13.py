"""Escalation reaches only those who are in the envelope already, and each of them alone can open it."""

from datetime import timedelta
from uuid import UUID, uuid4

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Role
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import NotFound
from registry.reports import answers, delivery, envelope, service
from registry.reports.agent import keys
from registry.reports.agent.caller import Register, at_once
from registry.reports.agent.round import Agent
from tests.channel.result import Result
from tests.registry.reports.world import ORIGIN, World, enrol, filing, sign_directory


async def run(world: World) -> Result:
    context, now, base = world.context, world.now, world.folder.parent
    behind = await enrol(context, now, base / "behind", places=("ZZ",))
    first = await enrol(context, now, base / "first", places=("CR-H",), always_open=False, then=behind)
    apart = await enrol(context, now, base / "apart", places=("CR-C",))
    await sign_directory(context, now, world.root)
    await service.drill(SYSTEM, now, context, first)
    await _agent(world, first).once()
    await service.file(STRANGER, now, context, filing(place="CR-H", nonce=b"13" * 16))
    (row,) = await fetch(
        "SELECT * FROM reports.envelope WHERE chain = $1 AND id NOT IN (SELECT envelope FROM reports.drill)",
        [first, behind],
        engine=REPORTS_DB,
    )
    before = [await _sees(world, who, row["id"]) for who in (first, behind, apart, world.authority)]
    late = now + timedelta(days=30)
    await delivery.escalate(SYSTEM, late)
    after = [await _sees(world, who, row["id"]) for who in (first, behind, apart, world.authority)]
    _, body = await answers.contents(_officer(behind), late, context, row["id"])
    outer = envelope.Context(row["id"], tuple(row["chain"]), tuple(row["key_ids"]), row["directory_version"])
    alone = 0
    for folder in ("first", "behind"):
        for identity in keys.identities(base / folder):
            alone += envelope.open_sealed(body, [identity], outer).context == outer
    walls = before == [True, False, False, False] and after == [True, True, False, False]
    return Result(walls and alone == 6, f"{alone} of 6 keys open it alone; 2 offices were told, 2 outside saw nothing")


def _agent(world: World, who: UUID) -> Agent:
    folder, clock = world.folder.parent / "first", at_once(world.now)
    keys.settle(folder, keys.Settings(who, world.context.config.authority_root))
    signer = keys.signer(folder)
    line = Register(world.http, ORIGIN, who, signer, clock)
    return Agent(line, keys.settings(folder), keys.identities(folder), signer, folder / "cases", clock)


def _officer(office: UUID) -> Actor:
    role = Role.AUTHORITY_OFFICER
    return Actor(uuid4(), "officer", frozenset({role}), frozenset({(role, office)}))


async def _sees(world: World, office: UUID, which: UUID) -> bool:
    try:
        await answers.contents(_officer(office), world.now, world.context, which)
    except NotFound:
        return False
    return True
