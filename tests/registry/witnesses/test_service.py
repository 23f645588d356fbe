"""Witnesses over real HTTP: honest growth is cosigned; a rewritten past is refused and both sides keep it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.crypto import verified
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Invalid
from registry.seals import jose, log, note, policy, publishing, service
from registry.seals.tiles import Tiles
from registry.witnesses import client, jobs, queries, rules
from registry.witnesses import service as keeping
from tests.registry.certification import scene
from tests.registry.seals.test_service import granted, told
from tests.witness import Witness

pytestmark = pytest.mark.anyio


@pytest.fixture
def watched(context: Context, tmp_path: Path) -> Iterator[tuple[Context, list[Witness]]]:
    """A house with three witnesses, two of whom are enough."""
    name, public = queries.ours(context)
    with ExitStack() as stack:
        three = [stack.enter_context(Witness(f"w{n}.example/w", {name: public})) for n in range(3)]
        lines = "".join(f"witness w{n} {one.key.vkey()} {one.url}\n" for n, one in enumerate(three))
        path = tmp_path / "witnesses"
        path.write_text(f"{lines}group enough 2 w0 w1 w2\nquorum enough\n")
        yield msgspec.structs.replace(context, config=msgspec.structs.replace(context.config, witnesses=path)), three


Watched = tuple[Context, list[Witness]]


async def hotel(context: Context, now: datetime) -> tuple[scene.Scene, UUID]:
    here = await scene.hotel(now, await scene.opened(now))
    return here, await granted(context, now, here)


def cosigners(context: Context, signed: bytes) -> dict[str, int]:
    return policy.cosigners(signed.decode(), queries.policy_of(context.config), verified)


async def test_honest_growth_is_cosigned_and_the_lines_stand_in_the_checkpoint(
    db: None, watched: Watched, now: datetime
) -> None:
    context, three = watched
    here, case = await hotel(context, now)
    bare = await context.published.get("checkpoint")
    assert await jobs.gather(context, now) == 3
    first = await context.published.get("checkpoint")
    assert set(cosigners(context, first)) == {"w0", "w1", "w2"}
    assert first.startswith(bare), "the same size and root, the log's own line first"
    assert await context.published.get("checkpoint.cosigned") == first
    assert await jobs.gather(context, now) == 0, "nobody is asked twice about one tree"

    await service.publish(SYSTEM, now + timedelta(minutes=3), context)  # the pulse: the same tree keeps its lines
    assert await context.published.get("checkpoint") == first
    manifest = jose.payload((await context.published.get("snapshot/manifest")).decode())
    assert manifest["log"] | {"root": ""} == {
        "size": 4, "root": "", "cosigned": 4, "cosigners": 3, "cosigned_at": 1_800_000_000,
    }  # fmt: skip

    await service.suspend(SYSTEM, now, case, here.units)
    await told(context, now)
    assert cosigners(context, await context.published.get("checkpoint")) == {}
    assert await context.published.get("checkpoint.cosigned") == first, "until enough have seen the larger tree"
    assert await jobs.gather(context, now) == 3
    assert [body.split("\n")[0] for body in three[0].asked] == ["old 0", "old 4"]
    assert (await context.published.get("checkpoint")).split(b"\n")[1] == b"5"
    standing = await queries.standing(context, datetime.fromtimestamp(1_800_000_300, UTC))
    assert standing and (standing.size, standing.cosigners, standing.met, standing.stale) == (5, 3, True, False)
    assert await jobs.gather(context, now + timedelta(minutes=11)) == 3, "its word grew old"


async def test_publication_goes_on_without_a_witness_and_says_who_was_there(
    db: None, watched: Watched, now: datetime
) -> None:
    context, three = watched
    three[0].away = 3
    three[1].broken = b"no line at all\n"
    await hotel(context, now)
    assert await jobs.gather(context, now) == 1
    assert set(cosigners(context, await context.published.get("checkpoint"))) == {"w2"}
    assert await context.published.stat("checkpoint.cosigned") is None, "one of two is not enough"
    known = await queries.known()
    assert "Error" in known[three[0].key.vkey()].trouble and known[three[1].key.vkey()].failures == 1
    three[1].broken = three[2].latest[queries.ours(context)[0]][2].split("\n\n")[1].encode()
    assert await jobs.gather(context, now + timedelta(seconds=6)) == 1
    assert "no cosignature" in (await queries.known())[three[1].key.vkey()].trouble
    assert set(cosigners(context, await context.published.get("checkpoint.cosigned"))) == {"w0", "w2"}
    three[1].broken = None
    assert await jobs.gather(context, now + timedelta(minutes=5)) == 1, "asked again, and it had cosigned before: 409"
    assert set(cosigners(context, await context.published.get("checkpoint"))) == {"w0", "w1", "w2"}


async def test_a_line_that_does_not_hold_never_enters_the_checkpoint(db: None, watched: Watched, now: datetime) -> None:
    context, three = watched
    await hotel(context, now)
    signed = (await context.published.get("checkpoint")).decode()
    forged = note.Line(three[0].name, three[0].key.id, (5).to_bytes(8, "big") + bytes(64))
    three[0].broken = forged.text().encode()
    for one in three[1:]:
        one.trusted.clear()
    assert await jobs.gather(context, now) == 0
    assert (await context.published.get("checkpoint")).decode() == signed
    troubles = {one.trouble for one in (await queries.known()).values()}
    assert troubles == {"the cosignature of w0.example/w does not hold", "it does not know this log"}


async def rewritten(context: Context, leaves: list[bytes]) -> None:
    """What a dishonest house with the real key would publish."""
    name, public = queries.ours(context)
    _, tiles = log.grow([], 0, [log.leaf_hash(leaf) for leaf in leaves])
    for path, data in (tiles | dict(log.bundles(leaves, 0, 0))).items():
        await context.published.put(path, data)
    checkpoint = note.Checkpoint(name, len(leaves), await Tiles(context.published.get, len(leaves)).root())
    signed = note.sign_note(checkpoint.text(), name, public, context.keys.log.sign)
    await context.published.put("checkpoint", signed.encode())


async def test_a_rewritten_history_is_refused_by_the_witness_and_both_keep_the_evidence(
    db: None, watched: Watched, now: datetime
) -> None:
    context, three = watched
    await hotel(context, now)
    await jobs.gather(context, now)
    rows = await fetch("SELECT leaf FROM log_entry ORDER BY number")
    leaves = [bytes(row["leaf"]) for row in rows]
    backdated = leaves[3].replace(b'"from":"2026', b'"from":"2025')
    await rewritten(context, [*leaves[:3], backdated, leaves[3]])
    assert await jobs.gather(context, now + timedelta(hours=1)) == 0
    assert all(len(one.evidence) == 1 for one in three)
    kept = [key async for key in context.storage.list("evidence/witnesses/")]
    assert len(kept) == 3
    evidence = (await context.storage.get(kept[0])).decode()
    assert "HTTP 422" in evidence and "\nold 4\n" in evidence and f"\n{queries.ours(context)[0]}\n5\n" in evidence
    entries = await fetch("SELECT details FROM trail_entry WHERE event = 'witnesses.refused'")
    assert len(entries) == 3
    await rewritten(context, [*leaves[:3], backdated])  # the same size, another root
    assert await jobs.gather(context, now + timedelta(hours=2)) == 0
    assert all(len(one.evidence) == 2 for one in three)


async def test_a_database_and_files_both_put_back_are_stopped_by_a_witness_that_saw_more(
    db: None, watched: Watched, now: datetime
) -> None:
    context, _ = watched
    here, case = await hotel(context, now)
    before = {key: await context.published.get(key) async for key in context.published.list()}

    async def after_the_backup() -> None:
        await service.suspend(SYSTEM, now, case, here.units)
        await told(context, now)
        assert await jobs.gather(context, now) == 3

    try:
        async with transaction():
            await after_the_backup()
            raise InterruptedError
    except InterruptedError:
        for key, data in before.items():
            await context.published.put(key, data)
    # Nothing here remembers the suspension; the witnesses do, with our own signature under it.
    assert await jobs.gather(context, now) == 0
    assert (await fetch("SELECT ahead FROM log_head"))[0]["ahead"] == 5
    with pytest.raises(Conflict, match="log-would-fork") as refused:
        await service.publish(SYSTEM, now + timedelta(hours=1), context)
    assert refused.value.details == {"signed": 5, "ours": 4}
    with pytest.raises(Conflict, match="log-would-fork"):
        await service.issue(
            SYSTEM, now, context, await scene.granted(now, await scene.hotel(now, here.version, "Otro"))
        )


async def test_a_witness_that_only_says_it_saw_more_stops_nothing(db: None, watched: Watched, now: datetime) -> None:
    context, three = watched
    await hotel(context, now)
    name = queries.ours(context)[0]
    three[0].latest[name] = (90, bytes(32), "nothing that we signed\n")
    assert await jobs.gather(context, now) == 2
    assert (await fetch("SELECT ahead FROM log_head"))[0]["ahead"] == 0
    assert "90" in (await queries.known())[three[0].key.vkey()].trouble
    await service.publish(SYSTEM, now + timedelta(hours=1), context)


async def test_lines_for_a_tree_that_has_grown_meanwhile_complete_the_cosigned_checkpoint_only(
    db: None, watched: Watched, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, _ = watched
    here, case = await hotel(context, now)
    asked = client.ask

    async def slow(*args: Any) -> Any:
        answer = await asked(*args)
        if args[1].name == "w2":  # a decision is published while the witnesses think
            await service.suspend(SYSTEM, now, case, here.units)
            await service.publish(SYSTEM, now, context)
        return answer

    monkeypatch.setattr(client, "ask", slow)
    assert await jobs.gather(context, now) == 3
    newest = await context.published.get("checkpoint")
    assert (newest.split(b"\n")[1], cosigners(context, newest)) == (b"5", {})
    assert (await context.published.get("checkpoint.cosigned")).split(b"\n")[1] == b"4"


async def test_the_loop_outlives_a_store_that_is_away_and_ends_when_asked(watched: Watched) -> None:
    context, _ = watched
    stopping, beats = asyncio.Event(), 0

    class Away:
        async def get(self, key: str) -> bytes:
            nonlocal beats
            beats += 1
            if beats == 2:
                stopping.set()
            raise OSError("away")

    away = msgspec.structs.replace(context, published=Away())
    await asyncio.wait_for(jobs.keep_witnessed(away, stopping, beat=0.01), 5)
    assert beats == 2
    await jobs.keep_witnessed(msgspec.structs.replace(away, config=msgspec.structs.replace(
        context.config, witnesses=None)), asyncio.Event())  # fmt: skip


async def test_a_policy_file_that_is_not_there_is_said(context: Context, tmp_path: Path) -> None:
    config = msgspec.structs.replace(context.config, witnesses=tmp_path / "nowhere")
    with pytest.raises(Invalid, match="policy-not-understood"):
        queries.policy_of(config)


async def test_the_table_of_witnesses_keeps_only_what_they_said(db: None) -> None:
    await execute("INSERT INTO log_witness (vkey) VALUES ('x')")
    assert (await queries.known())["x"].size == 0


async def test_a_smaller_quorum_and_a_smaller_warning_change_nothing(db: None, now: datetime) -> None:
    for size in (9, 7):
        await publishing.witnessed(SYSTEM, now, size, 2, now)
        await publishing.warned(SYSTEM, now, size)
    [head] = await fetch("SELECT cosigned_size, ahead FROM log_head")
    assert head == {"cosigned_size": 9, "ahead": 9}


async def test_what_a_witness_refused_is_kept_once_and_for_five_years(
    db: None, context: Context, now: datetime
) -> None:
    for day in range(3):
        await keeping._kept(context, now + timedelta(days=day), "ab" * 4, b"refused")
    await context.storage.put(f"{rules.EVIDENCE}abababab/{'cd' * 32}.txt", b"of before")

    async def kept() -> list[str]:
        return [key.rpartition("/")[2][:10] async for key in context.storage.list(rules.EVIDENCE)]

    assert sorted(await kept()) == sorted([str(now.date()), "cd" * 5])
    await keeping.forget_evidence(SYSTEM, now, context)
    assert await kept() == [str(now.date())] * 2, "one without a day counts from today"
    await keeping.forget_evidence(SYSTEM, now + timedelta(days=5 * 365), context)
    assert len(await kept()) == 2
    await keeping.forget_evidence(SYSTEM, now + timedelta(days=5 * 366), context)
    assert await kept() == []
    [entry] = await fetch("SELECT details FROM trail_entry WHERE event = 'witnesses.evidence_forgotten'")
    assert '"pieces": 2' in entry["details"]
