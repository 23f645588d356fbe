"""Verbs for the keys that sign for the house: announce, activate, retire, and drop one that was compromised.

Each change of what strangers are told (did.json) is a leaf of the log with that document's hash, in the transaction
that makes it. When the issuer's key changes, every live seal is signed again at once: its sticker does not change, its
words do not change, and what was downloaded before holds until the old key retires, unless it was compromised.
"""

from datetime import datetime
from typing import Any

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core import crypto
from registry.core.context import Context
from registry.core.crypto import Signer
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.keyring import ROLES, Held, KeyState
from registry.outbox import service as outbox
from registry.seals import custody, drafting, ledger, log, queries, register, signing, status_list
from registry.seals.custody import KeyAct
from registry.seals.log import Event
from registry.seals.publication import Press
from registry.seals.rules import FINAL
from registry.seals.tables import SigningKey
from registry.trail import service as trail

_HELD = (
    "SELECT kid, role, source, jwk, state, announced_at, compromised_at, replaced_at,"
    " coalesce(retired_at, replaced_at, active_at, announced_at) AS since"
    " FROM signing_key ORDER BY announced_at, active_at, kid"
)
_LISTS_ANEW = "UPDATE log_head SET lists_at = NULL"
_TRIAL = b"resguardo: does it sign?"
AROUND = 1200
"""Bytes of a status list besides its bits, at most."""


async def ready(actor: Actor, now: datetime, press: Press) -> None:
    """Let the house's keys be those of the table. The first ones enter it in use, and become leaves before their first
    signature: did:web has no history of its own."""
    rows = await fetch(_HELD)
    if {row["role"] for row in rows} >= set(ROLES):
        press.keys.use([_held(row) for row in rows])
        await _stated(actor, now, press)
        return
    end = await ledger.tail()  # whoever comes at the same time waits here, and finds them
    rows = await fetch(_HELD)
    for role in sorted(set(ROLES) - {row["role"] for row in rows}):
        first = press.keys.first(role)
        custody.usable(role, first.alg)
        await _enter(role, first, press.keys.first_source(role), KeyState.ACTIVE, now)
    held = await _refreshed(press)
    logged = await queries.logged_keys()
    digest = signing.digest(press)
    new = [one for one in held if (one.role, one.kid) not in logged]
    leaves = [log.key_leaf(Event.KEY_ADDED, now, one.role, one.kid, digest) for one in new]
    if leaves:
        await ledger.append([], [drafting.entry(end.size + n, leaf, now) for n, leaf in enumerate(leaves)])
        await trail.record(actor, now, "seals.keys_logged", None, **{one.role: one.kid for one in new})


async def _stated(actor: Actor, now: datetime, press: Press) -> None:
    """What did.json is now, the log says. A new version of this program may spell it otherwise without any key having
    changed: then the issuer's key is said once more, so that whoever watches finds no document the log never knew."""
    digest = signing.digest(press)
    if await _last_digest() in (None, digest):
        return
    end = await ledger.tail()  # whoever comes at the same time waits here, and finds it said
    if await _last_digest() == digest:
        return
    [held] = press.keys.held("issuer", {KeyState.ACTIVE})
    leaf = log.key_leaf(Event.KEY_ACTIVE, now, held.role, held.kid, digest)
    await ledger.append([], [drafting.entry(end.size, leaf, now)])
    await trail.record(actor, now, "seals.keys_logged", None, **{held.role: held.kid})


async def _last_digest() -> str | None:
    """Of did.json, as the log's last leaf about a key says it; None before the first."""
    leaves = [msgspec.json.decode(leaf) for _, leaf in await register.key_leaves()]
    said = [str(leaf["did"]) for leaf in leaves if "did" in leaf]
    return said[-1] if said else None


