"""A monitor between two runs: each way of quietly changing what was said is told, with the seal's place in the log.

For each: what our own publisher makes of a tampered database, and what the monitor says when a publisher with the real
keys shows it.
"""

from datetime import datetime, timedelta

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Conflict
from registry.seals import service, signing
from registry.seals.snapshot import Record, State
from registry.seals.watch import monitor
from registry.seals.watch.memory import Memory
from registry.seals.watch.monitor import Report, watch
from tests.registry.seals.watch.house import Dishonest, hotels, leaves, unguarded

pytestmark = pytest.mark.anyio
LATER = timedelta(minutes=10)


async def run(context: Context, memory: Memory, now: datetime) -> Report:
    """One run; what it remembers stays."""
    report = await watch(context.published.get, memory, now)
    memory.keep()
    return report


def about(report: Report, leaf: int) -> set[str]:
    """Kinds of findings that name this seal."""
    return {finding.what for finding in report.findings if leaf in finding.leaves}


async def test_an_honest_house_is_followed_and_only_what_is_new_is_read(
    db: None, context: Context, now: datetime
) -> None:
    [(here, case), *_] = await hotels(context, now)
    memory = Memory()
    first = await run(context, memory, now)
    assert (first.wrong, first.read, first.seals, first.valid) == ([], 6, 3, 3)
    assert (await run(context, memory, now)).read == 0
    for act, state in ((service.suspend, (2, 1, 0)), (service.reinstate, (3, 0, 0)), (service.suspend, (2, 1, 0))):
        now += LATER
        await act(SYSTEM, now, case, here.units)
        await service.publish(SYSTEM, now, context)
        report = await run(context, memory, now)
        assert (report.wrong, report.read) == ([], 1)
        assert (report.valid, report.suspended, report.revoked) == state
    await service.revoke(SYSTEM, now, case, here.units)
    await service.publish(SYSTEM, now, context)
    assert (await run(context, memory, now)).revoked == 1


async def test_a_reissued_sticker_keeps_its_dates_and_is_not_taken_for_backdated(
    db: None, context: Context, now: datetime
) -> None:
    [(here, _), *_] = await hotels(context, now)
    memory = Memory()
    await run(context, memory, now)
    now += timedelta(days=40)
    [seal] = await fetch("SELECT id FROM seal WHERE issued_index = 3")
    await service.publish(SYSTEM, now, context)
    await run(context, memory, now)
    await service.reissue(here.ana, now, context, seal["id"])
    await service.publish(SYSTEM, now + LATER, context)
    report = await run(context, memory, now + LATER)
    assert (report.wrong, report.read, report.revoked) == ([], 2, 1)


async def test_a_suspension_cleared_in_the_database_is_not_published_and_would_be_told(
    committed: str, context: Context, now: datetime
) -> None:
    [_, (here, case), _] = await hotels(context, now)
    await service.suspend(SYSTEM, now, case, here.units)
    await service.publish(SYSTEM, now, context)
    memory = Memory()
    assert (await run(context, memory, now)).suspended == 1
    await unguarded(committed, "UPDATE seal SET state = 'valid' WHERE state = 'suspended'")
    now += LATER
    await service.publish(SYSTEM, now, context)
    report = await run(context, memory, now)
    assert (report.wrong, report.suspended) == ([], 1), "our publisher never says more than the leaf"

    dishonest = Dishonest(context, now)
    await dishonest.bits("suspension", set())
    cleared = await run(context, memory, now)
    assert about(cleared, 4) == {"list"} and not about(cleared, 3)

    def valid(records: list[Record]) -> list[Record]:
        return [msgspec.structs.replace(one, state=State.VALID) for one in records]

    await dishonest.records(valid)
    assert about(await run(context, memory, now), 4) == {"list", "record"}


