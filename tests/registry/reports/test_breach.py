"""README, "What a breach yields": every row is tried on a house with a report in it."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pyrage
import pytest

from registry.access.actor import STRANGER
from registry.core import crypto
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Invalid
from registry.reports import bech32, files, jobs, service
from registry.reports.agent import keys
from registry.reports.code import Derived
from registry.reports.schemas import Box
from tests.channel import pictures
from tests.registry.reports.looks import only
from tests.registry.reports.test_files import allow
from tests.registry.reports.world import World, filing

WORDS = "palabra-brecha-5531"


def _files(world: World) -> list[bytes]:
    return [p.read_bytes() for p in world.context.config.data.rglob("*") if p.is_file()]


def _opens(body: bytes, identity: str) -> bool:
    try:
        return bool(pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(identity)]))
    except pyrage.DecryptError:
        return False


async def _unwrapped(world: World) -> bytes:
    row: dict[str, Any] = await only(world)
    key = await service.erasure(world.context).get(str(row["id"]))
    return crypto.unseal(key, bytes(row["body"]), row["id"].bytes)


async def _attached(world: World) -> list[bytes]:
    """The files of the report as they are kept."""
    rows = await fetch("SELECT body FROM reports.attachment ORDER BY number", engine=REPORTS_DB)
    return [bytes(row["body"]) for row in rows]


async def _bare(world: World) -> list[bytes]:
    """The same without the wrap of this house."""
    which = (await only(world))["id"]
    key = await service.erasure(world.context).get(str(which))
    kept = enumerate(await _attached(world), 1)
    return [crypto.unseal(key, body, service.attachment(which, turn)) for turn, body in kept]  # type: ignore[arg-type]


async def taken(world: World) -> None:
    found = [*_files(world), str(await fetch("SELECT * FROM reports.envelope", engine=REPORTS_DB)).encode()]
    assert not any(WORDS.encode() in one for one in found)
    row = await only(world)
    assert row["received_hour"].minute == 0 and len(bytes(row["lookup_mac"])) == 32  # type: ignore[attr-defined, arg-type]
    kept = await _attached(world)
    assert len(kept) == 2 and all(0 < len(one) - (1 << 20) < 2048 for one in kept), "a size tells the MiB and no more"
    for identity in keys.identities(world.folder):
        for one in (bytes(row["body"]), *kept):  # type: ignore[arg-type]
            assert not _opens(one, identity), "a copy opens with no key of the authority"


async def every_secret(world: World) -> None:
    body = await _unwrapped(world)
    secrets = [one for one in _files(world) if len(one) == 32]
    assert secrets
    for one in (*secrets, *(crypto.hkdf(one, b"reports code pepper") for one in secrets)):
        for sealed in (body, *await _bare(world)):
            assert not _opens(sealed, bech32.encode("age-secret-key-", one).upper())
    assert not {"body", "report", "narrative"} & set(Box.__struct_fields__), "what a code opens is never the report"
    assert service.lookup_mac(world.context, Derived(b"x" * 32, "")) != crypto.sha256(b"x" * 32)


async def mailbox(world: World) -> None:
    await jobs.deliver(world.context, world.now)
    letters = [p.read_text() for p in (world.context.config.data / "mail").glob("notice-*")]
    which = str((await only(world))["id"])
    assert letters and not any(said in letter for letter in letters for said in (which, which[:8], "CR-G", WORDS))


async def stolen_key(world: World) -> None:
    body = await _unwrapped(world)
    every = [body, *await _bare(world)]
    assert all(_opens(one, keys.identities(world.folder)[0]) for one in every), "it opens while both exist"
    row: dict[str, Any] = await only(world)
    await service.shred(world.context, str(row["id"]))
    for one in _files(world):
        if len(one) == 32:
            with pytest.raises(Invalid):
                crypto.unseal(one, bytes(row["body"]), row["id"].bytes)
            for turn, file in enumerate(await _attached(world), 1):
                with pytest.raises(Invalid):
                    crypto.unseal(one, file, service.attachment(row["id"], turn))


PROOFS: dict[str, Callable[[World], Awaitable[None]]] = {
    "database, files and backups": taken,
    "the same and every secret of this house": every_secret,
    "the mailbox of an office": mailbox,
    "one key of an authority": stolen_key,
}


def test_every_row_of_the_table_has_a_proof() -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text()
    table = text.split("<!-- breach")[1].split("<!-- /breach")[0]
    rows = [row.split("|")[1].strip() for row in re.findall(r"^\|.*\|$", table, re.M)][2:]
    assert rows == list(PROOFS)


@pytest.mark.parametrize("what", PROOFS)
async def test_a_breach_yields_what_the_table_says_and_no_more(world: World, what: str) -> None:
    await allow(world)
    attached = files.ready([pictures.jpeg(), pictures.pdf(WORDS)], keep_taken=False)
    sent = msgspec.structs.replace(filing(narrative=WORDS), files=attached)
    await service.file(STRANGER, world.now, world.context, sent)
    await PROOFS[what](world)
