"""Strangers on a real database: their role can leave a notice or a complaint, read what a code opens, and no more."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from registry.access.actor import STRANGER
from registry.complaints import handling, marks, queries, rules, seen, service
from registry.complaints.misuse import Told
from registry.complaints.rules import State
from registry.complaints.schemas import Lodge, Mismatch
from registry.core.calendar import day_of
from registry.core.db import PUBLIC_DB, execute, fetch
from registry.core.errors import Busy, Conflict, Invalid, NotFound
from registry.core.i18n import DEFAULT_ZONE
from tests.conftest import NOW
from tests.registry.certification.scene import OLGA

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed")]
CODE = "7K3M9QXT2W4HVN40"
WORDS = "El taxi SJB123 lleva un sello y nadie quiso decirme el precio."
MANY = """
INSERT INTO complaint (id, number, about, named, text, contact, language, secret_sha256, sha256, state, outcome,
  moved_at, lodged_at, lodged_on, acknowledge_by, answer_by, closed_on, organisation_name, person_name,
  investigator_name, answer, visit, subject)
SELECT gen_random_uuid(), 'Q-' || n, 'holder', '', '', '', 'es', '', '', 'closed', 'unfounded', $2, $2, $1, $1, $1, $1,
  '', '', '', '', '', 'holder:' || n FROM generate_series(1, $3) n
"""
"""So many complaints of a day, about as many things."""
SEAL = """
INSERT INTO seal SELECT (jsonb_populate_record(NULL::seal, (
  SELECT jsonb_object_agg(a.attname, CASE format_type(a.atttypid, NULL)
    WHEN 'uuid' THEN to_jsonb(gen_random_uuid()) WHEN 'timestamp with time zone' THEN to_jsonb(now())
    WHEN 'jsonb' THEN '{}' WHEN 'integer' THEN '1' WHEN 'bigint' THEN '1' ELSE '"x"' END)
  FROM pg_attribute a WHERE attrelid = 'seal'::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull)
  || jsonb_build_object('code', $1::text, 'kind', 'vehicle', 'state', 'valid', 'language', 'es',
                        'valid_until', now() + interval '1 year'))).*
