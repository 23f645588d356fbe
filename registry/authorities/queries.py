"""Reads: dossiers, the accepted directory, hotlines. Who manages authorities sees all of them; nobody else any."""

import json
from collections import defaultdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.accounts import queries as people
from registry.authorities import hotlines, rules
from registry.authorities.directory import Competence, Directory, Offence, Seen, Signed, Terms, digest, read
from registry.authorities.hours import Hours
from registry.authorities.root import Root
from registry.config import Config
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.i18n import language
from registry.seals import publication
from registry.seals.publication import Press

DIRECTORY_KEY = "authorities/directory.json"
HOTLINES_KEY = "hotlines.json"
ROOT_FILE = "authority-root.pub"


class Contact(msgspec.Struct, frozen=True):
    """One contact of an authority; it counts once somebody answered there. Its duty number is rung once it was read
    back."""

    id: UUID
    post: str
    email: str
    phone: str
    confirmed_at: datetime | None
    number_confirmed_at: datetime | None


class Drilled(msgspec.Struct, frozen=True):
    """A drill that is over."""

    sent_at: datetime
    due_at: datetime
    passed_at: datetime | None

    @property
    def passed(self) -> bool:
        return self.passed_at is not None and self.passed_at <= self.due_at

    @property
    def minutes(self) -> int | None:
        return max(1, round((self.passed_at - self.sent_at).total_seconds() / 60)) if self.passed_at else None


class Kept(msgspec.Struct, frozen=True):
    """A hotline with what is not published of it."""

    line: hotlines.Hotline
    owner_email: str
    asked_on: date | None


def visible_to(actor: Actor) -> bool:
    """Whether this actor may see authorities' dossiers at all."""
    return actor.may(Permission.AUTHORITIES_MANAGE)


def root(config: Config) -> Root:
    """The pinned custodians; none means that no directory is ever accepted. Invalid `root-not-readable`."""
    path = config.data / ROOT_FILE
    return Root.parse(config.authority_root or (path.read_text() if path.exists() else ""))


async def dossiers(actor: Actor, now: datetime) -> list[rules.Dossier]:
    """Every authority with what is known of it, oldest first."""
    if not visible_to(actor):
        raise NotFound("authority-not-found")
    rows = await fetch("SELECT * FROM authority ORDER BY created_at, id")
    return await _dossiers(rows, now)


async def dossier(actor: Actor, authority: UUID, now: datetime) -> rules.Dossier:
    """One authority."""
    rows = await fetch("SELECT * FROM authority WHERE id = $1", authority)
    if not rows or not visible_to(actor):
        raise NotFound("authority-not-found")
    return (await _dossiers(rows, now))[0]


async def _dossiers(rows: list[dict[str, Any]], now: datetime) -> list[rules.Dossier]:
    """With four questions, however many they are."""
    ids = [row["id"] for row in rows]
    places = await _by_authority("SELECT * FROM authority_competence WHERE authority = ANY($1) ORDER BY place", ids)
    keys = await _by_authority("SELECT * FROM authority_key WHERE authority = ANY($1) ORDER BY recorded_at, id", ids)
    agreed = await _by_authority(
        "SELECT * FROM authority_agreement WHERE authority = ANY($1) AND valid_from <= $2 AND $2 < valid_until"
        " ORDER BY signed_on DESC, id DESC",
        ids,
        now.date(),
    )
    contacts = await _by_authority(
        "SELECT authority, id FROM authority_contact WHERE authority = ANY($1) AND confirmed_at IS NOT NULL", ids
    )
    return [
        _dossier(row, places[row["id"]], keys[row["id"]], agreed[row["id"]], len(contacts[row["id"]])) for row in rows
    ]


async def _by_authority(sql: str, ids: list[UUID], *more: Any) -> defaultdict[UUID, list[dict[str, Any]]]:
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in await fetch(sql, ids, *more):
        found[row["authority"]].append(row)
    return found


def _dossier(
    row: dict[str, Any],
    places: list[dict[str, Any]],
    keys: list[dict[str, Any]],
    agreed: list[dict[str, Any]],
    contacts: int,
) -> rules.Dossier:
    premises = sorted({kind for p in places for kind in p["premises"]})
    return rules.Dossier(
        row["id"],
        json.loads(row["names"]),
        rules.Kind(row["kind"]),
        tuple(row["languages"]),
        row["always_open"],
        row["behind"],
        Competence(tuple(p["place"] for p in places), tuple(premises)),
        tuple(_key(key) for key in keys),
        _agreed(agreed[0]) if agreed else None,
        contacts,
        tuple(Offence(o) for o in row["offences"]),
        row["abroad"],
        msgspec.json.decode(row["hours"], type=Hours) if row["hours"] else None,
        row["timezone"],
        row["country"],
    )


def _key(row: dict[str, Any]) -> rules.Key:
    return rules.Key(
        rules.Use(row["use"]),
        row["public"],
        row["holder"],
        row["proven_at"],
        row["revoked_at"],
        row["read_back_at"],
        row["read_back_over"],
        row["id"],
        row["task"],
    )


