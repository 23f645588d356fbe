"""Verbs of seals on PostgreSQL: what follows a decision, what is published, and that it proves itself from outside."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.certification import service as certification
from registry.core.context import Context
from registry.core.crypto import b64url
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, NotFound
from registry.outbox import service as outbox
from registry.seals import code, outside, queries, rules, service, sharding, snapshot
from registry.seals.rules import Act
from registry.seals.snapshot import State
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, REASON, Scene, person

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    return await scene.hotel(now, await scene.opened(now))


async def told(context: Context, now: datetime) -> None:
    """Everything due is told, and nothing got stuck."""
    await outbox.drain(context, now)
    waiting = await fetch("SELECT event, error FROM outbox_message WHERE state <> 'done'")
    assert waiting == []


async def granted(context: Context, now: datetime, here: Scene) -> UUID:
    case = await scene.granted(now, here)
    await told(context, now)
    return case


async def group(context: Context, now: datetime, count: int) -> tuple[Scene, UUID]:
    here = await scene.taxis(now, await scene.opened(now), count)
    for client in here.clients:
        await scene.signed(now, here.version, client)
        await scene.staffed(now, here.version, client, ["driver"])
    case = await scene.group_reviewed(now, here)
    await certification.decide(DORA, now, case, scene.Decide(decision=scene.Decision.GRANT, reason=REASON))
    await told(context, now)
    return here, case


async def seals(case: UUID) -> list[dict[str, object]]:
    return await fetch("SELECT * FROM seal WHERE certification = $1 ORDER BY serial", case)


async def changed() -> int:
    return int((await fetch("SELECT changed FROM log_tail"))[0]["changed"])


async def audited(context: Context) -> outside.Found:
    """Everything published, checked from outside: nothing may be wrong."""
    found = await outside.audit(context.published.get)
    assert found.wrong == []
    return found


async def test_a_grant_gives_the_hotel_a_seal_that_a_stranger_can_verify(
    hotel: Scene, context: Context, now: datetime
) -> None:
    case = await granted(context, now, hotel)
    [seal] = await seals(case)
    found = await audited(context)
    assert (found.seals, found.valid, found.size) == (1, 1, 4)  # three keys and one seal
    proven = await outside.look_up(context.published.get, str(seal["code"]))
    assert proven.entry.state is State.VALID and proven.entry.facts.name == "Hotel Río Manso"
    assert proven.entry.facts.trained_on == (now - timedelta(days=30)).date()
    assert proven.proof.startswith("c2sp.org/tlog-proof@v1\nextra ") and "\nindex 3\n" in proven.proof
    assert code.check(str(seal["code"])) == seal["code"]


async def test_after_a_year_is_closed_the_page_says_when_the_next_is_due_under_the_same_credential(
    hotel: Scene, context: Context, now: datetime
) -> None:
    case = await granted(context, now, hotel)
    [before] = await seals(case)
    later = now + timedelta(days=365)
    await execute("UPDATE certification SET surveillance_on = last_on WHERE id = $1", case)
    for _ in range(2):
        await service.refresh(SYSTEM, later, case)
    await told(context, later)
    [after] = await seals(case)
    assert {name for name in after if after[name] != before[name]} == {"facts"}
    proven = await outside.look_up(context.published.get, str(after["code"]))
    assert str(proven.entry.facts.surveillance_on) == "2028-11-20" != str((now + timedelta(days=365)).date())
    assert len(await fetch("SELECT 1 FROM trail_entry WHERE event = 'seals.refreshed'")) == 1
    await audited(context)


async def test_telling_the_same_grant_twice_issues_one_seal(hotel: Scene, context: Context, now: datetime) -> None:
    case = await granted(context, now, hotel)
    await service.issue(SYSTEM, now, context, case)
    assert len(await seals(case)) == 1


async def test_a_group_gives_each_taxi_its_own_seal_and_no_plate_stands_in_what_is_published(
    db: None, context: Context, now: datetime
) -> None:
    _, case = await group(context, now, 6)
    rows = await seals(case)
    assert len({row["code"] for row in rows}) == len({row["status_index"] for row in rows}) == 6
    assert [row["serial"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert (await audited(context)).seals == 6
    async for key in context.published.list():
        data = await context.published.get(key)
        if not key.startswith("credentials/"):  # named by its code, which only the sticker shows
            assert b"TAL000" not in data and all(str(row["code"]).encode() not in data for row in rows), key
    proven = await outside.look_up(context.published.get, str(rows[0]["code"]))
    assert proven.entry.facts.plate == "TAL0000" and proven.entry.plate_tag == snapshot.plate_tag("TAL-0000")


async def test_suspending_reinstating_and_withdrawing_show_in_list_log_and_snapshot(
    hotel: Scene, context: Context, now: datetime
) -> None:
    case = await granted(context, now, hotel)
    [seal] = await seals(case)
    seen = []
    for act in (certification.suspend, certification.reinstate, certification.suspend, certification.withdraw):
        now += timedelta(minutes=5)
        await scene.by_two(now, case, act)
        await told(context, now)
        found = await audited(context)
        seen.append((found.valid, found.suspended, found.revoked))
    assert seen == [(0, 1, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    [seal] = await seals(case)
    assert (seal["state"], seal["since"]) == ("withdrawn", now)
    events = [row["event"] for row in await fetch("SELECT event FROM log_entry WHERE seal IS NOT NULL ORDER BY number")]
    assert events == ["seal.issued", "seal.suspended", "seal.reinstated", "seal.suspended", "seal.revoked"]


async def test_one_taxi_is_suspended_and_the_others_are_not(db: None, context: Context, now: datetime) -> None:
    here, case = await group(context, now, 5)
    await certification.suspend(DORA, now, case, REASON, [here.units[2]])
    await told(context, now)
    found = await audited(context)
    assert (found.valid, found.suspended) == (4, 1)
    assert [row["state"] for row in await seals(case) if row["unit"] == here.units[2]] == ["suspended"]


async def test_a_suspension_told_late_after_the_reinstatement_suspends_nothing(
    hotel: Scene, context: Context, now: datetime
) -> None:
    case = await granted(context, now, hotel)
    await certification.suspend(DORA, now, case, REASON)
    await scene.by_two(now, case, certification.reinstate)
    await told(context, now)
    assert [row["state"] for row in await seals(case)] == ["valid"]


async def test_a_revoked_seal_never_comes_back_whoever_asks(hotel: Scene, context: Context, now: datetime) -> None:
    case = await granted(context, now, hotel)
    await scene.by_two(now, case, certification.withdraw)
    await told(context, now)
    await service.reinstate(SYSTEM, now, case, hotel.units)
    assert [row["state"] for row in await seals(case)] == ["withdrawn"]
    with pytest.raises(Exception, match="never comes back"):
        await fetch("UPDATE seal SET state = 'valid'")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM log_entry",
        "UPDATE log_entry SET at = now()",
        "TRUNCATE log_entry",
        "INSERT INTO log_entry (number, leaf, hash, event, at) VALUES (99, '', '', 'x', now())",
        "DELETE FROM seal",
        "UPDATE seal SET status_index = 1",
        "UPDATE seal SET valid_until = valid_until + interval '1 day'",
    ],
)
async def test_the_database_refuses_to_rewrite_the_log_or_a_seal(
    hotel: Scene, context: Context, now: datetime, statement: str
) -> None:
    await granted(context, now, hotel)
    with pytest.raises(Exception, match=r"append-only|no gaps|never changes|permission denied"):
        await fetch(statement)


async def test_the_database_and_the_snapshot_agree_where_a_code_stands(db: None) -> None:
    codes = [code.new_code(random.Random(number).getrandbits) for number in range(50)]
    rows = await fetch("SELECT code, seal_place(code) AS place FROM unnest($1::text[]) code", codes)
    assert {row["code"]: row["place"] for row in rows} == {one: sharding.place(one) for one in codes}


async def test_publishing_again_with_nothing_to_say_writes_nothing(
    hotel: Scene, context: Context, now: datetime
) -> None:
    await granted(context, now, hotel)
    before = await context.published.get("snapshot/manifest")
    await service.publish(SYSTEM, now + rules.REFRESH - timedelta(seconds=1), context)
    assert await context.published.get("snapshot/manifest") == before
    await service.publish(SYSTEM, now + rules.REFRESH, context)
    assert await context.published.get("snapshot/manifest") != before
    assert (await audited(context)).as_of == now + rules.REFRESH


async def test_only_shards_that_changed_are_written_and_old_ones_go_after_an_hour(
    hotel: Scene, context: Context, now: datetime
) -> None:
    case = await granted(context, now, hotel)
    await scene.signed(now, hotel.version, (other := await scene.business(now, "taxi", "Taxi Lejano", None)))
    await execute("UPDATE client SET province = 'CR-L' WHERE id = $1", other)
    await service.enlist(SYSTEM, now, [other])
    await told(context, now)
    before = {ref.name: ref for ref in (await outside.read(context.published.get)).table.shards}
    await certification.suspend(DORA, now, case, REASON)
    await told(context, now)
    after = {ref.name: ref for ref in (await outside.read(context.published.get)).table.shards}
    assert before["CR-L"] == after["CR-L"] and before["CR-A"].sha256 != after["CR-A"].sha256
    await service.publish(SYSTEM, now + timedelta(hours=2), context)
    await service.publish(SYSTEM, now + timedelta(hours=4), context)
    left = {key async for key in context.published.list("snapshot/")}
    assert f"snapshot/{before['CR-A'].sha256}" not in left and f"snapshot/{after['CR-A'].sha256}" in left
    await audited(context)


async def test_a_sticker_that_was_lost_gets_a_new_code_and_the_old_one_says_so(
    hotel: Scene, context: Context, now: datetime
) -> None:
    case = await granted(context, now, hotel)
    [old] = await seals(case)
    new = await service.reissue(hotel.ana, now, context, UUID(str(old["id"])))
    await told(context, now)
    found = await audited(context)
    assert (found.valid, found.revoked) == (1, 1)
    rows = {row["id"]: row for row in await seals(case)}
    assert rows[new]["replaces"] == old["id"] and rows[old["id"]]["state"] == "replaced"
    assert rows[new]["valid_until"] == old["valid_until"] and rows[new]["code"] != old["code"]
    with pytest.raises(Conflict, match="seal-act-not-possible"):
        await service.reissue(hotel.ana, now, context, UUID(str(old["id"])))


async def test_another_business_sees_no_seal_of_this_one(hotel: Scene, context: Context, now: datetime) -> None:
    case = await granted(context, now, hotel)
    [seal] = await seals(case)
    stranger = person(300, "Eva Otra", representative=UUID(int=9))
    for actor in (stranger, person(301, "Iván Otro", association_admin=UUID(int=8))):
        with pytest.raises(NotFound):
            await queries.view(actor, UUID(str(seal["id"])), now)
        with pytest.raises(NotFound):
            await service.reissue(actor, now, context, UUID(str(seal["id"])))
        with pytest.raises(NotFound):
            await queries.of_client(actor, hotel.client, now)
    assert [one.mark for one in await queries.of_client(hotel.ana, hotel.client, now)] == ["Hotel Río Manso"]
    assert [one.mark for one in await queries.of_association(hotel.irene, hotel.association, now)] == [
        "Hotel Río Manso"
    ]


async def test_no_person_may_issue_or_publish_by_hand(hotel: Scene, context: Context, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    for actor in (hotel.ana, hotel.irene, DORA, person(302, "Ada", Role.ADMINISTRATOR)):
        with pytest.raises(Forbidden):
            await service.issue(actor, now, context, case)
        with pytest.raises(Forbidden):
            await service.publish(actor, now, context)


async def test_expiry_needs_no_job(hotel: Scene, context: Context, now: datetime) -> None:
    case = await granted(context, now, hotel)
    [seal] = await seals(case)
    proven = await outside.look_up(context.published.get, str(seal["code"]))
    last = proven.entry.valid_until
    view = await queries.view(hotel.ana, UUID(str(seal["id"])), last)
    assert view.printable and not view.expired
    view = await queries.view(hotel.ana, UUID(str(seal["id"])), last + timedelta(seconds=1))
    assert view.expired and not view.printable


async def test_an_erased_salt_leaves_the_log_whole(hotel: Scene, context: Context, now: datetime) -> None:
    case = await granted(context, now, hotel)
    [seal] = await seals(case)
    await execute("UPDATE seal SET salt = NULL, facts = $1", msgspec.json.encode({"name": "", "holder": ""}).decode())
    await execute("UPDATE log_tail SET changed = changed + 1")
    await service.publish(SYSTEM, now, context)
    await audited(context)
    async for key in context.published.list("snapshot/"):
        if key in {f"snapshot/{ref.sha256}" for ref in (await outside.read(context.published.get)).table.shards}:
            data = await context.published.get(key)
            assert b64url(bytes(seal["salt"])).encode() not in data and "Río Manso".encode() not in data


async def test_a_unit_that_leaves_its_business_ends_without_blame(db: None, context: Context, now: datetime) -> None:
    here, case = await group(context, now, 3)
    await service.retire(SYSTEM, now, here.units[0])
    await service.revoke(SYSTEM, now, case, [here.units[1]], Act.END)
    await service.retire(SYSTEM, now, here.units[0])
    await told(context, now)
    assert [row["state"] for row in await seals(case)].count("ended") == 2
    assert (await audited(context)).revoked == 2
    leaves = [msgspec.json.decode(row["leaf"]) for row in await fetch("SELECT leaf FROM log_entry ORDER BY number")]
    assert [leaf["t"] for leaf in leaves[-2:]] == ["seal.revoked", "seal.revoked"]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_in_whatever_order_everything_published_holds(
    db: None, context: Context, now: datetime, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A random history over a group, every act published and the whole log checked from outside after each; half of
    them in a register so crowded that regions are split on the way."""
    chance = random.Random(seed)
    monkeypatch.setattr(sharding, "SHARD_LIMIT", 1 if seed % 2 else 4096)
    here, case = await group(context, now, 4)
    sizes = []
    for _ in range(14):
        now += timedelta(minutes=chance.randrange(1, 600))
        some = chance.sample(here.units, chance.randrange(1, 4))
        match chance.randrange(5):
            case 0 | 1:
                await service.suspend(SYSTEM, now, case, some)
            case 2:
                await service.reinstate(SYSTEM, now, case, some)
            case 3:
                act = chance.choice((Act.WITHDRAW, Act.END))
                await service.revoke(SYSTEM, now, case, some[:1], act)
            case 4:  # those whose seal was revoked get another
                await service.issue(SYSTEM, now, context, case)
        await service.publish(SYSTEM, now, context)
        found = await audited(context)
        sizes.append(found.size)
        live = await fetch("SELECT count(*) AS n FROM seal WHERE state = 'valid'")
        assert found.valid == live[0]["n"]
    assert sizes == sorted(sizes) and sizes[-1] > 7


async def test_who_was_suspended_before_its_seal_was_issued_gets_it_with_the_reinstatement(
    hotel: Scene, context: Context, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    await certification.suspend(DORA, now, case, REASON)
    await told(context, now)
    assert await seals(case) == []
    await scene.by_two(now, case, certification.reinstate)
    await told(context, now)
    assert [row["state"] for row in await seals(case)] == ["valid"]
    assert (await audited(context)).valid == 1