async def test_a_seal_inserted_into_the_database_is_not_published_and_would_be_told(
    committed: str, context: Context, now: datetime
) -> None:
    await hotels(context, now)
    memory = Memory()
    await run(context, memory, now)
    columns = [row["column_name"] for row in await fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'seal'"
    )]  # fmt: skip
    changed = {"id": "gen_random_uuid()", "code": "'0000000000000000'", "serial": "99", "status_index": "7",
               "unit": "gen_random_uuid()", "issued_index": "6", "log_index": "6"}  # fmt: skip
    names, values = ", ".join(columns), ", ".join(changed.get(name, name) for name in columns)
    await unguarded(committed, f"INSERT INTO seal ({names}) SELECT {values} FROM seal WHERE serial = 1")
    now += LATER
    await service.publish(SYSTEM, now, context)
    report = await run(context, memory, now)
    assert (report.wrong, report.seals) == ([], 3)

    def slipped_in(records: list[Record]) -> list[Record]:
        other = msgspec.structs.replace(records[0], key="A" * 22, code="", issued_index=6, log_index=6, status_index=7)
        return [*records, other]

    await Dishonest(context, now).records(slipped_in)
    assert about(await run(context, memory, now), 6) == {"unlogged"}

    def behind_another(records: list[Record]) -> list[Record]:
        return [*records[:-1], msgspec.structs.replace(records[0], key="A" * 22, code="")]

    await Dishonest(context, now).records(behind_another)
    report = await run(context, memory, now)
    assert [line for line in report.wrong if "more than once" in line]


async def test_dates_put_back_ten_days_are_not_published_and_would_be_told(
    committed: str, context: Context, now: datetime
) -> None:
    await hotels(context, now)
    memory = Memory()
    await run(context, memory, now)
    await unguarded(committed, "UPDATE seal SET valid_from = valid_from - interval '10 days' WHERE issued_index = 5")
    now += LATER
    await service.publish(SYSTEM, now, context)
    report = await run(context, memory, now)
    assert report.seals == 2 and about(report, 5) >= {"hidden"}, "it is not shown, and that is told"

    def earlier(records: list[Record]) -> list[Record]:
        return [msgspec.structs.replace(one, valid_from=one.valid_from - timedelta(days=10)) for one in records]

    await unguarded(committed, "UPDATE seal SET valid_from = valid_from + interval '10 days' WHERE issued_index = 5")
    await service.publish(SYSTEM, now + LATER, context)
    assert (await run(context, memory, now + LATER)).wrong == []
    await Dishonest(context, now + LATER).records(earlier)
    report = await run(context, memory, now + LATER)
    assert about(report, 5) == {"record", "credential"} and "other dates" in " ".join(report.wrong)


async def test_a_seal_logged_with_dates_before_the_log_was_last_seen_is_told_and_stays_told(
    db: None, context: Context, now: datetime
) -> None:
    await hotels(context, now)
    memory = Memory()
    await run(context, memory, now)
    last = msgspec.json.decode((await leaves())[5])
    begins = f"{now - timedelta(days=10):%Y-%m-%dT%H:%M:%SZ}"
    slipped = msgspec.json.encode(last | {"seal": "ab" * 32, "status": 7, "from": begins})
    dishonest = Dishonest(context, now + LATER)
    await dishonest.log([*await leaves(), slipped])
    report = await run(context, memory, now + LATER)
    assert "leaf" in about(report, 6) and [line for line in report.wrong if "leaf 6: backdated" in line]
    again = await run(context, memory, now + LATER)
    assert again.read == 0 and [one for one in again.earlier if 6 in one.leaves], "the log cannot unsay it"