@verb(Permission.SEALS_KEYS)
async def announce(actor: Actor, now: datetime, context: Context, role: str, source: str | None = None) -> str:
    """Publish a key that will be used from 48 hours on at the earliest; without a source one is made in a file.
    Returns its kid."""
    press = Press.of(context)
    await ledger.tail()
    await ready(actor, now, press)
    held = await _announced(press, role, source, now)
    await _said(press, Event.KEY_ADDED, held, now)
    await trail.record(actor, now, "seals.key_announced", None, role=role, kid=held.kid, source=held.source)
    return held.kid


@verb(Permission.SEALS_KEYS)
async def activate(actor: Actor, now: datetime, context: Context, kid: str, *, emergency: bool = False) -> int:
    """Sign with this key from now on; the one before retires 30 days later. Returns how many seals were signed again.

    `emergency` does without the 48 hours: whoever holds an older did.json cannot verify until they fetch it again."""
    press = Press.of(context)
    await ledger.tail()
    await ready(actor, now, press)
    row = await _row(kid)
    custody.after(KeyState(row["state"]), KeyAct.ACTIVATE)
    custody.known_long_enough(row["announced_at"], now, emergency=emergency)
    seals = await _put_to_use(press, row["role"], kid, now)
    await trail.record(
        actor, now, "seals.key_activated", None, role=row["role"], kid=kid, seals=seals, emergency=emergency
    )
    return seals


@verb(Permission.SEALS_KEYS)
async def retire(actor: Actor, now: datetime, context: Context, kid: str, *, emergency: bool = False) -> None:
    """What this key signed holds no longer: 30 days after another took its place, or because it was never used."""
    press = Press.of(context)
    await ledger.tail()
    await ready(actor, now, press)
    row = await _row(kid)
    custody.after(KeyState(row["state"]), KeyAct.RETIRE)
    if row["replaced_at"]:
        custody.needed_no_more(row["replaced_at"], now, emergency=emergency)
    await execute("UPDATE signing_key SET state = $2, retired_at = $3 WHERE kid = $1", kid, str(KeyState.RETIRED), now)
    await _said(press, Event.KEY_RETIRED, await _again(press, kid), now)
    await trail.record(actor, now, "seals.key_retired", None, role=row["role"], kid=kid)


@verb(Permission.SEALS_KEYS)
async def compromised(
    actor: Actor, now: datetime, context: Context, kid: str, since: datetime, source: str | None = None
) -> int:
    """Somebody else may hold this key since then: drop it at once. If it was in use, an announced key of the same use
    takes its place, or one from `source`, or one that is made. Returns how many seals were signed again.

    Seals whose credential stood in the log before `since` stay provable; what this key signs from now on is nothing."""
    press = Press.of(context)
    await ledger.tail()
    await ready(actor, now, press)
    custody.not_before(since, now)
    row = await _row(kid)
    custody.after(KeyState(row["state"]), KeyAct.COMPROMISE)
    was, role, seals = KeyState(row["state"]), row["role"], 0
    if was is KeyState.ACTIVE:
        waiting = press.keys.held(role, {KeyState.ANNOUNCED})
        heir = waiting[0] if waiting and source is None else await _announced(press, role, source, now)
        if heir not in waiting:
            await _said(press, Event.KEY_ADDED, heir, now)
        await execute("UPDATE signing_key SET state = $2 WHERE kid = $1", kid, str(KeyState.RETIRING))
        seals = await _put_to_use(press, role, heir.kid, now, dropped=kid)
    await execute(
        "UPDATE signing_key SET state = $2, retired_at = $3, compromised_at = $4 WHERE kid = $1",
        kid, str(KeyState.COMPROMISED), now, since,
    )  # fmt: skip
    if role == "issuer":
        await execute(_LISTS_ANEW)  # earlier ones may be signed by it, even if it is long retired
    await _said(press, Event.KEY_RETIRED, await _again(press, kid), now, since)
    await trail.record(actor, now, "seals.key_compromised", None, role=role, kid=kid, since=since, seals=seals)
    return seals


