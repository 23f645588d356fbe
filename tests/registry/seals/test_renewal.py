"""A certificate that is renewed keeps code and sticker; what was suspended is not valid by the way."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.certification import past, suspension
from registry.certification import service as certification
from registry.certification.guards import Cause
from registry.certification.rules import State as CaseState
from registry.certification.sampling import Occasion
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.errors import Conflict
from registry.core.ids import uuid7
from registry.seals import attestation, jobs, jose, outside, rules, service
from registry.seals.rules import Act, fates, renewed
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, DIEGO, DORA, REASON
from tests.registry.seals.test_service import audited, group, seals, told

pytestmark = pytest.mark.anyio
YEAR = timedelta(days=365)


async def follows(
    monkeypatch: pytest.MonkeyPatch, case: UUID, standing: dict[UUID, CaseState], until: datetime
) -> UUID:
    """Another case of the same holder, as far as seals look at one: what each unit stands for in it, and until when."""
    new = uuid7()
    wanted, grants = attestation.wanted, attestation.grants

    async def said(certification_id: UUID, now: datetime) -> dict[UUID, CaseState]:
        return standing if certification_id == new else await wanted(certification_id, now)

    async def granted(certification_id: UUID, now: datetime, states: Any = attestation.COVERED) -> list[Any]:
        if certification_id != new:
            return await grants(certification_id, now, states)
        found = {one.unit: one for one in await grants(case, now, rules.HELD)}
        return [
            msgspec.structs.replace(found[unit], certification=new, valid_from=now, valid_until=until)
            for unit, state in standing.items()
            if state in states
        ]

    monkeypatch.setattr(attestation, "wanted", said)
    monkeypatch.setattr(attestation, "grants", granted)
    return new


async def end_of(case: UUID) -> datetime:
    [row] = await fetch("SELECT max(valid_until) AS until FROM seal WHERE certification = $1", case)
    until: datetime = row["until"]
    return until


async def leaves() -> list[str]:
    return [row["event"] for row in await fetch("SELECT event FROM log_entry WHERE seal IS NOT NULL ORDER BY number")]


async def test_a_renewed_seal_keeps_code_sticker_and_bits_and_gets_new_dates(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, case = await group(context, now, 3)
    before = await seals(case)
    later = now + timedelta(days=600)
    until = await end_of(case) + 2 * YEAR
    standing = {here.units[0]: CaseState.GRANTED, here.units[1]: CaseState.SUSPENDED}
    new = await follows(monkeypatch, case, standing, until)
    for _ in range(2):  # told twice is once
        await jobs.renew_seals(context, later, {"certification": str(new), "previous": str(case)})
    await service.publish(SYSTEM, later, context)
    after = {row["unit"]: row for row in await seals(new)}
    assert set(after) == set(standing)
    for old in before[:2]:
        kept = after[old["unit"]]
        assert [kept[name] for name in ("code", "serial", "year", "status_index", "id", "salt")] == [
            old[name] for name in ("code", "serial", "year", "status_index", "id", "salt")
        ]
        assert (kept["valid_from"], kept["valid_until"]) == (later, until) and kept["jws"] != old["jws"]
    assert [row["state"] for row in await seals(case)] == ["ended"]
    assert await leaves() == ["seal.issued"] * 3 + ["seal.renewed"] * 2 + ["seal.revoked", "seal.suspended"]
    found = await audited(context)
    assert (found.valid, found.suspended, found.revoked) == (1, 1, 1)
    proven = await outside.look_up(context.published.get, str(before[0]["code"]))
    assert proven.entry.valid_until == until and jose.payload(proven.jws)["validUntil"].startswith(str(until.date()))


async def test_a_suspended_seal_stays_suspended_when_its_certificate_is_renewed(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, case = await group(context, now, 4)
    await certification.suspend(DORA, now, case, REASON, [here.units[1]])
    await told(context, now)
    until = await end_of(case) + YEAR
    new = await follows(monkeypatch, case, dict.fromkeys(here.units, CaseState.GRANTED), until)
    await service.renew(SYSTEM, now, context, new, case)
    await service.publish(SYSTEM, now, context)
    assert [row["state"] for row in await seals(new)] == ["valid", "suspended", "valid", "valid"]
    assert (await audited(context)).suspended == 1
    # Only a reinstatement lifts it.
    await service.reinstate(SYSTEM, now, new, here.units)
    await service.publish(SYSTEM, now, context)
    found = await audited(context)
    assert (found.valid, found.suspended) == (4, 0)


async def test_a_taxi_suspended_by_name_is_suspended_in_the_renewed_group_too_and_comes_back_by_its_verbs(
    db: None, context: Context, now: datetime
) -> None:
    here, old = await group(context, now, 4)
    await certification.suspend(DORA, now, old, REASON, [here.units[1]], cause=Cause.MARK_MISUSE)
    await suspension.confirm(DIEGO, now, old, REASON)
    await told(context, now)
    at = now + timedelta(days=640)
    new = await scene.group_granted(at, here, Occasion.RENEWAL)
    await told(context, at)
    shown = {unit: state for unit, state in (await attestation.wanted(new, at)).items() if state != "granted"}
    assert shown == {here.units[1]: CaseState.SUSPENDED}
    [kept] = await fetch("SELECT cause, proposed_by, urgent FROM decision WHERE certification = $1 AND act = 'suspend'",
                         new)  # fmt: skip
    assert kept == {"cause": "mark_misuse", "proposed_by": DIEGO.id, "urgent": False}
    assert (await past.units_at(new, at))[here.units[1]] is CaseState.SUSPENDED
    [sealed] = [row for row in await seals(new) if row["unit"] == here.units[1]]
    assert (await outside.look_up(context.published.get, str(sealed["code"]))).entry.state == "suspended"

    with pytest.raises(Conflict, match="cause-not-verified"):
        await certification.reinstate(DORA, at, new, REASON, [here.units[1]])
    await suspension.verify_cause(BRUNO, at, new, REASON, [here.units[1]])
    await certification.reinstate(DORA, at, new, REASON, [here.units[1]])
    await told(context, at)
    assert (await outside.look_up(context.published.get, str(sealed["code"]))).entry.state == "valid"
    found = await audited(context)
    assert (found.valid, found.suspended, found.seals) == (4, 0, 4)


async def test_who_is_new_in_the_renewal_is_issued_a_seal(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, case = await group(context, now, 3)
    await service.revoke(SYSTEM, now, case, here.units[:1], Act.WITHDRAW)  # the old one is final; a new code it is
    [gone, *_] = await seals(case)
    until = await end_of(case) + YEAR
    new = await follows(monkeypatch, case, dict.fromkeys(here.units, CaseState.GRANTED), until)
    await service.renew(SYSTEM, now, context, new, case)
    await service.publish(SYSTEM, now, context)
    rows = await seals(new)
    assert [row["state"] for row in rows] == ["valid"] * 3 and gone["code"] not in {row["code"] for row in rows}
    assert (await audited(context)).seals == 4


async def test_a_renewal_that_ends_no_later_is_refused(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, case = await group(context, now, 2)
    until = await end_of(case)
    new = await follows(monkeypatch, case, dict.fromkeys(here.units, CaseState.GRANTED), until)
    with pytest.raises(Conflict, match="seal-renewal-not-later"):
        await service.renew(SYSTEM, now, context, new, case)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seal SET valid_until = valid_until + interval '1 day', log_index = log_index + 1",
        "UPDATE seal SET certification = gen_random_uuid(), log_index = log_index + 2",
        "UPDATE seal SET credential = repeat('0', 64)",
        "UPDATE seal SET valid_until = valid_until - interval '1 day'",
        "UPDATE seal SET code = 'X'",
    ],
)
async def test_no_row_is_renewed_without_its_leaf(db: None, context: Context, now: datetime, statement: str) -> None:
    await group(context, now, 2)
    with pytest.raises(Exception, match="never changes"):
        await execute(statement)


def test_a_renewal_leaves_no_gap_and_never_an_earlier_end(now: datetime) -> None:
    was = (now - YEAR, now + YEAR)
    assert renewed(*was, now, now + 3 * YEAR, now) == (now, now + 3 * YEAR)
    assert renewed(*was, now + YEAR, now + 3 * YEAR, now) == (was[0], now + 3 * YEAR)  # begins where the old one ends
    with pytest.raises(Conflict):
        renewed(*was, now, now + YEAR, now)


def test_what_becomes_of_seals_that_the_next_case_does_not_keep() -> None:
    units = [UUID(int=n) for n in range(6)]
    wanted = dict(
        zip(
            units,
            [CaseState.GRANTED, CaseState.WITHDRAWN, CaseState.EXPIRED, CaseState.REVIEWED, CaseState.SUSPENDED],
            strict=False,
        )
    )
    assert fates(units, wanted) == {
        Act.REPLACE: [units[0], units[4]], Act.WITHDRAW: [units[1]], Act.END: [units[5]],
    }  # fmt: skip
