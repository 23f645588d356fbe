"""Who else is shown the log: quorums of witnesses, mirrors, split views; and one seal's proof held against a policy."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from click.testing import CliRunner, Result

from public_site.verification import status
from registry.access.actor import SYSTEM
from registry.config import Config
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.core.storage import FolderStorage
from registry.seals import history, log, outside, service
from registry.seals.commands import log_group, seal
from registry.seals.jose import Untrusted
from registry.seals.watch.commands import mirror as mirror_command
from registry.seals.watch.commands import monitor as monitor_command
from registry.seals.watch.mirror import mirror
from registry.seals.watch.source import Source
from registry.witnesses import jobs, queries
from tests.registry.certification.scene import Scene
from tests.registry.seals.test_commands import Shelf
from tests.registry.seals.test_service import group
from tests.registry.seals.watch.house import Dishonest, hotels, leaves
from tests.witness import Witness

pytestmark = pytest.mark.anyio
LATER = timedelta(minutes=10)
Run = Callable[..., Result]


class Watched(msgspec.Struct):
    """A house with three witnesses of whom two are enough, and the policy file a verifier holds."""

    context: Context
    witnesses: list[Witness]
    policy: Path


@pytest.fixture
def watched(context: Context, tmp_path: Path, now: datetime) -> Iterator[Watched]:
    name, public = queries.ours(context)
    seconds = int(now.timestamp())
    with ExitStack() as stack:
        three = [stack.enter_context(Witness(f"w{n}.example", {name: public}, seconds)) for n in range(3)]
        lines = "".join(f"witness w{n} {one.key.vkey()} {one.url}\n" for n, one in enumerate(three))
        asked = tmp_path / "asked"
        asked.write_text(f"{lines}group enough 2 w0 w1 w2\nquorum enough\n")
        house = msgspec.structs.replace(context, config=msgspec.structs.replace(context.config, witnesses=asked))
        believed = tmp_path / "policy"
        believed.write_text(queries.for_verifiers(house).text())
        yield Watched(house, three, believed)


@pytest.fixture
def run(config: Config) -> Run:
    def invoke(command: object, *args: object) -> Result:
        runner = CliRunner(env={"LANG": "es_CR.UTF-8"})
        return runner.invoke(command, [str(arg) for arg in args], obj=config)  # type: ignore[arg-type]

    return invoke


async def published(watched: Watched, now: datetime) -> list[tuple[Scene, UUID]]:
    made = await hotels(watched.context, now)
    assert await jobs.gather(watched.context, now) == 3
    return made


async def test_the_proof_of_every_seal_holds_under_two_of_three_and_each_check_is_printed(
    db: None, watched: Watched, now: datetime, run: Run
) -> None:
    await published(watched, now)
    for row in await fetch("SELECT code FROM seal"):
        said = await asyncio.to_thread(run, seal, "verify", row["code"], "--policy", watched.policy, "--json")
        checks = {one["what"]: one["holds"] for one in json.loads(said.output)["checks"]}
        assert said.exit_code == 0 and set(checks.values()) == {True}, said.output
        assert {"signature", "checkpoint"} & set(checks) == set() and len(checks) == 10
    spoken = await asyncio.to_thread(run, seal, "verify", row["code"], "--policy", watched.policy)
    assert spoken.output.count("[x]") == 12 and "w0 2026-11-20" in spoken.output


async def test_a_downloaded_credential_and_proof_are_verified_without_asking_anybody(
    db: None, watched: Watched, now: datetime, run: Run, tmp_path: Path
) -> None:
    [(here, case), *_] = await published(watched, now)
    [row, other, _] = await fetch("SELECT code FROM seal ORDER BY serial")
    proven = await outside.look_up(watched.context.published.get, row["code"])
    jwt, proof, kept = (tmp_path / name for name in ("a.jwt", "a.tlog-proof", "did.json"))
    jwt.write_text(proven.jws)
    proof.write_text(proven.proof)
    kept.write_bytes(await watched.context.published.get("did.json"))
    args = ("--jwt", jwt, "--proof", proof, "--policy", watched.policy)

    async def verify(*more: object) -> tuple[int, dict[str, Any]]:
        said = await asyncio.to_thread(run, seal, "verify", *args, *more, "--json")
        return said.exit_code, json.loads(said.output)

    status, said = await verify("--did", kept)
    assert (status, said["code"], said["event"]) == (0, row["code"], "seal.issued")
    assert [one["what"] for one in said["checks"] if one["holds"]] == [
        "checkpoint", "signature", "leaf", "inclusion", "witnesses",
    ]  # fmt: skip
    status, said = await verify()
    assert status == 0 and {one["what"]: one["holds"] for one in said["checks"]}["signature"] is None
    spoken = await asyncio.to_thread(run, seal, "verify", *args)
    assert "[ ]" in spoken.output and spoken.output.count("[x]") == 4

    jwt.write_text((await outside.look_up(watched.context.published.get, other["code"])).jws)
    assert (await verify("--did", kept))[0] == 1, "the proof is another seal's"
    jwt.write_text(proven.jws)
    alone = proven.proof.split("\n\n")
    proof.write_text(f"{alone[0]}\n\n{alone[1]}\n\n{alone[2].splitlines()[0]}\n")
    status, said = await verify("--did", kept)
    assert status == 1 and "nobody of the policy" in said["why"], "nobody but the log says so"
    await service.suspend(SYSTEM, now, case, here.units)
    await service.publish(SYSTEM, now, watched.context)
    await jobs.gather(watched.context, now)
    proof.write_text((await outside.look_up(watched.context.published.get, row["code"])).proof)
    status, said = await verify("--did", kept)
    assert (status, said["event"], said["proven"]) == (1, "seal.suspended", True)


async def test_while_the_witnesses_are_away_a_proof_carries_the_last_tree_they_saw(
    db: None, watched: Watched, now: datetime
) -> None:
    [(here, case), *_] = await published(watched, now)
    [_, row, _] = await fetch("SELECT code FROM seal ORDER BY serial")
    await service.suspend(SYSTEM, now, case, here.units)
    await service.publish(SYSTEM, now, watched.context)
    believed = queries.for_verifiers(watched.context)
    proven = await outside.look_up(watched.context.published.get, row["code"], believed)
    assert proven.size == 6, "its event is older than the suspension of the other"
    [changed] = await fetch("SELECT code FROM seal WHERE state = 'suspended'")
    with pytest.raises(Untrusted, match="nobody of the policy"):
        await outside.look_up(watched.context.published.get, changed["code"], believed)


async def test_two_logs_of_one_size_shown_to_two_clients_are_shouted_about_and_kept(
    db: None, watched: Watched, now: datetime, run: Run, tmp_path: Path
) -> None:
    await published(watched, now)
    honest = await watched.context.published.get("checkpoint")
    clean = await asyncio.to_thread(
        run, monitor_command, "--state", tmp_path / "m", "--policy", watched.policy, "--json"
    )
    said = json.loads(clean.output)
    assert said["compared"] == {"w0": 6, "w1": 6, "w2": 6} and set(said["cosigned"]) == {"w0", "w1", "w2"}

    kept = await leaves()
    other = msgspec.json.encode(msgspec.json.decode(kept[5]) | {"seal": "cd" * 32, "status": 9})
    await Dishonest(watched.context, now).log([*kept[:5], other])
    split = await asyncio.to_thread(run, monitor_command, "--state", tmp_path / "m", "--policy", watched.policy)
    assert split.exit_code == 1 and split.output.count("VISTAS DISTINTAS") == 3
    evidence = [path.read_bytes() for path in (tmp_path / "m" / "evidence").iterdir()]
    assert any(one.split(b"\n\n")[0] == honest.split(b"\n\n")[0] for one in evidence) and len(evidence) >= 3
    [row, *_] = await fetch("SELECT code FROM seal ORDER BY serial")
    one = await asyncio.to_thread(run, seal, "verify", row["code"], "--policy", watched.policy)
    assert one.exit_code == 1


async def test_a_witness_that_saw_more_tells_that_we_are_shown_an_old_log(
    db: None, watched: Watched, now: datetime, run: Run, tmp_path: Path
) -> None:
    [(here, case), *_] = await published(watched, now)
    before = {key: await watched.context.published.get(key) async for key in watched.context.published.list()}
    await service.suspend(SYSTEM, now, case, here.units)
    await service.publish(SYSTEM, now, watched.context)
    await jobs.gather(watched.context, now)
    frozen = FolderStorage(tmp_path / "frozen")
    for key, data in before.items():
        await frozen.put(key, data)
    args = ("--from", tmp_path / "frozen", "--state", tmp_path / "m", "--policy", watched.policy, "--json")
    said = await asyncio.to_thread(run, monitor_command, *args)
    assert "frozen" in {one["what"] for one in json.loads(said.output)["findings"]} and said.exit_code == 1


async def test_a_mirror_follows_run_by_run_can_be_served_and_verified_and_never_goes_back(
    db: None, context: Context, now: datetime, run: Run, tmp_path: Path
) -> None:
    [(here, case), *_] = await hotels(context, now)
    copy = tmp_path / "copy"
    first = await asyncio.to_thread(run, mirror_command, "--to", copy, "--json")
    assert json.loads(first.output) | {"seq": 0} == {
        "mirrored": True, "seq": 0, "size": 6, "leaves": 6, "shards": 1, "credentials": 3, "left_out": 0,
        "lists": 2,
    }  # fmt: skip
    again = await asyncio.to_thread(run, mirror_command, "--to", copy, "--json")
    assert json.loads(again.output)["leaves"] == 0 and json.loads(again.output)["shards"] == 0
    old = FolderStorage(tmp_path / "old")
    for key in [key async for key in context.published.list()]:
        await old.put(key, await context.published.get(key))
    await service.suspend(SYSTEM, now, case, here.units)
    await service.publish(SYSTEM, now + LATER, context)
    done = await asyncio.to_thread(run, mirror_command, "--to", copy)
    assert done.exit_code == 0 and "7 anotaciones" in done.output
    assert (await outside.audit(FolderStorage(copy).get)).wrong == []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Shelf, directory=str(copy))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        whole = await asyncio.to_thread(run, log_group, "verify", "--from", address)
        second = await asyncio.to_thread(run, mirror_command, "--from", address, "--to", tmp_path / "third", "--json")
        server.shutdown()
    assert (whole.exit_code, second.exit_code) == (0, 0), whole.output + second.output
    assert (await outside.audit(FolderStorage(tmp_path / "third").get)).suspended == 1

    before = {key: await FolderStorage(copy).get(key) async for key in FolderStorage(copy).list()}
    back = await asyncio.to_thread(run, mirror_command, "--from", tmp_path / "old", "--to", copy)
    assert back.exit_code == 1
    kept = await leaves()
    other = msgspec.json.encode(msgspec.json.decode(kept[5]) | {"seal": "cd" * 32, "status": 9})
    await Dishonest(context, now).log([*kept[:5], other, kept[6], kept[6]])
    forked = await asyncio.to_thread(run, mirror_command, "--to", copy)
    assert forked.exit_code == 1
    assert before == {key: await FolderStorage(copy).get(key) async for key in FolderStorage(copy).list()}


async def test_a_mirror_answers_what_a_list_said_at_any_time_and_copies_a_version_once(
    db: None, context: Context, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "CHUNK", 2)
    [(here, case), *_] = await hotels(context, now, 1)
    copy, moments = FolderStorage(tmp_path / "copy"), [now]
    await mirror(Source(context.published.get), copy)
    for act in (service.suspend, service.reinstate, service.suspend, service.reinstate, service.suspend):
        moments.append(moments[-1] + LATER)
        await act(SYSTEM, moments[-1], case, here.units)
        await service.publish(SYSTEM, moments[-1], context)
        if len(moments) % 2:
            done = await mirror(Source(context.published.get), copy)
            assert done.lists == 2
            assert (await mirror(Source(context.published.get), copy)).lists == 0
    await mirror(Source(context.published.get), copy)
    assert await copy.stat(history.index_key("suspension", 1, 0)), "the older ones stand in a chunk of their own"
    for moment in moments:
        asked = (moment + timedelta(minutes=1)).isoformat()
        shown = [await status.as_of(store, "status/suspension/1", asked, moments[-1] + LATER)
                 for store in (copy, context.published)]  # fmt: skip
        assert shown[0] == shown[1]
        assert await copy.get(shown[0][0]) == await context.published.get(shown[1][0])
    with pytest.raises(NotFound):
        await status.as_of(copy, "status/suspension/1", (now - LATER).isoformat(), moments[-1])


async def test_a_mirror_that_ended_early_finds_every_credential_the_next_time(
    db: None, context: Context, now: datetime, tmp_path: Path
) -> None:
    await hotels(context, now)
    copy, asked = FolderStorage(tmp_path / "copy"), list[str]()

    async def breaks(key: str) -> bytes:
        asked.append(key)
        if len([one for one in asked if one.startswith("credentials/")]) > 1:
            raise ConnectionError("away")
        return await context.published.get(key)

    with pytest.raises(ConnectionError):
        await mirror(Source(breaks), copy)
    assert await copy.stat("snapshot/manifest") is None
    await mirror(Source(context.published.get), copy)
    assert (await outside.audit(copy.get)).wrong == []


async def test_a_mirror_of_vehicles_holds_no_plate_and_says_which_credentials_it_cannot_find(
    db: None, context: Context, now: datetime, tmp_path: Path
) -> None:
    await group(context, now, 3)
    copy = FolderStorage(tmp_path / "copy")
    done = await mirror(Source(context.published.get), copy)
    assert (done.credentials, done.left_out) == (0, 3)
    [row, *_] = await fetch("SELECT code FROM seal ORDER BY serial")
    proven = await outside.look_up(copy.get, row["code"])
    assert [one.holds for one in proven.checks if one.what == "credential"] == [None], "said, not passed over"
    listed = await mirror(Source(context.published.get, context.published), FolderStorage(tmp_path / "whole"))
    assert (listed.credentials, listed.left_out) == (3, 0)


async def test_a_mirror_refuses_what_was_altered_on_the_way(
    db: None, context: Context, now: datetime, tmp_path: Path
) -> None:
    await hotels(context, now)

    def altered(start: str) -> Source:
        async def get(key: str) -> bytes:
            data = await context.published.get(key)
            return data[:-40] + hashlib.sha256(data).digest() + data[-8:] if key.startswith(start) else data

        return Source(get)

    for number, start in enumerate(("tile/entries", "credentials/", "status/revocation", "checkpoint", "snapshot/m")):
        with pytest.raises((Untrusted, ValueError)):
            await mirror(altered(start), FolderStorage(tmp_path / str(number)))
        assert await FolderStorage(tmp_path / str(number)).stat("snapshot/manifest") is None


async def test_a_log_of_many_bundles_is_copied_and_followed_in_pieces(
    db: None, context: Context, now: datetime, tmp_path: Path
) -> None:
    await hotels(context, now)
    kept = await leaves()
    many = [*kept, *(log.key_leaf(log.Event.KEY_ADDED, now, "issuer", f"k{n}") for n in range(9_000))]
    await Dishonest(context, now).log(many[:300])
    copy = FolderStorage(tmp_path / "copy")
    counted: list[int] = []
    assert (await mirror(Source(context.published.get), copy)).leaves == 300
    await Dishonest(context, now).log(many)
    assert (await mirror(Source(context.published.get), copy, told=counted.append)).leaves == len(many) - 300
    assert counted == [32 * 256 + 256, len(many)] and (await outside.audit(copy.get)).wrong == []