async def test_a_removed_last_leaf_is_not_signed_and_would_be_told(
    committed: str, context: Context, now: datetime
) -> None:
    [_, (here, case), _] = await hotels(context, now)
    await service.suspend(SYSTEM, now, case, here.units)
    await service.publish(SYSTEM, now, context)
    memory = Memory()
    await run(context, memory, now)
    await unguarded(committed, "DELETE FROM log_entry WHERE number = 6")
    with pytest.raises(Conflict, match="log-would-fork"):
        await service.publish(SYSTEM, now + LATER, context)
    kept = await leaves()
    dishonest = Dishonest(context, now + LATER)
    await dishonest.log(kept)
    report = await run(context, memory, now + LATER)
    assert "rollback" in about(report, 4) and set(report.evidence) == {"remembered", "shown"}

    # Something else in its place, so that the size is right again.
    other = msgspec.json.encode(msgspec.json.decode(kept[5]) | {"seal": "cd" * 32, "status": 9})
    await dishonest.log([*kept, other])
    report = await run(context, memory, now + LATER)
    assert "fork" in about(report, 4) and not about(report, 3) and report.evidence
    # And grown past it.
    await dishonest.log([*kept, other, other])
    assert "fork" in about(await run(context, memory, now + LATER), 4)


async def test_an_older_manifest_a_second_one_of_one_number_and_a_silent_house_are_told(
    db: None, context: Context, now: datetime
) -> None:
    await hotels(context, now)
    before = await context.published.get("snapshot/manifest")
    memory = Memory()
    await service.publish(SYSTEM, now + LATER, context)
    await run(context, memory, now + LATER)
    stale = await run(context, memory, now + timedelta(hours=2))
    assert [one.what for one in stale.findings] == ["stale"]
    assert "expired" in (await run(context, memory, now + timedelta(days=30))).wrong[0]
    await context.published.put("snapshot/manifest", before)
    assert "rollback" in {one.what for one in (await run(context, memory, now + LATER)).findings}


async def test_what_changed_while_it_was_read_is_read_again(db: None, context: Context, now: datetime) -> None:
    [(here, case), *_] = await hotels(context, now)
    decided = False

    async def get(key: str) -> bytes:
        nonlocal decided
        if key.startswith("status/suspension") and not decided:  # a decision is published between two files
            decided = True
            await service.suspend(SYSTEM, now, case, here.units)
            await service.publish(SYSTEM, now, context)
        return await context.published.get(key)

    report = await watch(get, Memory(), now)
    assert (report.wrong, report.suspended) == ([], 1) and decided


async def test_a_did_json_that_the_log_does_not_speak_of_is_told_with_the_leaf_that_does(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "PAUSE", 0)
    await hotels(context, now, 1)
    memory, honest = Memory(), await context.published.get("did.json")
    assert (await run(context, memory, now)).wrong == []
    added = msgspec.json.decode(honest)
    added["verificationMethod"].append(added["verificationMethod"][0] | {"controller": "did:web:elsewhere.example"})
    for other in (msgspec.json.format(honest), msgspec.json.encode(added | {"assertionMethod": []}), honest + b"\n"):
        await context.published.put("did.json", other)
        try:
            report = await run(context, memory, now)
        except ValueError:
            continue  # one whose keys cannot even be read is believed by nobody
        assert any("leaf 2 speaks of" in why for why in report.wrong) and 2 in report.findings[-1].leaves
        assert (await run(context, memory, now)).wrong == report.wrong, "not only once"
    await context.published.put("did.json", honest)
    assert (await run(context, memory, now)).wrong == []


async def test_a_document_of_keys_that_a_new_version_spells_otherwise_is_said_in_the_log_before_it_is_shown(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "PAUSE", 0)
    await hotels(context, now, 1)
    memory, spelled = Memory(), signing.document
    assert (await run(context, memory, now)).wrong == []
    monkeypatch.setattr(signing, "document", lambda press: {**spelled(press), "alsoKnownAs": []})
    await service.publish(SYSTEM, now + LATER, context)
    assert b"alsoKnownAs" in await context.published.get("did.json")
    report = await run(context, memory, now + LATER)
    assert (report.wrong, report.read) == ([], 1)
    await service.publish(SYSTEM, now + 2 * LATER, context)
    assert (await run(context, memory, now + 2 * LATER)).read == 0, "said once"
