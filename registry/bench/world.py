"""A register of so many seals, made in bulk: the real tables, leaves, credentials and signatures, without the cases.

Each seal has its own credential, really signed, and its own leaf; three in a hundred have a second one (one suspended,
two withdrawn). What is not real: names, plates and cases are invented, rows come by COPY past the guards of the tables,
and the tag by which a plate is found is random, because the real one is slow on purpose (3 ms each).
"""

import asyncio
import hashlib
import random
import secrets
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from registry.core.crypto import Signer, b64url
from registry.core.keyring import open_keys
from registry.seals import credential, jose, log, status_list
from registry.seals.code import completed
from registry.seals.credential import Attested, Issuer
from registry.seals.sharding import place
from registry.seals.snapshot import Facts, Kind, unit_name

CHUNK = 2000
AHEAD = 6  # batches made before the database has taken the one before them
REGIONS = ("CR-SJ", "CR-A", "CR-C", "CR-H", "CR-G", "CR-P", "CR-L")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SEAL = (
    "id", "code", "certification", "unit", "kind", "client", "state", "since", "issued_at", "valid_from", "valid_until",
    "zone", "region", "scheme", "scheme_version", "version", "language", "serial", "year", "status_index", "salt",
    "facts", "plate_tag", "jws", "credential", "issued_index", "log_index", "place",
)  # fmt: skip
ENTRY = ("number", "leaf", "hash", "event", "seal", "at")
MOVED = {
    0: ("suspended", log.Event.SUSPENDED),
    1: ("withdrawn", log.Event.REVOKED),
    2: ("withdrawn", log.Event.REVOKED),
}
"""What became of the first three of every hundred."""


class Batch(NamedTuple):
    """What one process is told: which seals to make, and where their leaves stand."""

    keys: str
    issuer: Issuer
    scheme_version: UUID
    now: datetime
    first: int
    seals: int
    issued: int  # number of the first leaf of all
    moved: int  # number of the first second leaf of all


class Made(NamedTuple):
    seals: list[tuple[Any, ...]]
    entries: list[tuple[Any, ...]]


async def grow(
    url: dict[str, Any], keys: Path, issuer: Issuer, scheme_version: UUID, now: datetime, have: int, want: int
) -> None:
    """From `have` seals to `want`, which are multiples of a hundred. `url`: how the owner of the database connects."""
    connection = await asyncpg.connect(**url)
    try:
        await connection.execute("SET session_replication_role = replica")  # past triggers; only the owner may
        size = await connection.fetchval("SELECT size FROM log_tail")
        batches = [
            Batch(
                str(keys), issuer, scheme_version, now, first, min(CHUNK, want - first), size + first - have,
                size + want - have + (first - have) // 100 * len(MOVED),
            )
            for first in range(have, want, CHUNK)
        ]  # fmt: skip
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            coming = [pool.submit(make, batch) for batch in batches[:AHEAD]]
            for later in [*batches[AHEAD:], *[None] * len(coming)]:
                made = await asyncio.wrap_future(coming.pop(0))
                if later:
                    coming.append(pool.submit(make, later))
                await connection.copy_records_to_table("seal", records=made.seals, columns=SEAL)
                await connection.copy_records_to_table("log_entry", records=made.entries, columns=ENTRY)
        moved = (want - have) // 100 * len(MOVED)
        await connection.execute(
            "UPDATE log_tail SET size = size + $1, serial = serial + $2, changed = changed + 1",
            want - have + moved, want - have,
        )  # fmt: skip
        await connection.execute("ANALYZE seal, log_entry")
    finally:
        await connection.close()


def make(batch: Batch) -> Made:
    """Rows of a batch, in a process of its own."""
    signer = open_keys(Path(batch.keys)).issuer
    made = Made([], [])
    for number in range(batch.first, batch.first + batch.seals):
        _seal(batch, signer, number, made)
    return made


def code(number: int) -> str:
    """The same number gives the same code, so that whoever asks for pages knows them too."""
    chance = random.Random(number)
    return completed("".join(chance.choices(ALPHABET, k=14)))


