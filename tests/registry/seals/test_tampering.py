"""Rows and files that somebody edited behind our back: nothing says more for it, and it shows."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest

from registry.access.actor import SYSTEM
from registry.certification import service as certification
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.seals import credential, evidence, outside, register, service, status_list
from registry.seals.publication import Press
from registry.seals.snapshot import State
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, REASON
from tests.registry.seals.test_service import audited, granted, group, told


async def wrong(context: Context) -> list[str]:
    return (await outside.audit(context.published.get)).wrong


async def test_a_quietly_cleared_suspension_bit_shows(db: None, context: Context, now: datetime) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    case = await granted(context, now, hotel)
    await certification.suspend(DORA, now, case, REASON)
    await told(context, now)
    press = Press.of(context)
    who = press.issuer
    listed = status_list.credential("suspension", set(), who.origin, who.did, who.name, now)
    forged = credential.secure_list(listed, press.keys.issuer, who.did)
    await context.published.put("status/suspension/1", forged.encode())
    assert [line for line in await wrong(context) if line.startswith("suspension list: 1 bits")]


async def test_a_seal_put_into_the_database_without_a_leaf_is_not_published_and_would_show(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    await granted(context, now, hotel)
    columns = [row["column_name"] for row in await fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'seal'"
    )]  # fmt: skip
    changed = {"id": "gen_random_uuid()", "code": "'0000000000000000'", "serial": "99", "status_index": "7",
               "unit": "gen_random_uuid()", "issued_index": "99", "log_index": "99"}  # fmt: skip
    names, values = ", ".join(columns), ", ".join(changed.get(name, name) for name in columns)
    await execute(f"INSERT INTO seal ({names}) SELECT {values} FROM seal")
    await execute("UPDATE log_tail SET changed = changed + 1")
    await service.publish(SYSTEM, now, context)
    assert (await audited(context)).seals == 1
    # A registry that did show it would be caught by anybody who audits.
    honest = register.shown

    async def believed(stretches: Any) -> Any:
        yield [
            dict(row) | {"last_number": row["last_number"] or 99} async for some in honest(stretches) for row in some
        ]

    monkeypatch.setattr(register, "shown", believed)
    monkeypatch.setattr(evidence, "state", lambda row: State(row["state"]))
    await service.publish(SYSTEM, now, context, whole=True)
    assert [line for line in await wrong(context) if "no such issue in the log" in line]


async def test_a_changed_tile_a_changed_credential_and_a_changed_state_show(
    db: None, context: Context, now: datetime
) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    await granted(context, now, hotel)
    assert await wrong(context) == []
    tile = await context.published.get("tile/0/000.p/4")
    await context.published.put("tile/0/000.p/4", hashlib.sha256(tile).digest() + tile[32:])
    [seal] = await fetch("SELECT code FROM seal")
    key = f"credentials/{seal['code']}.jwt"
    jws = await context.published.get(key)
    await context.published.put(key, jws[:-4] + b"AAAA")
    found = await wrong(context)
    assert any("tile/0/000.p/4" in line for line in found) and any("credential of leaf 3" in line for line in found)
    await context.published.put(key, jws)
    await context.published.put("tile/0/000.p/4", tile)
    await execute("UPDATE seal SET state = 'suspended'")
    await execute("UPDATE log_tail SET changed = changed + 1")
    await service.publish(SYSTEM, now, context)
    found = await wrong(context)
    assert any("shown as suspended, in the log valid" in line for line in found)
    assert any(line.startswith("suspension list") for line in found)


@pytest.mark.parametrize("edit", [{"state": "valid"}, {"until": timedelta(days=900)}, {"code": "7K3M9QXT2W4HVN8C"}])
async def test_a_row_that_was_edited_in_the_database_makes_no_page_say_more_than_the_log(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch, edit: dict[str, Any]
) -> None:
    _, case = await group(context, now, 2)
    await certification.suspend(DORA, now, case, REASON)
    await told(context, now)
    honest = register.shown

    async def edited(stretches: Any) -> Any:
        rows = [dict(row) async for some in honest(stretches) for row in some]
        if longer := edit.get("until"):
            rows[0]["valid_until"] += longer
        else:
            rows[0] |= edit
        yield rows

    monkeypatch.setattr(register, "shown", edited)
    await execute("INSERT INTO unpublished (region, place) SELECT region, place FROM seal")
    await service.publish(SYSTEM, now + timedelta(hours=2), context)
    found = await outside.audit(context.published.get)
    assert found.valid == 0
    if "state" in edit:
        assert (found.wrong, found.suspended) == ([], 2)
    else:  # a row that is not what was logged is not shown at all, and whoever audits sees that one is missing
        assert found.suspended == 1
        assert any("that the snapshot does not show" in line for line in found.wrong)


async def test_a_row_without_a_leaf_is_no_seal(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await group(context, now, 2)
    honest = register.shown

    async def slipped_in(stretches: Any) -> Any:
        rows = [dict(row) async for some in honest(stretches) for row in some]
        yield [*rows, rows[0] | {"code": "7K3M9QXT2W4HVN8C", "last_leaf": None, "last_number": None}]

    monkeypatch.setattr(register, "shown", slipped_in)
    await execute("INSERT INTO unpublished (region, place) SELECT region, place FROM seal")
    await service.publish(SYSTEM, now + timedelta(hours=2), context)
    assert (await audited(context)).seals == 2