async def contacts(actor: Actor, authority: UUID) -> list[Contact]:
    """Where an authority is told that something waits, as it is now."""
    if not visible_to(actor):
        raise NotFound("authority-not-found")
    rows = await fetch(
        "SELECT id, post, email, phone, confirmed_at, number_confirmed_at FROM authority_contact WHERE authority = $1"
        " AND ended_at IS NULL ORDER BY post, id",
        authority,
    )
    return [msgspec.convert(row, Contact) for row in rows]


async def reached(authority: UUID | None) -> list[tuple[UUID, str, str]]:
    """Where an office reads what we write: contact, language and address of each that was confirmed."""
    rows = await fetch(
        "SELECT c.id, coalesce(a.languages[1], 'es') AS language, c.email FROM authority_contact c JOIN authority a"
        " ON a.id = c.authority WHERE a.id = $1 AND c.confirmed_at IS NOT NULL AND c.ended_at IS NULL ORDER BY c.id",
        authority,
    )
    return [(row["id"], row["language"], row["email"]) for row in rows]


async def drills(actor: Actor, authority: UUID, now: datetime) -> list[Drilled]:
    """When it was drilled and whether it answered; one that is on its way is not told, or it would be no drill."""
    if not visible_to(actor):
        raise NotFound("authority-not-found")
    rows = await fetch("SELECT * FROM authority_drills($1, $2)", authority, now)
    return [Drilled(row["sent_at"], row["due_at"], row["passed_at"]) for row in rows]


async def endings(now: datetime) -> list[rules.Ending]:
    """What ends by itself: the directory that is served, its records, and the agreements behind them."""
    last = await loaded()
    rows = await fetch("SELECT * FROM authority ORDER BY created_at, id")
    return rules.endings(last[0] if last else None, await _dossiers(rows, now))


async def warned() -> set[str]:
    """Which warnings were sent."""
    return {row["key"] for row in await fetch("SELECT key FROM authority_warned")}


async def officers() -> list[dict[str, str]]:
    """Who keeps authorities: name, address, language."""
    return await fetch(
        "SELECT DISTINCT a.id::text AS id, a.name, a.email, a.language FROM account a JOIN role_held h"
        " ON h.account = a.id AND h.ended_at IS NULL AND h.role = $1 WHERE a.state = 'active' ORDER BY a.name",
        str(Role.OFFICER),
    )


def _agreed(row: dict[str, Any]) -> rules.Agreed:
    terms = Terms(row["acknowledge_hours"], row["urgent_hours"], row["outcome_days"])
    return rules.Agreed(row["reference"], terms, row["valid_from"], row["valid_until"], row["attachments"])


async def loaded() -> tuple[Directory | None, Seen, bytes] | None:
    """The newest directory that was loaded (None in a format we no longer read), what to remember of it, its file."""
    rows = await fetch("SELECT version, digest, document FROM authority_directory ORDER BY version DESC LIMIT 1")
    if not rows:
        return None
    document = rows[0]["document"].encode()
    try:
        directory = read(document).directory
    except Invalid:
        directory = None
    return directory, Seen(rows[0]["version"], rows[0]["digest"]), document


async def next_directory(actor: Actor, now: datetime) -> bytes:
    """The next directory, not signed yet, to be carried to where the custodians' keys are. Only ready authorities."""
    last = await loaded()
    before = {r.authority: digest(r) for r in last[0].records} if last and last[0] else {}
    found = await dossiers(actor, now)
    ready = [rules.record(d, now.date(), before.get(d.id, "")) for d in found if not rules.lacks(d, now.date())]
    if not ready:
        raise Conflict("directory-empty")
    return msgspec.json.encode(Signed(rules.following(last[1] if last else None, ready, now)))


async def called(ids: list[UUID]) -> dict[UUID, str]:
    """Names of authorities, for whoever shows which organisation a role is held for."""
    rows = await fetch("SELECT id, names FROM authority WHERE id = ANY($1::uuid[])", ids)
    names = {row["id"]: json.loads(row["names"]) for row in rows}
    return {which: said.get(language()) or said.get("es") or next(iter(said.values())) for which, said in names.items()}


async def lines() -> tuple[hotlines.Hotline, ...]:
    """Every hotline that is not retired."""
    return tuple(kept.line for kept in await kept_lines())


async def kept_lines() -> list[Kept]:
    """The same with where each line's owner is asked, and when last."""
    rows = await fetch("SELECT * FROM hotline WHERE retired_at IS NULL ORDER BY country, place, kind, id")
    return [Kept(_line(row), row["owner_email"], row["asked_on"]) for row in rows]


async def to_ring(actor: Actor, now: datetime) -> int:
    """How many lines wait to be rung again; what the rail shows."""
    return sum(hotlines.aged(kept.line, now.date()) for kept in await kept_lines()) if visible_to(actor) else 0


def _line(row: dict[str, Any]) -> hotlines.Hotline:
    own = {f.name: row[f.name] for f in msgspec.structs.fields(hotlines.Hotline)}
    return msgspec.convert(
        own | {"names": json.loads(row["names"]), "hours": json.loads(row["hours"])}, hotlines.Hotline
    )


async def published_lines(context: Context) -> tuple[hotlines.Hotline, ...]:
    """The hotlines that the newest manifest answers for; none when it names none, or when they are not the ones."""
    data = await publication.answered_for(Press.of(context), lambda manifest: manifest.hotlines)
    return hotlines.decode(data).hotlines if data is not None else ()


people.ORGANISATION_NAMES.append(called)
