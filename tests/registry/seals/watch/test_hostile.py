"""Whoever is watched may mean harm: nothing they answer fills a watcher's memory, holds it up, sends it elsewhere or
ends it with anything but a sentence."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from registry.config import Config
from registry.core.context import Context
from registry.core.crypto import b64url
from registry.core.outgoing import Unfit
from registry.core.storage import FolderStorage
from registry.seals import note, status_list
from registry.seals.commands import log_group, seal
from registry.seals.jose import Untrusted
from registry.seals.watch import source
from registry.seals.watch.commands import mirror as mirror_command
from registry.seals.watch.commands import monitor as monitor_command
from registry.seals.watch.memory import Memory
from registry.seals.watch.monitor import watch
from tests.registry.seals.watch import hostile
from tests.registry.seals.watch.hostile import Answer, serving
from tests.registry.seals.watch.house import Dishonest, hotels, leaves

pytestmark = pytest.mark.anyio
Run = Callable[..., Result]


@pytest.fixture
def run(config: Config, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(source, "PATIENCE", 0.3)
    monkeypatch.setattr(source, "PAUSE", 0)
    monkeypatch.setenv("NO_PROXY", "*")

    def invoke(command: object, *args: object) -> Result:
        runner = CliRunner(env={"LANG": "es_CR.UTF-8"})
        return runner.invoke(command, [str(arg) for arg in args], obj=config)  # type: ignore[arg-type]

    return invoke


async def fetched(answer: Answer, monkeypatch: pytest.MonkeyPatch, key: str = "did.json") -> bytes:
    """What a reader gets of a file that is answered so, from a mirror whose checkpoint is not at a house's place."""
    # What never ends is stopped by its size and not by the clock, however busy the machine is.
    monkeypatch.setattr(source, "PATIENCE", 5 if answer is hostile.endless else 0.3)
    monkeypatch.setattr(source, "PAUSE", 0)
    async with serving(lambda path: answer if path == f"/{key}" else None) as server, httpx.AsyncClient() as http:
        return await (await source.over_http(http, server.address))(key)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (hostile.endless, "more than 8388608 bytes"),
        (hostile.drips, "does not answer within"),
        (hostile.silent, "does not answer within"),
        (hostile.body(gzip.compress(bytes(50 << 20)), "content-encoding: gzip"), "packed"),
        (hostile.redirect("http://127.0.0.2/did.json"), "another address"),
        (hostile.redirect("file:///etc/passwd"), "another address"),
        (hostile.redirect("/did.json"), "another address"),
    ],
    ids=["endless", "slow", "silent", "packed", "other host", "file", "round and round"],
)
async def test_a_hostile_answer_is_refused_with_its_reason(
    answer: Answer, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ConnectionError, match=why):
            await asyncio.wait_for(fetched(answer, monkeypatch), 5)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("key", "most"),
    [("checkpoint", 256 << 10), ("tile/0/000", 8192), ("tile/entries/000", 1 << 20), ("status/revocation/1", 64 << 10),
     ("credentials/7K3M9QXT2W4HVN40.jwt", 64 << 10), ("snapshot/manifest", 16 << 10), ("snapshot/ab", 32 << 20)],
)  # fmt: skip
async def test_each_kind_of_file_has_a_length_that_none_exceeds(
    key: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert source.longest(key) == most
    if most > 1 << 20:
        return
    assert len(await fetched(hostile.body(b"x" * most), monkeypatch, key)) == most
    with pytest.raises(Unfit, match=f"more than {most} bytes"):
        await fetched(hostile.body(b"x" * (most + 1)), monkeypatch, key)


async def test_what_an_honest_house_publishes_is_far_below_every_limit(
    db: None, context: Context, now: datetime
) -> None:
    await hotels(context, now)
    async for key in context.published.list():
        assert len(await context.published.get(key)) * 2 < source.longest(key), key


async def test_a_folder_or_bucket_of_somebody_else_is_no_larger_than_its_files_may_be(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    await store.put("checkpoint", b"x" * ((256 << 10) + 1))
    with pytest.raises(Untrusted, match="longer than such a file"):
        await source.bounded(store)("checkpoint")


def test_a_signed_list_is_not_unpacked_beyond_what_a_list_may_be() -> None:
    bomb = "u" + b64url(gzip.compress(bytes(200 << 20)))
    tracemalloc.start()
    with pytest.raises(ValueError, match="longer than any"):
        status_list.decode(bomb)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert status_list.decode(status_list.encode({0, 131_071})) == {0, 131_071}
    for broken in ("u" + b64url(gzip.compress(bytes(16_384))[:-9]), "u" + b64url(b"not gzip")):
        with pytest.raises(ValueError, match=r"cut short|gzip"):
            status_list.decode(broken)


@pytest.mark.parametrize("answer", [hostile.endless, hostile.drips, hostile.redirect("http://127.0.0.2/")])
async def test_each_command_ends_with_one_sentence_before_a_hostile_house(
    answer: Answer, run: Run, tmp_path: Path
) -> None:
    async with serving(lambda path: answer) as server:
        for args in (
            (mirror_command, "--from", server.address, "--to", tmp_path / "copy"),
            (monitor_command, "--from", server.address, "--state", tmp_path / "state"),
            (log_group, "verify", "--from", server.address),
            (seal, "verify", "7K3M9QXT2W4HVN40", "--from", server.address),
        ):
            said = await asyncio.to_thread(run, *args)
            assert (said.exit_code, type(said.exception)) == (1, SystemExit), said.output
            assert "127.0.0.1" in said.output and "Traceback" not in said.output
        assert not await FolderStorage(tmp_path / "copy").stat("checkpoint")


NONSENSE = (
    b"",
    b"\xff\xfe\x00",
    b"[" * 200_000,
    b'{"a":' * 50_000,
    b"null",
    b"0",
    b'{"keys":1}',
    b"a.b.c",
    b"9" * 5000,
)


async def test_no_file_however_malformed_ends_a_watcher_with_anything_but_a_sentence(
    db: None, context: Context, now: datetime, run: Run, tmp_path: Path
) -> None:
    await hotels(context, now, 1)
    [row] = [key async for key in context.published.list("credentials/")]
    code = row.removeprefix("credentials/").removesuffix(".jwt")
    honest = {key: await context.published.get(key) async for key in context.published.list()}
    folder = FolderStorage(tmp_path / "shown")
    for key, data in honest.items():
        await folder.put(key, data)
    kinds = {key.rpartition("/")[0] or key: key for key in honest if not key.endswith((".json", "misuse.jws"))}
    for place, key in enumerate([*kinds.values(), "did.json", "snapshot/manifest"]):
        for number, nonsense in list(enumerate(NONSENSE))[place % 2 :: 2]:
            await folder.put(key, nonsense)
            command = ((log_group, "verify"), (seal, "verify", code), (mirror_command, "--to", tmp_path / f"c{number}"),
                       (monitor_command, "--state", tmp_path / f"m{number}"))[(number + place) % 4]  # fmt: skip
            said = await asyncio.to_thread(run, *command, "--from", tmp_path / "shown")
            assert said.exception is None or isinstance(said.exception, SystemExit), (key, nonsense[:9], said.exception)
        await folder.put(key, honest[key])
    assert (await asyncio.to_thread(run, log_group, "verify", "--from", tmp_path / "shown")).exit_code == 0


ODD: list[dict[str, Any]] = [
    {"t": "seal.issued", "seal": {}}, {"t": "seal.issued", "seal": "a", "status": 1 << 80}, {"t": []},
    {"t": "key.added"},
    {"t": "key.added", "kid": [], "role": 1}, {"t": "seal.issued", "seal": "a" * 64, "vc": "b", "status": 1 << 52,
     "from": "soon", "until": "later"},
]  # fmt: skip


async def test_a_leaf_of_any_shape_is_told_and_the_monitor_goes_on(db: None, context: Context, now: datetime) -> None:
    await hotels(context, now, 1)
    kept = await leaves()
    odd = [json.dumps(leaf).encode() for leaf in ODD] + [b"[" * 60_000, b"\xff"]
    await Dishonest(context, now).log([*kept, *odd])
    report = await watch(context.published.get, Memory(), now)
    told = {int(one.why.split()[1].rstrip(":")) for one in report.findings if one.what == "leaf"}
    assert told >= set(range(len(kept), len(kept) + len(odd) - 3)) | {len(kept) + len(odd) - 1}


def test_a_checkpoint_of_an_impossible_size_is_no_checkpoint() -> None:
    for size in ("9" * 19, "9" * 5000, "-1", "٣"):
        with pytest.raises(Untrusted):
            note.parse_checkpoint(f"log.example\n{size}\n{'A' * 43}=\n", "log.example")


async def test_what_a_house_writes_cannot_move_the_terminal_of_who_reads_it(
    db: None, context: Context, now: datetime, run: Run, tmp_path: Path
) -> None:
    await hotels(context, now, 1)
    leaf = json.dumps({"t": "seal.\x1b[2J", "seal": "ab" * 32, "status": 9, "vc": "", "from": "", "until": ""}).encode()
    await Dishonest(context, now).log([*await leaves(), leaf])
    said = await asyncio.to_thread(run, monitor_command, "--state", tmp_path / "m")
    assert said.exit_code == 1 and "\x1b" not in said.output and "seal.\N{REPLACEMENT CHARACTER}[2J" in said.output
