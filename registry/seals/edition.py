"""What a publication reads, in which order, and what it remembers. The writing is publication.py's, shards.py's and
lists.py's; the verb that calls this is service.publish.

A change touches its own shard and its own status lists; the pulse touches nothing and signs the manifest anew. What has
changed is known to the database: triggers write it to the table `unpublished`. Everything is read in one moment and no
verb waits for it: what is read is taken if no verb was committed between the first statement and the last, and read
again if one was. When everything has to be read, it comes from one statement, with the end of the log as it was then.
"""

import contextlib
import time
from datetime import datetime
from typing import Any, cast

import msgspec

from registry.core.context import Context
from registry.core.crypto import sha256
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict
from registry.core.keyring import KeyState
from registry.outbox import service as outbox
from registry.seals import (
    evidence,
    hands,
    lists,
    log,
    publication,
    queries,
    reading,
    register,
    rules,
    shards,
    signing,
    snapshot,
)
from registry.seals.jose import Untrusted
from registry.seals.lists import Moves
from registry.seals.note import Checkpoint
from registry.seals.publication import JSON, Press, Standing
from registry.seals.reading import Read, Seen
from registry.seals.register import Waiting
from registry.seals.snapshot import ShardRef, Table

HOTLINES = "hotlines.json"


class Done(msgspec.Struct, frozen=True):
    """What was published. `seconds`: how long each part took."""

    seq: int
    size: int
    root: bytes
    seconds: dict[str, float]


async def run(context: Context, now: datetime, *, whole: bool = False, credentials: bool = True) -> Done | None:
    """Publish what is to be published; None when nothing is. The caller holds the lock, in its transaction.

    `whole` writes every file again. Without `credentials` theirs are left out: for measuring, since a million files are
    a measure of the disk.
    """
    press, watch, shared = Press.of(context), Watch(), await hands.seen_by_all()
    signer = press.keys.issuer.kid
    head, marks = await queries.head(), await register.marks()
    changed = (await queries.tail()).changed
    if not (whole or marks or rules.due(changed, head["changed"], head["published_at"], now)):
        return None
    standing = await read_standing(press)
    await publication.write_keys(press, await register.key_leaves())
    seq = await _next_seq(max(head["seq"], standing.manifest.seq if standing.manifest else 0))
    table = await _table(press, standing, head)
    everything = whole or table is None or marks >= hands.MANY
    if everything or table is None:
        read = Read(await register.marked(), await queries.tail())
        seen = Seen(None, press.published if whole and credentials else None)
        refs: tuple[ShardRef, ...] | None = await _everything(context, press, seq, seen, shared=shared)
    else:
        read = await reading.changes(table)
        seen = Seen(read.waiting.seals)
        plan, rows = read.plan, reading.each(read.rows)
        refs = await reading.write(press.published, seq, plan, rows, read.listings, seen) if plan else None
    watch.split("snapshot")

    tail = seen.tail or read.tail if everything else read.tail
    published = await fork_free(standing.checkpoint, head, tail.size)
    start = None if whole else published
    edge = await publication.read_edge(press.published, start)
    if edge is None:  # tiles were lost outside: everything is written again from our own leaves
        edge, start = [], None
    old = start.size if start else 0
    checkpoint = await publication.write_log(press, edge, old, tail.size, register.leaves, published)
    watch.split("log")
    if credentials and not whole:
        await reading.credentials(press, standing.manifest.log.size if standing.manifest else 0, tail.size)
    watch.split("credentials")
    lists_at = await _write_lists(press, now, head, seen.moves, everything=everything, anew=whole)
    watch.split("lists")

    root, count = await _write_table(press, standing, None if whole else table, refs, seen)
    hotlines = await _write_hotlines(press, standing)
    await publication.write_manifest(press, now, seq, checkpoint, count, root, hotlines, queries.witnessed(head))
    before = {standing.manifest.root, standing.manifest.hotlines} - {""} if standing.manifest else set()
    shards_before = table.shards if table else ()
    after = {root, hotlines, *(ref.sha256 for ref in (shards_before if refs is None else refs))}
    before |= {ref.sha256 for ref in shards_before}
    if table is None or seq != head["seq"] + 1:  # nobody remembers what an earlier publication left: it was cut short
        before |= await publication.snapshot_files(press.published)
    await _remember(context, head, checkpoint, seq, read.waiting, before, after, now, lists_at, signer)
    watch.split("manifest")
    return Done(seq, checkpoint.size, checkpoint.root, watch.seconds)


