"""Keys change and stickers do not: announced, used, retired, and dropped at once when somebody else may hold one."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.cli import main
from registry.core.context import Context
from registry.core.crypto import FileSigner, verified
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.keyring import KeyState
from registry.seals import credential, custody, did, note, outside, publication, rotation, service
from registry.seals.custody import ANNOUNCED_FOR, NEEDED_FOR, KeyAct
from registry.seals.jose import Untrusted
from registry.seals.rules import Act
from registry.seals.snapshot import decode_table
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, person
from tests.registry.seals.test_service import audited, granted, group, seals

pytestmark = pytest.mark.anyio
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def document(context: Context) -> dict[str, Any]:
    return dict(msgspec.json.decode(await context.published.get("did.json")))


async def jwt(context: Context, code: object) -> str:
    return (await context.published.get(f"credentials/{code}.jwt")).decode()


async def holds(context: Context, jws: str) -> bool:
    """As anybody who fetched did.json just now sees it."""
    keys = did.keys(await document(context))
    try:
        credential.verified(jws, keys.verifier("issuer", verified))
    except Untrusted:
        return False
    return True


async def events() -> list[tuple[str, str]]:
    rows = await fetch("SELECT leaf FROM log_entry ORDER BY number")
    leaves = [msgspec.json.decode(row["leaf"]) for row in rows]
    return [(leaf["t"], leaf.get("role", "")) for leaf in leaves]


async def states(context: Context, role: str) -> list[str]:
    return [str(one.state) for one in await rotation.held(context) if one.role == role]


async def publish(context: Context, now: datetime) -> outside.Found:
    await service.publish(SYSTEM, now, context)
    return await audited(context)


async def test_the_issuers_key_is_changed_and_every_sticker_still_scans(
    db: None, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 4)
    await service.suspend(SYSTEM, now, case, [here.units[1]])
    await service.revoke(SYSTEM, now, case, [here.units[2]], Act.WITHDRAW)
    await publish(context, now)
    before = {row["code"]: await jwt(context, row["code"]) for row in await seals(case)}
    old = context.keys.issuer.kid

    kid = await rotation.announce(SYSTEM, now, context, "issuer")
    await publish(context, now)
    told = await document(context)
    assert [one.endswith(kid) for one in told["assertionMethod"]] == [False, True]
    assert {key["kid"] for key in msgspec.json.decode(await context.published.get("jwks.json"))["keys"]} == {
        method["id"] for method in told["verificationMethod"]
    }
    assert context.keys.issuer.kid == old  # published, and not used yet
    with pytest.raises(Conflict, match="key-not-known-long-enough"):
        await rotation.activate(SYSTEM, now + ANNOUNCED_FOR - HOUR, context, kid)

    switched = now + ANNOUNCED_FOR
    assert await rotation.activate(SYSTEM, switched, context, kid) == 3
    found = await publish(context, switched)
    assert (found.valid, found.suspended, found.revoked) == (2, 1, 1)
    for row in await seals(case):
        now_jws = await jwt(context, row["code"])
        assert (now_jws == before[row["code"]]) == (row["state"] == "withdrawn")
        assert await holds(context, now_jws) and await holds(context, before[row["code"]])  # old downloads too
        assert (await outside.look_up(context.published.get, str(row["code"]))).entry.code == row["code"]
    for purpose in ("revocation", "suspension"):
        signed = (await context.published.get(f"status/{purpose}/1")).decode()
        only_new = {f"{context.config.did}#{kid}": context.keys.issuer.public_bytes()}
        assert credential.verified_list(signed, by(only_new), purpose)

    with pytest.raises(Conflict, match="key-still-needed"):
        await rotation.retire(SYSTEM, switched + NEEDED_FOR - DAY, context, old)
    await rotation.retire(SYSTEM, switched + NEEDED_FOR, context, old)
    await publish(context, switched + NEEDED_FOR)
    told = await document(context)
    assert len(told["verificationMethod"]) == 4 and told["assertionMethod"] == [f"{context.config.did}#{kid}"]
    live = [row["code"] for row in await seals(case) if row["state"] == "valid"]
    assert not await holds(context, before[live[0]]) and await holds(context, await jwt(context, live[0]))
    assert [one for one in await events() if one[1] == "issuer"] == [
        ("key.added", "issuer"), ("key.added", "issuer"), ("key.active", "issuer"), ("key.retired", "issuer"),
    ]  # fmt: skip
    assert [event for event, _ in await events()].count("seal.resigned") == 3


def by(keys: dict[str, bytes]) -> Any:
    from registry.seals import jose

    return jose.verifier(keys, verified)


async def test_a_compromised_key_is_refused_at_once_and_nothing_it_signed_holds(
    db: None, context: Context, now: datetime
) -> None:
    _, case = await group(context, now, 3)
    [row, *_] = await seals(case)
    stolen, before = context.keys.issuer, await jwt(context, row["code"])
    known = did.keys(await document(context))
    found_out = now + 3 * DAY
    assert await rotation.compromised(SYSTEM, found_out, context, stolen.kid, found_out - DAY) == 3
    found = await publish(context, found_out)
    assert found.valid == 3
    assert not await holds(context, before) and await holds(context, await jwt(context, row["code"]))
    told = await document(context)
    assert stolen.kid not in msgspec.json.encode(told).decode()
    assert not set(did.keys(told).issuer) & set(known.issuer)
    # A page may say so, and the log does.
    copy = await outside.read(context.published.get)
    [fact] = [one for one in copy.table.keys if one.state == "compromised"]
    assert (fact.role, fact.since, fact.compromised_at) == ("issuer", found_out, found_out - DAY)
    leaf = msgspec.json.decode([one for one in copy.leaves if b"key.retired" in one][-1])
    assert leaf["kid"] == stolen.kid and leaf["compromised"] == "2026-11-22T15:12:00Z"
    with pytest.raises(Exception, match="never signs again"):
        await execute("UPDATE signing_key SET state = 'active' WHERE kid = $1", stolen.kid)


async def test_a_seal_that_was_over_before_its_key_went_is_proven_by_its_leaf(
    db: None, context: Context, now: datetime
) -> None:
    case = await granted(context, now, await scene.hotel(now, await scene.opened(now)))
    [row] = await seals(case)
    await service.revoke(SYSTEM, now, case, [row["unit"]], Act.WITHDRAW)
    await publish(context, now)
    await rotation.compromised(SYSTEM, now + HOUR, context, context.keys.issuer.kid, now)
    assert (await publish(context, now + HOUR)).revoked == 1
    assert (await outside.look_up(context.published.get, str(row["code"]))).entry.code == row["code"]
    forged = (await jwt(context, row["code"]))[:-4] + "AAAA"
    await context.published.put(f"credentials/{row['code']}.jwt", forged.encode())
    assert len((await outside.audit(context.published.get)).wrong) == 1


async def test_a_compromise_takes_the_key_that_was_announced_already(db: None, context: Context, now: datetime) -> None:
    await group(context, now, 2)
    kid = await rotation.announce(SYSTEM, now, context, "issuer")
    old = context.keys.issuer.kid
    await rotation.compromised(SYSTEM, now + HOUR, context, old, now)
    await publish(context, now + HOUR)
    assert context.keys.issuer.kid == kid and await states(context, "issuer") == ["compromised", "active"]
    with pytest.raises(Conflict, match="key-act-not-possible"):
        await rotation.activate(SYSTEM, now, context, old, emergency=True)
    with pytest.raises(Conflict, match="key-act-not-possible"):
        await rotation.compromised(SYSTEM, now + HOUR, context, old, now)
    with pytest.raises(Invalid, match="key-compromised-later"):
        await rotation.compromised(SYSTEM, now, context, kid, now + DAY)


@pytest.mark.parametrize("drop", [False, True])
async def test_the_snapshots_key_changes_and_the_numbers_go_on(
    db: None, context: Context, now: datetime, drop: bool
) -> None:
    await group(context, now, 2)
    before = (await publish(context, now)).seq
    old = context.keys.snapshot.kid
    if drop:
        await rotation.compromised(SYSTEM, now + HOUR, context, old, now)
        later = now + HOUR
    else:
        kid = await rotation.announce(SYSTEM, now, context, "snapshot")
        await publish(context, now)
        later = now + ANNOUNCED_FOR
        await rotation.activate(SYSTEM, later, context, kid)
    found = await publish(context, later)
    assert found.seq > before and context.keys.snapshot.kid != old
    assert (f"{context.config.did}#{old}" in did.keys(await document(context)).snapshot) is not drop


async def test_the_logs_key_never_changes_in_silence_both_sign_for_a_while(
    db: None, context: Context, now: datetime
) -> None:
    await group(context, now, 2)
    old = context.keys.log
    name = publication.log_name(context.config)

    async def signedby(signer: Any) -> bool:
        signed = (await context.published.get("checkpoint")).decode()
        try:
            return bool(note.open_note(signed, name, signer.public_bytes(), verified))
        except Untrusted:
            return False

    kid = await rotation.announce(SYSTEM, now, context, "log")
    await publish(context, now)
    [heir] = [context.keys.signer(one) for one in context.keys.held("log") if one.kid == kid]
    assert await signedby(old) and await signedby(heir)
    later = now + ANNOUNCED_FOR
    await rotation.activate(SYSTEM, later, context, kid)
    await publish(context, later)
    assert context.keys.log.kid == kid and await signedby(old) and await signedby(heir)
    await rotation.retire(SYSTEM, later + NEEDED_FOR, context, old.kid)
    await publish(context, later + NEEDED_FOR)
    assert not await signedby(old) and await signedby(heir)


async def test_a_dropped_log_key_leaves_a_log_that_goes_on_without_a_fork(
    db: None, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 2)
    size = (await publish(context, now)).size
    await rotation.compromised(SYSTEM, now, context, context.keys.log.kid, now)
    await service.suspend(SYSTEM, now, case, here.units)
    found = await publish(context, now)
    assert found.size > size and found.suspended == 2


async def test_every_change_of_what_strangers_are_told_is_a_leaf_with_its_hash(
    db: None, context: Context, now: datetime
) -> None:
    await group(context, now, 2)

    async def last() -> str:
        rows = await fetch("SELECT leaf FROM log_entry WHERE event LIKE 'key.%' ORDER BY number DESC LIMIT 1")
        return str(msgspec.json.decode(rows[0]["leaf"])["did"])

    async def served() -> str:
        return hashlib.sha256(await context.published.get("did.json")).hexdigest()

    assert await last() == await served()
    kid = await rotation.announce(SYSTEM, now, context, "issuer")
    for act in (
        lambda: rotation.activate(SYSTEM, now, context, kid, emergency=True),
        lambda: rotation.compromised(SYSTEM, now, context, kid, now),
    ):
        await act()
        await publish(context, now)
        assert await last() == await served()


async def test_who_may_not_touch_a_key_and_which_keys_are_refused(db: None, context: Context, now: datetime) -> None:
    await group(context, now, 2)
    for actor in (DORA, person(301, "Rosa", Role.OFFICER)):
        with pytest.raises(Forbidden):
            await rotation.announce(actor, now, context, "issuer")
    ada = person(302, "Ada", Role.ADMINISTRATOR)
    assert await rotation.announce(ada, now, context, "issuer")
    with pytest.raises(Conflict, match="key-known-already"):  # one key, one use
        await rotation.announce(ada, now, context, "snapshot", "file:issuer.pem")
    with pytest.raises(Invalid, match="key-role-unknown"):
        await rotation.announce(ada, now, context, "door")
    with pytest.raises(NotFound):
        await rotation.activate(ada, now, context, "nobody")
    assert (await fetch("SELECT count(*) AS n FROM trail_entry WHERE event = 'seals.key_announced'"))[0]["n"] == 1


async def test_a_key_that_was_moved_is_found_where_configuration_says_and_another_is_not_taken_for_it(
    db: None, context: Context, now: datetime
) -> None:
    await group(context, now, 2)
    folder = context.config.data / "keys"
    (folder / "issuer.pem").rename(folder / "moved.pem")
    context.keys._opened.clear()
    with pytest.raises(Invalid, match="key-not-usable"):
        await rotation.held(context)
        _ = context.keys.issuer
    context.keys._sources["issuer"] = "file:moved.pem"
    assert context.keys.issuer.kid == context.keys.held("issuer")[0].kid
    FileSigner.make(folder / "issuer.pem")
    context.keys._sources["issuer"] = ""
    context.keys._opened.clear()
    with pytest.raises(Conflict, match="key-other"):
        _ = context.keys.issuer


async def test_a_table_names_its_keys_for_whoever_writes_a_page(db: None, context: Context, now: datetime) -> None:
    await group(context, now, 2)
    copy = await outside.read(context.published.get)
    table = decode_table(await context.published.get(f"snapshot/{copy.manifest.root}"))
    assert {(one.role, one.state) for one in table.keys} == {(role, "active") for role in ("issuer", "snapshot", "log")}


def test_nothing_leads_back_from_a_key_that_retired() -> None:
    assert {state for state, act in custody.AFTER if act is KeyAct.ACTIVATE} == {KeyState.ANNOUNCED}
    for act in KeyAct:
        with pytest.raises(Conflict, match="key-act-not-possible"):
            custody.after(KeyState.COMPROMISED, act)
    assert custody.after(KeyState.RETIRED, KeyAct.COMPROMISE) is KeyState.COMPROMISED


def test_the_logs_key_is_ed25519(now: datetime) -> None:
    custody.usable("issuer", "ES256")
    with pytest.raises(Invalid, match="key-log-not-ed25519"):
        custody.usable("log", "ES256")
    custody.known_long_enough(now, now, emergency=True)
    custody.needed_no_more(now, now, emergency=True)


def test_the_commands_say_what_they_are_for() -> None:
    said = CliRunner().invoke(main, ["key", "--help"])
    assert said.exit_code == 0
    assert all(name in said.output for name in ("list", "announce", "activate", "retire", "compromised"))
