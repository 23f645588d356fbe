"""Strangers on a real database: their role can leave a notice or a complaint, read what a code opens, and no more."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from registry.access.actor import STRANGER
from registry.complaints import service
from registry.complaints.rules import State
from registry.complaints.schemas import Lodge, Mismatch
from registry.core.db import PUBLIC_DB, fetch
from registry.core.errors import Busy, Conflict, Invalid, NotFound
from tests.conftest import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed")]
CODE = "7K3M9QXT2W4HVN40"
WORDS = "El taxi SJB123 lleva un sello y nadie quiso decirme el precio."


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


async def test_nobody_is_thanked_for_a_notice_that_was_not_kept() -> None:
    """Whoever fills a seal's day with noise makes the next one be told so, and not make it disappear."""
    for number in range(20):
        await service.report_mismatch(STRANGER, NOW, Mismatch(CODE, what="plate", seen=f"noise {number}"))
    with pytest.raises(Busy, match="notices-too-many"):
        await service.report_mismatch(STRANGER, NOW, Mismatch(CODE, what="plate", seen="TSJ 9999"))
    (kept,) = await fetch("SELECT count(*)::int AS n FROM mismatch_notice")
    assert kept["n"] == 20
