"""The verbs of seals. Rooms above never issue by themselves: a seal follows a decision, through reactions.py.

What is signed and shown outside is publication.py's; here stands what must hold before it may be signed.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import queries as certification
from registry.certification.rules import State as CaseState
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.errors import Conflict
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.seals import attestation, drafting, edition, ledger, publishing, queries, rotation, rules
from registry.seals.publication import Press
from registry.seals.rules import Act
from registry.seals.snapshot import State
from registry.trail import service as trail

logger = logging.getLogger(__name__)


@verb(Permission.SEALS_ISSUE)
async def issue(actor: Actor, now: datetime, context: Context, certification_id: UUID) -> None:
    """A seal for every covered unit of a case that has no live one yet. Twice is once."""
    await ledger.tail()
    have = await queries.live_units(certification_id)
    grants = [
        msgspec.structs.replace(grant, valid_from=rules.begins(grant.valid_from, now))
        for grant in await attestation.grants(certification_id, now)
        if grant.unit not in have
    ]
    if not grants:
        return
    await edition.continues(context)
    await _log_keys(actor, now, Press.of(context))
    tail = await ledger.tail()  # the first keys of a house are leaves themselves
    taken = await queries.status_indexes()
    drafts = await asyncio.to_thread(drafting.draft, Press.of(context), grants, taken, tail, now)
    await ledger.append(drafts.seals, drafts.entries)
    await trail.record_many(
        actor, now, "seals.issued", [seal.id for seal in drafts.seals], certification=certification_id
    )
    await outbox.announce("seals.changed", now)


@verb(Permission.SEALS_ISSUE)
async def suspend(actor: Actor, now: datetime, certification_id: UUID, units: Iterable[UUID]) -> None:
    """The seals of these units say "not valid now"; those that say so already are left alone."""
    await ledger.tail()
    await _change(actor, now, "seals.suspended", Act.SUSPEND, await queries.live(certification_id, units))


@verb(Permission.SEALS_ISSUE)
async def reinstate(actor: Actor, now: datetime, certification_id: UUID, units: Iterable[UUID]) -> None:
    """What was suspended is valid again. What was revoked is not: no act leads there."""
    await ledger.tail()
    await _change(actor, now, "seals.reinstated", Act.REINSTATE, await queries.live(certification_id, units))


@verb(Permission.SEALS_ISSUE)
async def revoke(
    actor: Actor, now: datetime, certification_id: UUID, units: Iterable[UUID], act: Act = Act.WITHDRAW
) -> None:
    """For good: the certification was withdrawn (WITHDRAW), or the unit is no longer covered (END)."""
    await ledger.tail()
    await _change(actor, now, "seals.revoked", act, await queries.live(certification_id, units))


@verb(Permission.SEALS_ISSUE)
async def retire(actor: Actor, now: datetime, unit_id: UUID) -> None:
    """A unit left its business: whatever seals it has end."""
    await ledger.tail()
    await _change(actor, now, "seals.ended", Act.END, await queries.live_of_unit(unit_id))


@verb(Permission.SEALS_ISSUE)
async def renew(actor: Actor, now: datetime, context: Context, certification_id: UUID, previous_id: UUID) -> None:
    """A new case follows an earlier one: whoever is in both keeps code and sticker under a new credential with new
    dates; who is in the earlier one only ends; who is new is issued a seal. Twice is once.

    A seal that is suspended stays suspended: only a reinstatement lifts that (`reinstate` of the new case).
    """
    await ledger.tail()
    seals = await queries.live_of_case(previous_id)
    wanted = await attestation.wanted(certification_id, now)
    have = await queries.live_units(certification_id)
    grants = {one.unit: one for one in await attestation.grants(certification_id, now, rules.HELD)}
    staying = [seal for seal in seals if seal["unit"] in grants and seal["unit"] not in have]
    if staying:
        await edition.continues(context)
        await _log_keys(actor, now, Press.of(context))
        end = await ledger.tail()
        await ledger.keep(await asyncio.to_thread(_renewed, Press.of(context), grants, staying, end.size, now))
        await trail.record_many(
            actor, now, "seals.renewed", [seal["id"] for seal in staying], certification=certification_id,
            previous=previous_id,
        )  # fmt: skip
        await outbox.announce("seals.changed", now)
    fates = rules.fates({seal["unit"] for seal in seals} - {seal["unit"] for seal in staying}, wanted)
    for act, units in fates.items():
        await revoke(actor, now, previous_id, units, act)
    await suspend(actor, now, certification_id, [id for id, state in wanted.items() if state is CaseState.SUSPENDED])
    await issue(actor, now, context, certification_id)


def _renewed(
    press: Press, grants: dict[UUID, attestation.Grant], seals: list[dict[str, Any]], size: int, now: datetime
) -> list[drafting.Renewed]:
    return [drafting.renewed(press, grants[seal["unit"]], seal, size + n, now) for n, seal in enumerate(seals)]


@verb(Permission.SEALS_PRINT)
async def reissue(actor: Actor, now: datetime, context: Context, seal_id: UUID) -> UUID:
    """A new code for a sticker that was lost, damaged or copied; the old code stops being valid. Same dates."""
    await ledger.tail()
    seal = await queries.one(actor, seal_id, lock=True)
    rules.after(State(seal["state"]), Act.REPLACE)
    if not rules.printable(State(seal["state"]), seal["valid_until"], now):
        raise Conflict("seal-not-printable", state=seal["state"])
    await edition.continues(context)
    grants = [one for one in await attestation.grants(seal["certification"], now) if one.unit == seal["unit"]]
    if not grants:
        raise Conflict("seal-not-printable", state=seal["state"])
    await _change(actor, now, "seals.revoked", Act.REPLACE, [seal])
    grant = msgspec.structs.replace(grants[0], valid_from=seal["valid_from"], valid_until=seal["valid_until"])
    taken = await queries.status_indexes()
    tail = await ledger.tail()
    drafts = drafting.draft(Press.of(context), [grant], taken, tail, now, replaces=seal_id, revoked=tail.size - 1)
    await ledger.append(drafts.seals, drafts.entries)
    await trail.record(actor, now, "seals.reissued", drafts.seals[0].id, replaces=seal_id)
    return UUID(str(drafts.seals[0].id))


@verb(Permission.SEALS_ISSUE)
async def refresh(actor: Actor, now: datetime, certification_id: UUID) -> None:
    """When the next surveillance is due, on the pages of a case's live seals. No credential says it, so none is signed
    anew and the log has nothing to add: what was certified stays what it was.
    """
    await ledger.tail()
    case = await certification.case(actor, certification_id, now)
    if case.surveillance_on is None:
        return
    rows = await fetch(
        "UPDATE seal SET facts = jsonb_set(facts, '{surveillance_on}', to_jsonb($2::text)) WHERE certification = $1"
        " AND state IN ('valid', 'suspended') AND facts ->> 'surveillance_on' IS DISTINCT FROM $2 RETURNING id",
        certification_id, case.surveillance_on.isoformat(),
    )  # fmt: skip
    if rows:
        await execute("UPDATE log_tail SET changed = changed + 1")
        await trail.record_many(actor, now, "seals.refreshed", [row["id"] for row in rows])
        await outbox.announce("seals.changed", now)


@verb(Permission.SEALS_ISSUE)
async def enlist(actor: Actor, now: datetime, client_ids: Iterable[UUID]) -> None:
    """Bring the public list of those who signed into line with their commitments."""
    await ledger.tail()
    wanted = set(client_ids)
    committed = await attestation.committed(wanted, now)
    changed = [one.client for one in committed if await _listed(one)]
    gone = wanted - {one.client for one in committed}
    rows = await fetch(
        "UPDATE committed_listing SET ended_at = $1 WHERE client = ANY($2::uuid[]) AND ended_at IS NULL"
        " RETURNING client",
        now,
        list(gone),
    )
    if changed := changed + [row["client"] for row in rows]:
        await execute("UPDATE log_tail SET changed = changed + 1")
        await trail.record_many(actor, now, "seals.enlisted", changed)
        await outbox.announce("seals.changed", now)


async def _listed(one: attestation.Committed) -> bool:
    """Whether that was news."""
    done = await execute(
        "INSERT INTO committed_listing AS l (id, client, name, kind, region, province, canton, association, signed_on,"
        " scheme, scheme_version, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (client) DO UPDATE SET name = $3, kind = $4, region = $5, province = $6, canton = $7,"
        " association = $8, signed_on = $9, scheme = $10, scheme_version = $11, version = $12, ended_at = NULL"
        " WHERE l.ended_at IS NOT NULL OR (l.name, l.kind, l.region, l.province, l.canton, l.association, l.signed_on,"
        " l.scheme_version) IS DISTINCT FROM ($3, $4, $5, $6, $7, $8, $9, $11)",
        uuid7(), one.client, one.name, one.kind, one.region, one.province, one.canton, one.association,
        one.signed_on, one.version.scheme, one.version.id, one.version.version,
    )  # fmt: skip
    return done == "INSERT 0 1"


@verb(Permission.SEALS_PUBLISH)
async def publish(actor: Actor, now: datetime, context: Context, *, whole: bool = False) -> None:
    """Show outside what holds inside. Nothing to show is nothing written; `whole` writes every file again.

    One at a time; whoever waited finds that the one before said it all. The database is read in one moment, and no
    verb waits while files are written. What refuses to be signed here: a tree that is not the continuation of the one
    that was signed last, in the database or outside. After a restored backup that is a fork, and forks are for ever.
    """
    await publishing.alone()
    await _log_keys(actor, now, Press.of(context))
    if done := await edition.run(context, now, whole=whole):
        await trail.record(actor, now, "seals.published", None, seq=done.seq, size=done.size, root=done.root.hex())


async def _log_keys(actor: Actor, now: datetime, press: Press) -> None:
    """The keys in use, as the table has them; the first ones become leaves before their first signature."""
    await rotation.ready(actor, now, press)


async def _change(actor: Actor, now: datetime, event: str, act: Act, seals: list[dict[str, Any]]) -> None:
    if moved := await ledger.change(now, act, seals):
        await trail.record_many(actor, now, event, moved)
        await outbox.announce("seals.changed", now)
