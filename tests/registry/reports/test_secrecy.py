"""Nobody but the office a report is for learns anything, not even that there is one."""

from datetime import timedelta
from uuid import uuid4

import pytest

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Role
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Forbidden, NotFound
from registry.reports import answers, envelope, jobs, notary, queries, service
from registry.reports.agent import keys
from registry.reports.rules import State
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUTHORITY_AGENT, Role.AUTHORITY_OFFICER}))
async def test_nobody_but_the_authority_sees_that_there_is_anything(world: World, role: Role) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    which = (await only(world))["id"]
    other = Actor(uuid4(), "somebody", frozenset({role}), frozenset({(role, world.authority)}))
    with pytest.raises((NotFound, Forbidden)):
        await answers.contents(other, world.now, world.context, which)
    with pytest.raises(NotFound):
        await queries.held(other, frozenset(State))
    with pytest.raises(NotFound):
        await queries.count(other, frozenset(State))


async def test_another_authority_sees_nothing_either(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    which = (await only(world))["id"]
    stranger = Actor(
        uuid4(), "other", frozenset({Role.AUTHORITY_OFFICER}), frozenset({(Role.AUTHORITY_OFFICER, uuid4())})
    )
    assert await queries.held(stranger, frozenset(State)) == []
    with pytest.raises(NotFound):
        await answers.contents(stranger, world.now, world.context, which)


async def test_the_main_trail_and_outbox_never_hear_of_a_report(world: World) -> None:
    before = await fetch(
        "SELECT (SELECT count(*) FROM trail_entry) AS t, (SELECT count(*) FROM outbox_message) AS o,"
        " (SELECT count(*) FROM verb_done) AS v"
    )
    await service.file(STRANGER, world.now, world.context, filing())
    await jobs.deliver(world.context, world.now + timedelta(minutes=20))
    await world.agent().once()
    after = await fetch(
        "SELECT (SELECT count(*) FROM trail_entry) AS t, (SELECT count(*) FROM outbox_message) AS o,"
        " (SELECT count(*) FROM verb_done) AS v"
    )
    assert before == after


async def test_a_notice_is_the_same_for_a_drill_and_says_nothing(world: World) -> None:
    await service.drill(SYSTEM, world.now, world.context, world.authority)
    await jobs.deliver(world.context, world.now)
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    which = (await only(world))["id"]
    await jobs.deliver(world.context, world.now + timedelta(minutes=16))
    letters = [p.read_text().split("\n\n", 1)[1] for p in (world.context.config.data / "mail").glob("notice-*.eml")]
    assert len(letters) == 4 and len(set(letters)) == 1
    assert str(which) not in letters[0] and "CR-G" not in letters[0]


async def test_each_key_of_the_office_opens_and_no_secret_of_the_server_does(world: World) -> None:
    import pyrage

    await service.file(STRANGER, world.now, world.context, filing())
    row = await only(world)
    _, body = await answers.contents(world.officer, world.now, world.context, row["id"])
    outer = envelope.Context(row["id"], tuple(row["chain"]), tuple(row["key_ids"]), row["directory_version"])
    for identity in keys.identities(world.folder):
        assert envelope.open_sealed(body, [identity], outer).report.narrative
    secret = (world.context.config.data / "keys" / "secret").read_bytes()
    from registry.reports import bech32

    server = bech32.encode("age-secret-key-", secret).upper()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(server)])


async def test_the_event_log_is_a_chain_of_hashes(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await world.agent().once()
    rows = await fetch("SELECT * FROM reports.event ORDER BY envelope, id", engine=REPORTS_DB)
    before: dict[object, bytes] = {}
    for row in rows:
        assert bytes(row["previous"]) == before.get(row["envelope"], b"")
        assert len(bytes(row["hash"])) == 32
        before[row["envelope"]] = bytes(row["hash"])


async def test_an_agents_request_counts_once_and_only_with_its_key(world: World) -> None:
    from registry.reports.agent.caller import BASE
    from tests.registry.reports.world import ORIGIN

    request = notary.Request("GET", "registry.test", f"{BASE}/envelopes")
    signer = keys.signer(world.folder)
    headers = notary.signed(request, signer, world.authority, world.now, "n" * 24)
    url = f"{ORIGIN}{BASE}/envelopes"
    assert (await world.http.get(url, headers=headers)).status_code == 200
    assert (await world.http.get(url, headers=headers)).status_code == 404
    other = notary.signed(request, world.root, world.authority, world.now, "m" * 24)
    unknown = notary.signed(request, signer, uuid4(), world.now, "k" * 24)
    for wrong in ({}, other, unknown):
        assert (await world.http.get(url, headers=wrong)).status_code == 404
        assert (await world.http.get(f"{ORIGIN}{BASE}/directory", headers=wrong)).status_code == 404
        assert (await world.http.post(f"{ORIGIN}{BASE}/envelopes/{uuid4()}/opened", headers=wrong)).status_code == 404