async def _announced(press: Press, role: str, source: str | None, now: datetime) -> Held:
    if role not in ROLES:
        raise Invalid("key-role-unknown", role=role)
    source = source or press.keys.make(role)
    signer = press.keys.open(source)
    custody.usable(role, signer.alg)
    if any(one.kid == signer.kid for one in press.keys.held()):
        raise Conflict("key-known-already", kid=signer.kid)
    if not crypto.verified(signer.public_bytes(), signer.sign(_TRIAL), _TRIAL):
        raise Invalid("key-not-usable", where=source)
    if role == "issuer":
        await _lists_fit(signer)
    await _enter(role, signer, source, KeyState.ANNOUNCED, now)
    return await _again(press, signer.kid)


async def _lists_fit(signer: Signer) -> None:
    """A key with a limit has to sign the status lists too, and those grow: refuse it while there is still a choice."""
    if signer.limit is None:
        return
    rows = await fetch("SELECT status_index % $1 AS bit, state FROM seal", status_list.LENGTH)
    revoked = [row["bit"] for row in rows if row["state"] in FINAL]
    size = len(status_list.encode(revoked)) * 4 // 3 + AROUND
    if size > signer.limit * 3 // 4:
        raise Invalid("signing-input-too-long", size=size, limit=signer.limit)


async def _put_to_use(press: Press, role: str, kid: str, now: datetime, dropped: str | None = None) -> int:
    """`dropped`: the key that was in use and gets no 30 days."""
    await execute(
        "UPDATE signing_key SET state = $2, replaced_at = $3 WHERE role = $1 AND state = $4",
        role, str(KeyState.RETIRING), now, str(KeyState.ACTIVE),
    )  # fmt: skip
    await execute("UPDATE signing_key SET replaced_at = $2 WHERE kid = $1", dropped, now)
    await execute("UPDATE signing_key SET state = $2, active_at = $3 WHERE kid = $1", kid, str(KeyState.ACTIVE), now)
    await _said(press, Event.KEY_ACTIVE, await _again(press, kid), now)
    if role != "issuer":
        return 0
    await execute(_LISTS_ANEW)  # the status lists are signed again with the next publication
    return await ledger.resign(press, now)


async def _said(press: Press, event: str, held: Held, now: datetime, since: datetime | None = None) -> None:
    """One leaf for one change of did.json, with the hash of what it is now; published as soon as this is committed."""
    end = await ledger.tail()
    leaf = log.key_leaf(event, now, held.role, held.kid, signing.digest(press), since)
    await ledger.append([], [drafting.entry(end.size, leaf, now)])
    await outbox.announce("seals.changed", now)


async def _enter(role: str, signer: Signer, source: str, state: KeyState, now: datetime) -> None:
    await SigningKey(
        kid=signer.kid, role=role, source=source, jwk=msgspec.json.encode(signer.public_jwk()).decode(), state=state,
        announced_at=now, active_at=now if state is KeyState.ACTIVE else None,
    ).save()  # fmt: skip


async def _row(kid: str) -> dict[str, Any]:
    rows = await fetch("SELECT * FROM signing_key WHERE kid = $1 FOR UPDATE", kid)
    if not rows:
        raise NotFound("signing-key-not-found", kid=kid)
    return rows[0]


async def _again(press: Press, kid: str) -> Held:
    """The key as it stands now, and the house's keys with it."""
    return next(one for one in await _refreshed(press) if one.kid == kid)


async def _refreshed(press: Press) -> list[Held]:
    held = [_held(row) for row in await fetch(_HELD)]
    press.keys.use(held)
    return held


def _held(row: dict[str, Any]) -> Held:
    public = crypto.of_jwk(msgspec.json.decode(str(row["jwk"])))
    values = {name: row[name] for name in ("role", "kid", "source", "since", "compromised_at")}
    return Held(public=public, state=KeyState(str(row["state"])), **values)


async def held(context: Context) -> tuple[Held, ...]:
    """All keys of the house, as the table has them."""
    return tuple(await _refreshed(Press.of(context)))