"""


async def issued(address: str) -> None:
    """A seal under CODE; of what and to whom is nothing to these tests."""
    owner = await asyncpg.connect(address)
    try:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute(SEAL, CODE)
    finally:
        await owner.close()


async def test_a_mismatch_is_kept_once_with_what_differs_and_nothing_of_who_saw_it() -> None:
    seen = Mismatch(CODE, what="plate", seen="TSJ 9999", region="CR-SJ", note="Parked at the port")
    id = await service.report_mismatch(STRANGER, NOW, seen)
    assert await service.report_mismatch(STRANGER, NOW, seen) == id
    (row,) = await fetch("SELECT * FROM mismatch_notice WHERE id = $1", id)
    assert (row["what"], row["seen"], row["region"], row["note"]) == ("plate", "TSJ 9999", "CR-SJ", seen.note)
    (entry,) = await fetch("SELECT details::text FROM trail_entry WHERE subject = $1", id)
    assert "9999" not in entry["details"]
    assert "Parked" not in entry["details"]


async def test_a_complaint_gets_a_code_that_opens_its_clock_and_nothing_else() -> None:
    code = await service.lodge(STRANGER, NOW, Lodge("holder", WORDS, "SJB123"))
    assert code.startswith("Q-2026-0001-")
    told = await service.look(STRANGER, NOW, code.lower().replace("-", " "))
    assert (told.number, told.state, told.answer) == ("Q-2026-0001", State.RECEIVED, "")
    assert (told.acknowledge_by - NOW.date(), told.answer_by - NOW.date()) == (timedelta(5), timedelta(60))
    for wrong in (f"{code[:-1]}{'0' if code[-1] != '0' else '1'}", code.replace("0001", "0002")):
        with pytest.raises(NotFound):
            await service.look(STRANGER, NOW, wrong)
    (row,) = await fetch("SELECT * FROM complaint")
    assert code[-4:] not in str(row), "the secret is kept as a hash"
    (entry,) = await fetch("SELECT event, actor, details::text FROM trail_entry WHERE subject = $1", row["id"])
    assert (entry["event"], entry["actor"]) == ("complaints.lodged", STRANGER.id)
    assert "SJB123" not in entry["details"]


async def test_the_same_form_twice_is_one_complaint_whose_last_code_is_good() -> None:
    words = Lodge("registry", WORDS, form=uuid4())
    first, second = await service.lodge(STRANGER, NOW, words), await service.lodge(STRANGER, NOW, words)
    assert first != second
    assert (await service.look(STRANGER, NOW, second)).number == "Q-2026-0001"
    with pytest.raises(NotFound):
        await service.look(STRANGER, NOW, first)
    with pytest.raises(Conflict, match="complaint-form-used"):
        await service.lodge(STRANGER, NOW, msgspec.structs.replace(words, text=WORDS + " Y más."))


async def test_a_complaint_needs_words_and_an_address_that_is_one_or_none() -> None:
    with pytest.raises(Invalid, match="complaint-needs-words"):
        await service.lodge(STRANGER, NOW, Lodge("holder", " \n "))
    with pytest.raises(Invalid, match="complaint-too-long"):
        await service.lodge(STRANGER, NOW, Lodge("holder", "palabra " * 1000))
    with pytest.raises(Invalid, match="email-not-an-address"):
        await service.lodge(STRANGER, NOW, Lodge("holder", WORDS, contact="at home"))


async def test_the_strangers_role_may_read_nothing_and_write_nothing_else() -> None:
    for statement in ("SELECT * FROM complaint", "UPDATE complaint SET text = ''", "SELECT * FROM complaint_step",
                      "INSERT INTO complaint_year VALUES (1, 1)", "SELECT * FROM mismatch_notice"):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch(statement, engine=PUBLIC_DB)


async def told(code: str, count: int, word: str = "noise") -> list[object]:
    return [await service.report_mismatch(STRANGER, NOW, Mismatch(code, what="plate", seen=f"{word} {n}"))
            for n in range(count)]  # fmt: skip


async def test_of_one_mark_twenty_notices_a_day_are_kept_and_the_others_counted_with_them() -> None:
    """Nobody is turned away, and nobody is told that their words were kept when they were not."""
    assert None not in await told(CODE, 20)
    again = Mismatch(CODE, what="plate", seen="noise 3")
    assert await service.report_mismatch(STRANGER, NOW, again), "what was kept already is not counted twice"
    assert await told(CODE, 30, "more") == [None] * 30
    (kept,) = await fetch("SELECT count(*)::int AS n, sum(again)::int AS again FROM mismatch_notice")
    assert (kept["n"], kept["again"]) == (20, 30)
    (other,) = await told("8" + CODE[1:], 1)
    assert other, "of another mark the first is kept as ever"
    assert (await seen.told(OLGA, NOW), (await seen.notices(OLGA, Told.OPEN))[0].alike) == (1, 51)


async def test_codes_that_nobody_issued_fill_neither_the_disk_nor_the_desk_nor_anybodys_way(
    committed: str,
) -> None:
    await execute(
        "INSERT INTO mismatch_notice (id, about, code, told_on, state, known) SELECT gen_random_uuid(), 'unknown_code',"
        " 'X' || n, $1, 'open', false FROM generate_series(1, 500) n",
        day_of(NOW, DEFAULT_ZONE),
    )
    assert await told("NEVER-ISSUED-ONE", 3) == [None] * 3
    await issued(committed)
    (kept,) = await told(CODE, 1)
    assert kept, "what is said of a mark of ours is never crowded out"
    groups = await seen.notices(OLGA, Told.OPEN)
    assert sorted((one.known, one.alike) for one in groups) == [(False, 503), (True, 1)]
    noise = next(one for one in groups if not one.known)
    await marks.close_notice(OLGA, NOW, noise.id, "Nobody issued any of these.", alike=True)
    assert [one.code for one in await seen.notices(OLGA, Told.OPEN)] == [CODE]


@pytest.mark.parametrize("zone", ["America/Costa_Rica", "Pacific/Auckland"])
async def test_late_in_the_evening_notice_receipt_clock_and_desk_say_one_day(zone: str) -> None:
    """At 23:30 in one place it is tomorrow in UTC, and in another yesterday."""
    late = datetime(2026, 11, 20, 23, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    id = await service.report_mismatch(STRANGER, late, Mismatch(CODE, what="plate", seen="TSJ 9999"), zone)
    code = await service.lodge(STRANGER, late, Lodge("holder", WORDS, "SJB123"), zone=zone)
    (notice,) = await fetch("SELECT told_on FROM mismatch_notice WHERE id = $1", id)
    opened = await service.look(STRANGER, late, code)
    (desk,) = await queries.some(OLGA, {State.RECEIVED})
    assert {notice["told_on"], opened.lodged_on, desk.lodged_on} == {date(2026, 11, 20)}
    assert opened.acknowledge_by == desk.acknowledge_by == rules.clock(date(2026, 11, 20), "CR").acknowledge_by


async def flood(count: int, named: str = "Hotel {n}") -> None:
    for n in range(count):
        await service.lodge(STRANGER, NOW, Lodge("holder", f"{WORDS} {n}", named.format(n=n), contact="a@example.org"))


async def test_a_flood_about_one_business_waits_apart_and_others_are_heard_as_ever() -> None:
    await flood(22, "Hotel Río Manso")
    await service.lodge(STRANGER, NOW, Lodge("auditor", WORDS, "quien vino"))
    shown = await queries.some(OLGA, rules.OPEN)
    assert len(shown) == 21 and {one.about for one in shown} == {"holder", "auditor"}
    (burst,) = await queries.bursts(OLGA)
    assert (burst.count, burst.about) == (2, 1)
    assert await queries.waiting(OLGA, NOW) == 22


async def test_in_a_flood_about_everything_a_complaint_about_a_seal_of_ours_is_in_the_list_at_once(
    committed: str,
) -> None:
    on = day_of(NOW, DEFAULT_ZONE)
    await execute(MANY, on, NOW, 300)
    await issued(committed)
    await service.lodge(STRANGER, NOW, Lodge("holder", WORDS, CODE.lower()))
    code = await service.lodge(STRANGER, NOW, Lodge("holder", WORDS, "Hotel Laguna"))
    assert [one.named for one in await queries.some(OLGA, rules.OPEN)] == [CODE.lower()]
    (burst,) = await queries.bursts(OLGA)
    (waits,) = await queries.of_burst(OLGA, on)
    assert (burst.count, waits.named) == (1, "Hotel Laguna")
    await handling.acknowledge(OLGA, NOW, waits.id)
    assert await queries.bursts(OLGA) == [], "whoever acknowledges one takes it out"
    assert (await service.look(STRANGER, NOW, code)).state is State.ACKNOWLEDGED
    await flood(3)
    await handling.set_burst_aside(OLGA, NOW, on)
    rows = await fetch("SELECT text, named, contact, subject, outcome FROM complaint WHERE burst AND state = 'closed'")
    assert [tuple(row.values()) for row in rows] == [("", "", "", "", "elsewhere")] * 3
    assert await fetch("SELECT count(*)::int AS n FROM complaint_step WHERE act = 'set_aside'") == [{"n": 3}]
    assert await fetch("SELECT 1 FROM outbox_message WHERE event = 'complaints.closed'") == [], "nobody is written to"
    with pytest.raises(Conflict, match="complaint-burst-empty"):
        await handling.set_burst_aside(OLGA, NOW, on)


async def test_the_disk_has_an_end_and_a_seal_of_ours_one_of_its_own(
    committed: str,
) -> None:
    on = day_of(NOW, DEFAULT_ZONE)
    await execute(MANY, on, NOW, rules.MOST_A_DAY)
    with pytest.raises(Busy, match="notices-too-many"):
        await service.lodge(STRANGER, NOW, Lodge("holder", WORDS, "Hotel Laguna"))
    await issued(committed)
    assert await service.lodge(STRANGER, NOW, Lodge("holder", WORDS, CODE))
    assert await service.lodge(STRANGER, NOW + timedelta(days=1), Lodge("holder", WORDS, "Hotel Laguna"))