def facts(number: int) -> tuple[Kind, str, Facts]:
    """Kind, region and what a page shows: three vehicles for every two establishments."""
    region = REGIONS[number % len(REGIONS)]
    dates: dict[str, Any] = {
        "committed_on": date(2026, 2, 3), "trained_on": date(2026, 3, 18), "audited_on": date(2026, 4, 22),
        "surveillance_on": date(2027, 4, 22),
    }  # fmt: skip
    if number % 5 < 3:
        return Kind.VEHICLE, region, Facts(
            name=f"Lic. {number:07d}", holder=f"Transportes Prueba {number}", plate=f"T{number:07d}",
            description="Toyota Yaris 2019", colour="rojo", premises="taxi", canton="San José", province="San José",
            association="Cooperativa de prueba", **dates,
        )  # fmt: skip
    return Kind.ESTABLISHMENT, region, Facts(
        name=f"Hotel Prueba {number}", holder=f"Prueba {number} S. A.", premises="hotel", rooms=12 + number % 60,
        address="Plaza de deportes, 200 m al norte", district="Tamarindo", canton="Santa Cruz", province="Guanacaste",
        association="Cámara de prueba", **dates,
    )  # fmt: skip


def _seal(batch: Batch, signer: Signer, number: int, made: Made) -> None:
    kind, region, said = facts(number)
    own, salt, here = code(number), secrets.token_bytes(16), batch.now - timedelta(days=30)
    until = here + timedelta(days=730) - timedelta(seconds=1)
    ids = [UUID(bytes=secrets.token_bytes(16)) for _ in range(4)]
    # Three quarters of each list, as they are filled; in order here and not at random, which no reader can see.
    status = number // status_list.USABLE * status_list.LENGTH + number % status_list.USABLE
    issued = batch.issued + number - batch.first
    jws = _signed(batch.issuer, signer, Attested(
        code=own, status_index=status, valid_from=here, valid_until=until, kind=kind, unit=str(ids[1]),
        unit_name=unit_name(kind, said), plate=said.plate, holder=str(ids[2]), holder_name=said.holder,
        scheme="sectt-code", scheme_name="Código de conducta", version="1.0", version_from=date(2026, 1, 1),
        certification=str(ids[3]), assessed_on=date(2026, 4, 22), auditor="Auditora de prueba", visited=True,
    ))  # fmt: skip
    digest = hashlib.sha256(jws.encode()).hexdigest()
    state, last, at = "valid", issued, here
    leaf: dict[str, Any] = {"vc": digest, "valid_from": here, "valid_until": until, "index": status}
    sealed = log.commitment(salt, own)
    _entry(made, issued, log.seal_leaf(log.Event.ISSUED, here, sealed, prev=None, **leaf), ids[0], here)
    if number % 100 in MOVED:
        (state, event), at = MOVED[number % 100], batch.now - timedelta(days=1)
        last = batch.moved + (number - batch.first) // 100 * len(MOVED) + number % 100
        _entry(made, last, log.seal_leaf(event, at, sealed, prev=issued, **leaf), ids[0], at)
    tag = b64url(secrets.token_bytes(15)) if said.plate else ""
    made.seals.append((
        ids[0], own, ids[3], ids[1], str(kind), ids[2], state, at, here, here, until, "America/Costa_Rica", region,
        "sectt-code", batch.scheme_version, "1.0", "es", number + 1, 2026, status, salt,
        msgspec.json.encode(said).decode(), tag, jws, digest, issued, last,
        place(own),
    ))  # fmt: skip


def _signed(issuer: Issuer, signer: Signer, attested: Attested) -> str:
    """As drafting.py signs them, but for the check against the profile, which the same build passes a million times."""
    built = msgspec.json.encode(credential.build(issuer, attested))
    return jose.sign(built, signer, f"{issuer.did}#{signer.kid}", credential.MEDIA, "vc")


def _entry(made: Made, number: int, leaf: bytes, seal: UUID, at: datetime) -> None:
    event = msgspec.json.decode(leaf)["t"]
    made.entries.append((number, leaf, log.leaf_hash(leaf), event, seal, at.astimezone(UTC)))
