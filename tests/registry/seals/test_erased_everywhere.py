"""After an erasure: every table, every file and every letter that still knows a person who trades under their own name.

What is left is left for a reason, and stands here with it; README, "Erasure", says the same. Anything else that keeps
the name, the plate or the address makes this test fail.
"""

import base64
import contextlib
from datetime import datetime, timedelta

import pytest

from registry.access.actor import SYSTEM
from registry.complaints import marks
from registry.complaints.schemas import OpenMisuse
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.outbox import service as outbox
from registry.seals import service as seals
from registry.seals.erasure import Reason, erase
from tests.registry.appeals.scene import pool
from tests.registry.certification import scene
from tests.registry.certification.scene import ADA, OLGA
from tests.registry.seals.test_service import granted, group, told

pytestmark = pytest.mark.anyio
CASE = "the case file: kept for the current and the previous cycle (ISO/IEC 17065, 7.12; domain.md, I7)"
ROLL = "the register of members, by which a person is found who asks what is kept of them"
KEPT: dict[str, str] = {
    "client.name": ROLL, "client.key": ROLL, "client.name_key": ROLL, "establishment.name": ROLL,
    "establishment.key": ROLL, "vehicle.plate": ROLL, "scope_unit.label": CASE, "certification.name": CASE,
    "visit.name": CASE,
}  # fmt: skip
WORDS = "El taxi lleva el sello y el conductor no quiso mostrar su licencia."


async def holding(words: tuple[str, ...]) -> set[str]:
    """Every column of the registry's tables in which one of these words stands."""
    columns = await fetch(
        "SELECT table_name AS t, column_name AS c, data_type AS kind FROM information_schema.columns WHERE"
        " table_schema = 'public' AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')"
    )
    found = set()
    for one in columns:
        text = f"encode({one['c']!r}, 'escape')" if one["kind"] == "bytea" else f"{one['c']!r}::text"
        [row] = await fetch(
            f'SELECT EXISTS (SELECT FROM "{one["t"]}", unnest($1::text[]) w WHERE position(lower(w) IN lower('
            + text.replace(repr(one["c"]), f'"{one["c"]}"') + ")) > 0) AS held",
            list(words),
        )  # fmt: skip
        if row["held"]:
            found.add(f"{one['t']}.{one['c']}")
    return found


async def test_what_is_left_of_an_erased_person_is_what_this_list_says(
    db: None, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 3)
    client, unit = here.clients[1], here.units[1]
    [row] = await fetch("SELECT c.name, v.plate, s.code FROM client c JOIN vehicle v ON v.client = c.id JOIN seal s"
                        " ON s.unit = v.id WHERE c.id = $1", client)  # fmt: skip
    words, code = (row["name"], row["plate"]), row["code"]
    await execute(
        "INSERT INTO mismatch_notice (id, about, code, seen, note, told_on, state) VALUES (gen_random_uuid(),"
        " 'mismatch', $1, $2, $3, $4, 'open')", code, words[1], words[0], now.date(),
    )  # fmt: skip
    await marks.open_misuse(OLGA, now, OpenMisuse(holder=client, code=code, place=words[1]))
    before = await holding(words)
    assert {"misuse.holder_name", "misuse.place", "mismatch_notice.seen", "seal.facts"} <= before
    await seals.revoke(SYSTEM, now, case, [unit])
    await told(context, now)
    now += timedelta(hours=2)
    await erase(ADA, now, context, client, Reason.REQUEST)
    await outbox.drain(context, now)
    await seals.publish(SYSTEM, now + timedelta(hours=2), context)
    await seals.publish(SYSTEM, now + timedelta(hours=4), context)
    await nowhere_else(context, words)


async def test_of_a_hotel_under_its_owners_name_no_more_is_left(db: None, context: Context, now: datetime) -> None:
    version = await scene.opened(now)
    here = await scene.hotel(now, version, "Rosaura Mora Jiménez")
    words = ("Rosaura Mora",)
    case = await granted(context, now, here)
    await pool(now)
    made = await marks.open_misuse(OLGA, now, OpenMisuse(holder=here.client, place="Rosaura Mora Jiménez, Limón"))
    await marks.warn(OLGA, now, made, "La marca sigue en la puerta aunque el certificado terminó.")
    await outbox.drain(context, now)
    await seals.revoke(SYSTEM, now, case, here.units)
    await told(context, now)
    now += timedelta(hours=2)
    await erase(ADA, now, context, here.client, Reason.REQUEST)
    await outbox.drain(context, now)
    await seals.publish(SYSTEM, now + timedelta(hours=2), context)
    await seals.publish(SYSTEM, now + timedelta(hours=4), context)
    await nowhere_else(context, words)


async def nowhere_else(context: Context, words: tuple[str, ...]) -> None:
    """No column but those of KEPT; no published or private file."""
    left = await holding(words)
    assert left <= set(KEPT), sorted(left - set(KEPT))
    plain = [word.lower().encode() for word in words]
    for store in (context.published, context.storage):
        async for key in store.list():
            data = (await store.get(key)).lower()
            assert not any(word in data or base64_of(word, data) for word in plain), key
    # The spool of a house without SMTP holds the operator's copies of letters; nothing else in the folder knows them.
    files = [path for path in context.config.data.rglob("*") if path.is_file() and "mail" not in path.parts]
    assert not [path for path in files if any(word in path.read_bytes().lower() for word in plain)]


def base64_of(word: bytes, data: bytes) -> bool:
    """Whether a word stands in one of the parts of a compact signature."""
    for part in data.split(b".")[:2]:
        with contextlib.suppress(ValueError):
            if word in base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)).lower():
                return True
    return False
