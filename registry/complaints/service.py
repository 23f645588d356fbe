"""What strangers may do: say that a mark does not match, complain, and read what became of it.

They run under the database role of the stranger's door, which may call three functions and touch no table
(migrations/registry/complaints_guards.py).
"""

import json
import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.accounts.rules import email
from registry.complaints import misuse, rules
from registry.complaints.schemas import Lodge, Mismatch, Told
from registry.core.calendar import day_of
from registry.core.crypto import sha256
from registry.core.db import PUBLIC_DB, fetch
from registry.core.errors import Busy, Conflict, Invalid, NotFound
from registry.core.i18n import DEFAULT_ZONE
from registry.core.ids import uuid7
from registry.seals.code import check


@verb(Permission.COMPLAINTS_TELL, engine=PUBLIC_DB)
async def report_mismatch(actor: Actor, now: datetime, data: Mismatch, zone: str = DEFAULT_ZONE) -> UUID | None:
    """Keep a notice about a mark; the same one twice is one. It is durable when this returns.

    None where so many said so already that it was counted with theirs and its words are not kept: nobody is turned away
    however many write. Invalid `notice-without-code`.
    """
    code, seen = rules.line(data.code, 40), rules.line(data.seen)
    if not code:
        raise Invalid("notice-without-code", fields={"code": "notice-without-code"})
    id = misuse.same(data.about, code, f"{data.what} {seen} {rules.line(data.note, 500)}", now)
    return id if await record(actor, now, id, data, code, zone) else None


async def record(actor: Actor, now: datetime, id: UUID, data: Mismatch, code: str, zone: str) -> bool:
    """Notice and trail entry in one call; False where it was only counted."""
    (done,) = await fetch(
        "SELECT keep_notice_of($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS done",
        id, actor.id, now, day_of(now, zone), data.about, _sealed(code) or code, rules.line(data.seen), data.what,
        rules.line(data.region, 6), rules.line(data.note, 500), engine=PUBLIC_DB,
    )  # fmt: skip
    return bool(done["done"] == "kept")


@verb(Permission.COMPLAINTS_TELL, engine=PUBLIC_DB)
async def lodge(actor: Actor, now: datetime, data: Lodge, country: str = "CR", zone: str = DEFAULT_ZONE) -> str:
    """Take a complaint and answer its code, Q-2026-0001-7F3K-9QWX-2MNP-4RTV, which nobody can show again.

    Half of the code is a secret of which we keep a hash. The same form twice is one complaint, with a new code as long
    as nobody has begun. Invalid `complaint-needs-words`, `complaint-too-long`, `email-not-an-address`; Conflict
    `complaint-form-used` when the form already sent other words; Busy `notices-too-many` of one seal after 200 a day,
    of everything else after 20,000.
    """
    text = rules.written(data.text)
    contact = _contact(data.contact)
    today = day_of(now, zone)
    clock = rules.clock(today, country)
    secret = rules.new_secret(secrets.randbelow)
    given = {
        "id": str(data.form or uuid7()), "actor": str(actor.id), "at": now.isoformat(), "on": str(today),
        "about": data.about, "named": rules.line(data.code_or_name), "text": text, "contact": contact,
        "language": data.language, "acknowledge_by": str(clock.acknowledge_by), "answer_by": str(clock.answer_by),
        "code": _sealed(data.code_or_name),
    }  # fmt: skip
    number = await record_words(given, secret, "\0".join((data.about, given["named"], text, contact)))
    return rules.code(number, secret)


async def record_words(given: dict[str, str], secret: str, words: str) -> str:
    """Complaint, first step and trail entry in one call; the number it was given."""
    (done,) = await fetch(
        "SELECT lodge_complaint($1::jsonb, $2, $3) AS said",
        json.dumps(given), sha256(secret.encode()), sha256(words.encode()), engine=PUBLIC_DB,
    )  # fmt: skip
    if done["said"] == "full":
        raise Busy("notices-too-many", retry_after=3600)
    if done["said"] == "other":
        raise Conflict("complaint-form-used")
    return str(done["said"])


@verb(Permission.COMPLAINTS_TELL, engine=PUBLIC_DB)
async def look(actor: Actor, now: datetime, typed: str) -> Told:
    """What a complainant's code opens. NotFound `complaint-unknown`, alike for a wrong code and one that never was."""
    number, secret = rules.read_code(typed)
    (row,) = await fetch(
        "SELECT complaint_told($1, $2) AS told", number, sha256(secret.encode()), engine=PUBLIC_DB
    )  # fmt: skip
    if row["told"] is None:
        raise NotFound("complaint-unknown")
    return msgspec.json.decode(row["told"], type=Told)


def _sealed(text: str) -> str:
    """The code of a seal as it is spelled here, or nothing where the words cannot be one."""
    try:
        return check(text)
    except Invalid:
        return ""


def _contact(text: str) -> str:
    try:
        return email(text) if text.strip() else ""
    except Invalid:
        raise Invalid("email-not-an-address", fields={"contact": "email-not-an-address"}) from None
