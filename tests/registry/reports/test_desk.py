"""The officer's page, and nothing at all for anybody else."""

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.di import Provide

from registry.access.actor import STRANGER, Actor
from registry.access.permissions import Role
from registry.app import dependencies
from registry.authorities.commands import authority
from registry.core import crypto, problems
from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch
from registry.reports import answers, commands, envelope, files, notary, queries, routes, service
from registry.reports.agent import keys
from registry.reports.rules import Blocked, State
from registry.reports.schemas import Opened, Stopped
from tests.channel import pictures
from tests.registry.reports.test_files import allow
from tests.registry.reports.world import World, filing, made

assert commands.COMMANDS == []


class Desk(msgspec.Struct):
    http: httpx.AsyncClient
    world: World
    actor: Actor


@pytest.fixture
async def desk(committed: str, context: Context, now: datetime, tmp_path: Path) -> AsyncIterator[Desk]:
    world = await made(context, now, tmp_path)
    await service.file(STRANGER, now, world.context, filing(urgent=True))
    seat = Desk(httpx.AsyncClient(), world, world.officer)

    async def who() -> Actor:
        return seat.actor

    app = Litestar(routes.ROUTES, dependencies=dependencies(world.context) | {"actor": Provide(who)},
                   exception_handlers=problems.HANDLERS, openapi_config=None)  # fmt: skip
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://desk.test", headers={"accept": "text/html"}
    ) as http:
        seat.http = http
        yield seat


async def only() -> dict[str, object]:
    (row,) = await fetch(
        "SELECT * FROM reports.envelope WHERE id NOT IN (SELECT envelope FROM reports.drill)", engine=REPORTS_DB
    )
    return row


async def test_the_officer_sees_clocks_downloads_opens_and_acknowledges_with_the_proof(desk: Desk) -> None:
    row = await only()
    number = str(row["id"])[:4].upper()
    page = (await desk.http.get("/desk/authority")).text
    assert number in page and "urgente" in page and "Guanacaste" in page and "Una persona ofreció" not in page
    file = await desk.http.post(f"/desk/authority/envelopes/{row['id']}/file")
    assert file.content.startswith(b"age-encryption.org/v1") and (await only())["fetched_at"] is not None
    inside = envelope.open_sealed(
        file.content,
        keys.identities(desk.world.folder),
        envelope.Context(row["id"], tuple(row["chain"]), tuple(row["key_ids"]), row["directory_version"]),
    )
    form = {"envelope": str(row["id"]), "reference": "URP-2026-131"}
    for wrong in ("", "0" * 26, "x" * 500):
        refused = await desk.http.post("/desk/authority/acknowledged", data=form | {"proof": wrong})
        assert refused.status_code == 422 and "URP-2026-131" in refused.text and (await only())["opened_at"] is None
    done = await desk.http.post("/desk/authority/acknowledged", data=form | {"proof": inside.proof})
    assert done.status_code == 303 and (await only())["state"] == "acknowledged"
    page = (await desk.http.get(done.headers["location"])).text
    assert "Acuse dado" in page and "URP-2026-131" in page
    refused = await desk.http.post("/desk/authority/outcome", data={"envelope": str(row["id"])})
    assert refused.status_code == 422
    done = await desk.http.post(
        "/desk/authority/outcome", data={"envelope": str(row["id"]), "outcome": "investigation_opened"}
    )
    assert done.status_code == 303 and (await only())["state"] == "closed"


async def test_files_are_downloaded_sealed_and_opened_where_they_lie_beside_their_envelope(
    desk: Desk, tmp_path: Path
) -> None:
    await allow(desk.world)
    attached = files.ready([pictures.jpeg(), pictures.pdf()], keep_taken=True)
    sent = msgspec.structs.replace(filing(nonce=b"f" * 32), files=attached)
    await service.file(STRANGER, desk.world.now, desk.world.context, sent)
    page = (await desk.http.get("/desk/authority")).text
    (home,) = set(re.findall(r"(/desk/authority/envelopes/[0-9a-f-]{36}/file)s/1", page))
    assert (await desk.http.post(f"{home}s/3")).status_code == 404
    for tail in ("", "s/1", "s/2"):
        file = await desk.http.post(home + tail)
        name = file.headers["content-disposition"].partition('filename="')[2].rstrip('"')
        assert file.content.startswith(b"age-encryption.org/v1") and file.headers["cache-control"] == "no-store"
        (tmp_path / name).write_bytes(file.content)
    (sealed,) = (path for path in tmp_path.glob("*.age") if ".file-" not in path.name)
    opening = ["open", "--keys", str(desk.world.folder), "--out", str(tmp_path / "opened"), str(sealed)]
    done = CliRunner().invoke(authority, opening)
    assert done.exit_code == 0, done.output
    for one in attached:
        assert (tmp_path / "opened" / f"{done.output.split()[0]}.{one.manifest.name}").read_bytes() == one.data
    sealed.with_name(f"{sealed.stem}.file-2.age").unlink()
    told = CliRunner().invoke(authority, ["open", "--keys", str(desk.world.folder), str(sealed)]).output
    assert pictures.PLACE in told and "No está" in told