async def bind(now: datetime, name: str, data: bytes) -> None:
    """The manifest answers for these bytes from the next publication on. For rooms above, whose files readers trust."""
    digest = sha256(data).hex()
    async with transaction():
        done = await execute(
            "INSERT INTO bound_file AS b (name, data, sha256) VALUES ($1, $2, $3)"
            " ON CONFLICT (name) DO UPDATE SET data = $2, sha256 = $3 WHERE b.sha256 <> $3",
            name, data, digest,
        )  # fmt: skip
        if done == "INSERT 0 1":
            await execute("UPDATE log_tail SET changed = changed + 1")
            await outbox.announce("seals.changed", now)


async def read_standing(press: Press) -> Standing:
    try:
        return await publication.standing(press)
    except Untrusted as error:
        raise Conflict("published-not-ours", why=str(error)) from error


async def continues(context: Context) -> None:
    """Nothing new is signed while our log is behind what is published: this database was restored from a backup."""
    try:
        published = await publication.signed(Press.of(context))
    except Untrusted as error:
        raise Conflict("published-not-ours", why=str(error)) from error
    head = await queries.head()
    if head["ahead"] or (published and (published.size, published.root) != (head["size"], bytes(head["root"]))):
        await fork_free(published, head, (await queries.tail()).size)


async def fork_free(published: Checkpoint | None, head: dict[str, Any], size: int) -> Checkpoint | None:
    """The published checkpoint, if our log continues it and the one signed last; else Conflict("log-would-fork")."""
    if head["ahead"] > size:
        raise Conflict("log-would-fork", signed=head["ahead"], ours=size)
    if published and (published.size, published.root) == (head["size"], bytes(head["root"])) and size >= published.size:
        return published
    # Not the usual case: a publication was cut short, the store was emptied, or one of the two was restored.
    marks = [(head["size"], bytes(head["root"]))] if head["size"] else []
    marks += [(published.size, published.root)] if published else []
    hashes = await register.hashes(max((mark[0] for mark in marks), default=0))
    for signed_size, signed_root in marks:
        if signed_size > size or log.root(hashes[:signed_size]) != signed_root:
            raise Conflict("log-would-fork", signed=signed_size, ours=size)
    return published


async def _table(press: Press, standing: Standing, head: dict[str, Any]) -> Table | None:
    """The table as published last, to which changes are added. None when it is lost or damaged, or when what stands
    there is not what we remember (a store put back to an earlier day): then every shard is written anew."""
    if standing.manifest is None or standing.manifest.seq != head["seq"]:
        return None
    with contextlib.suppress(Untrusted):
        return await publication.table(press.published, standing.manifest)
    return None


async def _everything(
    context: Context, press: Press, seq: int, seen: Seen, *, shared: bool
) -> tuple[ShardRef, ...]:  # fmt: skip
    """Every shard there is, by as many hands as the register needs."""
    counts = await register.counts(None)
    plan = shards.everything(counts)
    listed = await reading.listings(plan)
    if shared and sum(counts.values()) >= hands.MANY:
        return await hands.write(context.config, seq, plan, listed, seen)
    return await reading.write(press.published, seq, plan, register.shown(None), listed, seen)


