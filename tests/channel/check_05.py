"""Check 5: with all the server's secrets, its database and its folders no report decrypts: every key there is tried."""

import base64
import re
import secrets
from collections.abc import Iterator

import pyrage

from registry.access.actor import STRANGER
from registry.core.db import REPORTS_DB, fetch
from registry.reports import bech32, service
from registry.reports.agent import keys
from tests.channel.check_23 import live
from tests.channel.result import Result
from tests.registry.reports.test_carry import carried, send
from tests.registry.reports.world import World, filing

WORDS = ("reports code pepper", "reports form", "report form token", "operator form token", "reports receipt", "")
TEXT = re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]{58}|[A-Za-z0-9_+/-]{43}=?|[0-9a-f]{64}")
WIDEST = 4096


async def run(world: World) -> Result:
    for _ in range(2):
        await service.file(STRANGER, world.now, world.context, filing(nonce=secrets.token_bytes(32)))
    await send(world, await carried(world), secrets.token_bytes(32))
    bodies = [body for body, _ in (await live(world)).values()]
    found = {key for blob in [*await rows(world), *files(world), *derived(world)] for key in candidates(blob)}
    control = {key for path in (world.folder / keys.WORKING[0],) for key in candidates(path.read_bytes())}
    opened = sum(opens(key, bodies) for key in found)
    can = max(opens(key, bodies) for key in control)
    return Result(
        len(bodies) == 3 and opened == 0 and can == 3 and len(found) > 1000,
        f"{len(found)} keys of the server tried on {len(bodies)} reports: {opened} opened;"
        f" the office's own key, found the same way, opens {can}",
    )


async def rows(world: World) -> list[bytes]:
    """Every value of every table of the three schemas, as bytes; the envelopes' bodies apart."""
    named = await fetch(
        "SELECT table_schema AS s, table_name AS t FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        " AND table_schema IN ('public', 'reports', 'audit')"
    )
    blobs: list[bytes] = []
    for one in named:
        engine = {"engine": REPORTS_DB} if one["s"] == "reports" else {}
        for row in await fetch(f'SELECT * FROM "{one["s"]}"."{one["t"]}" x', **engine):  # type: ignore[arg-type]
            for name, value in row.items():
                if name != "body":
                    blobs.append(value if isinstance(value, bytes) else str(value).encode())
    return blobs


def files(world: World) -> Iterator[bytes]:
    """Every file of the server's folders; not those of the office and of the custodians, which are elsewhere."""
    elsewhere = (world.folder, world.folder.parent / "custodian")
    for path in sorted(world.context.config.data.rglob("*")):
        if path.is_file() and not any(place in path.parents for place in elsewhere):
            yield path.read_bytes()


def derived(world: World) -> Iterator[bytes]:
    for word in WORDS:
        yield world.context.keys.derived(word)


def candidates(blob: bytes) -> Iterator[bytes]:
    """Every 32 bytes that could be a key: written out, or standing in a row in something small."""
    for word in TEXT.findall(blob):
        try:
            if word.startswith(b"AGE"):
                yield bech32.decode("age-secret-key-", word.decode().lower())
            elif len(word) == 64:
                yield bytes.fromhex(word.decode())
            else:
                yield base64.urlsafe_b64decode(word.replace(b"+", b"-").replace(b"/", b"_").rstrip(b"=") + b"=")
        except ValueError:
            continue
    if len(blob) <= WIDEST:
        yield from (blob[at : at + 32] for at in range(len(blob) - 31))


def opens(key: bytes, bodies: list[bytes]) -> int:
    if len(key) != 32:
        return 0
    identity = pyrage.x25519.Identity.from_str(bech32.encode("age-secret-key-", key).upper())
    count = 0
    for body in bodies:
        try:
            pyrage.decrypt(body, [identity])
        except pyrage.DecryptError:
            continue
        count += 1
    return count