async def test_a_signed_answer_is_handed_in_and_what_is_none_comes_back_as_it_was_typed(desk: Desk) -> None:
    await desk.world.agent().once()
    row = await only()
    said = notary.statement("progress", row["id"], row["sha256"], progress="need_info")
    signature = crypto.b64url(keys.signer(desk.world.folder).sign(said))
    answer = {"what": "progress", "envelope": str(row["id"]), "data": {"progress": "need_info", "signature": signature}}
    refused = await desk.http.post("/desk/authority/answers", data={"answer": '{"what": "progr'})
    assert refused.status_code == 422 and "{&#34;what&#34;: &#34;progr" in refused.text
    done = await desk.http.post("/desk/authority/answers", data={"answer": json.dumps(answer)})
    assert done.status_code == 303 and (await only())["progress"] == "need_info"
    page = (await desk.http.get("/desk/authority")).text
    assert "Hace falta más información" in page


async def test_what_the_offices_own_system_did_not_take_stands_on_its_desk_as_a_kind(desk: Desk) -> None:
    row = await only()
    _, body = await answers.contents(desk.actor, desk.world.now, desk.world.context, row["id"])
    outer = envelope.Context(row["id"], tuple(row["chain"]), tuple(row["key_ids"]), row["directory_version"])
    inside = envelope.open_sealed(body, keys.identities(desk.world.folder), outer)
    await answers.opened(desk.actor, desk.world.now, row["id"], Opened(inside.proof))
    await answers.blocked(desk.actor, desk.world.now, row["id"], Stopped(Blocked.MAPPING))
    page = (await desk.http.get("/desk/authority")).text
    assert "la correspondencia del agente no calza" in page and "Una persona ofreció" not in page


async def test_the_desk_gives_the_page_that_opens_envelopes(desk: Desk) -> None:
    file = await desk.http.get("/desk/authority/opener")
    assert file.headers["content-disposition"].startswith("attachment") and str(desk.world.authority) in file.text
    assert "/desk/authority/opener" in (await desk.http.get("/desk/authority")).text


async def test_a_drill_leaves_nothing_to_do(desk: Desk) -> None:
    page = (await desk.http.get("/desk/authority")).text
    assert len(re.findall(r"/envelopes/[0-9a-f-]{36}/file", page)) == 1 and 'name="outcome"' not in page


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUTHORITY_AGENT, Role.AUTHORITY_OFFICER}))
async def test_every_other_role_finds_nothing_at_these_addresses(desk: Desk, role: Role) -> None:
    row = await only()
    desk.actor = Actor(uuid4(), "somebody", frozenset({role}), frozenset({(role, desk.world.authority)}))
    answers = [
        await desk.http.get("/desk/authority"),
        await desk.http.post(f"/desk/authority/envelopes/{row['id']}/file"),
        await desk.http.post("/desk/authority/acknowledged", data={"envelope": str(row["id"]), "proof": "0" * 26}),
        await desk.http.post("/desk/authority/outcome", data={"envelope": str(row["id"]), "outcome": "false_report"}),
        await desk.http.post("/desk/authority/answers", data={"answer": "{}"}),
        await desk.http.get("/desk/authority/opener"),
    ]
    answers.append(await desk.http.post("/desk/authority/outcome", data={"envelope": "nonsense"}))
    assert {a.status_code for a in answers} == {404}
    assert (await only())["state"] == "sealed"


async def test_an_officer_of_another_office_sees_an_empty_desk(desk: Desk) -> None:
    other = uuid4()
    desk.actor = Actor(
        uuid4(), "other", frozenset({Role.AUTHORITY_OFFICER}), frozenset({(Role.AUTHORITY_OFFICER, other)})
    )
    row = await only()
    page = await desk.http.get("/desk/authority")
    assert page.status_code == 200 and str(row["id"])[:4].upper() not in page.text
    assert (await desk.http.post(f"/desk/authority/envelopes/{row['id']}/file")).status_code == 404


async def test_a_flood_of_urgent_ones_hides_no_report_from_a_desk_without_an_agent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever floods calls it urgent: by the clock alone all of theirs stood before what somebody else had told."""
    monkeypatch.setattr(queries, "MOST", 4)
    await service.file(STRANGER, world.now, world.context, filing(nonce=b"r" * 32))
    (real,) = await queries.held(world.officer, frozenset({State.SEALED}))
    for n in range(6):
        sent = msgspec.structs.replace(filing(nonce=bytes([n]) * 32, urgent=True), burst=True)
        await service.file(STRANGER, world.now, world.context, sent)
    listed = await queries.held(world.officer, frozenset({State.SEALED}))
    assert listed[0].id == real.id and len(listed) == 4