async def _write_lists(
    press: Press, now: datetime, head: dict[str, Any], moves: Moves, *, everything: bool, anew: bool
) -> datetime:
    """The status lists these moves touch; all of them when they are so old that they would soon prove nothing."""
    every = everything or lists.tired(head["lists_at"], now)
    if not every and not moves:
        return cast(datetime, head["lists_at"])

    async def rebuild(number: int) -> Moves:
        found: Moves = {}
        async for rows in register.states(number, number):
            found |= {row["status_index"]: state for row in rows if (state := evidence.state(row))}
        return found

    numbers = lists.touched(moves, await register.last_status(), every)
    # A key of theirs changed, and one was compromised once: earlier versions may be under it.
    suspect = head["lists_at"] is None and press.keys.held("issuer", {KeyState.COMPROMISED})
    made = None if everything else rebuild
    await lists.write(press, now, moves, numbers, made, register.moves if suspect else None, anew=anew)
    return now if every else cast(datetime, head["lists_at"])


async def _write_table(
    press: Press, standing: Standing, table: Table | None, refs: tuple[ShardRef, ...] | None, seen: Seen
) -> tuple[str, int]:
    """The manifest's root and number of seals. Nothing changed: the table that stands."""
    keys = signing.facts(press)
    if refs is None and standing.manifest is not None and table is not None and table.keys == keys:
        return standing.manifest.root, standing.manifest.count
    refs = refs if refs is not None else table.shards if table else ()
    known = {(words.scheme, words.version): words for words in table.schemes} if table else {}
    known |= {(words.scheme, words.version): words for words in await register.words(seen.versions)}
    words = tuple(known[key] for key in sorted(known))
    return await publication.write_table(press, Table(snapshot.VERSION, refs, words, keys)), sum(
        ref.seals for ref in refs
    )


async def _write_hotlines(press: Press, standing: Standing) -> str:
    """The name of the hotlines the manifest answers for; empty while none were bound."""
    name, data = await register.bound(HOTLINES)
    if name and (standing.manifest is None or standing.manifest.hotlines != name):
        await press.published.put(f"snapshot/{name}", data, content_type=JSON)
    return name


async def _next_seq(highest: int) -> int:
    """Never the same number twice, also when a publication failed half-way: keystreams depend on it."""
    while (row := (await fetch("SELECT nextval('publication_seq') AS seq"))[0])["seq"] <= highest:
        await fetch("SELECT setval('publication_seq', $1)", highest)
    return int(row["seq"])


async def _remember(
    context: Context, head: dict[str, Any], signed: Checkpoint, seq: int, waiting: Waiting, superseded: set[str],
    alive: set[str], now: datetime, lists_at: datetime, signer: str,
) -> None:  # fmt: skip
    # What is referred to again (a number put back as it was) is not forgotten.
    before = [one for one in queries.superseded(head) if one.name not in alive]
    kept = [one for one in before if now - one.since < rules.KEEP_SUPERSEDED]
    known = alive | {one.name for one in before}
    kept += [queries.Superseded(name, now) for name in sorted(superseded - known)]
    done = await execute(
        "UPDATE log_head SET size = $1, root = $2, seq = $3, changed = $4, published_at = $5, superseded = $6,"
        " lists_at = (SELECT $7::timestamptz FROM signing_key WHERE role = 'issuer' AND state = 'active' AND kid = $10)"
        " WHERE size = $8 AND root = $9",
        signed.size, signed.root, seq, waiting.changed, now, msgspec.json.encode(kept).decode(), lists_at,
        head["size"], bytes(head["root"]), signer,
    )  # fmt: skip  # where the issuer's key changed meanwhile, the lists are signed anew next time
    if done != "UPDATE 1":
        raise Conflict("log-head-moved")
    await execute("DELETE FROM unpublished WHERE id = ANY($1::bigint[])", waiting.ids)
    await publication.forget(context.published, [one.name for one in before if one not in kept])


class Watch:
    """How long each part took."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self.seconds: dict[str, float] = {}

    def split(self, name: str) -> None:
        self.seconds[name] = time.monotonic() - self._since
        self._since = time.monotonic()
