"""Reads: dossiers, the accepted directory, hotlines. Who manages authorities sees all of them; nobody else any."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.authorities import hotlines, rules
from registry.authorities.directory import Competence, Directory, Seen, Signed, Terms, digest, read
from registry.authorities.root import Root
from registry.config import Config
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.seals import publication
from registry.seals.publication import Press

DIRECTORY_KEY = "authorities/directory.json"
HOTLINES_KEY = "hotlines.json"
ROOT_FILE = "authority-root.pub"


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
    return [await _dossier(row, now) for row in rows]


async def dossier(actor: Actor, authority: UUID, now: datetime) -> rules.Dossier:
    """One authority."""
    rows = await fetch("SELECT * FROM authority WHERE id = $1", authority)
    if not rows or not visible_to(actor):
        raise NotFound("authority-not-found")
    return await _dossier(rows[0], now)


async def _dossier(row: dict[str, Any], now: datetime) -> rules.Dossier:
    mine = row["id"]
    places = await fetch("SELECT place, premises FROM authority_competence WHERE authority = $1 ORDER BY place", mine)
    keys = await fetch("SELECT * FROM authority_key WHERE authority = $1 ORDER BY recorded_at, id", mine)
    agreed = await fetch(
        "SELECT * FROM authority_agreement WHERE authority = $1 AND valid_from <= $2 AND $2 < valid_until"
        " ORDER BY signed_on DESC LIMIT 1",
        mine,
        now.date(),
    )
    (contacts,) = await fetch(
        "SELECT count(*) FROM authority_contact WHERE authority = $1 AND confirmed_at IS NOT NULL", mine
    )
    premises = sorted({kind for p in places for kind in p["premises"]})
    return rules.Dossier(
        mine,
        json.loads(row["names"]),
        rules.Kind(row["kind"]),
        tuple(row["languages"]),
        row["always_open"],
        row["behind"],
        Competence(tuple(p["place"] for p in places), tuple(premises)),
        tuple(rules.Key(rules.Use(k["use"]), k["public"], k["holder"], k["proven_at"], k["revoked_at"]) for k in keys),
        _agreed(agreed[0]) if agreed else None,
        contacts["count"],
    )


def _agreed(row: dict[str, Any]) -> rules.Agreed:
    terms = Terms(row["acknowledge_hours"], row["urgent_hours"], row["outcome_days"])
    return rules.Agreed(row["reference"], terms, row["valid_from"], row["valid_until"])


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


async def lines() -> tuple[hotlines.Hotline, ...]:
    """Every hotline that is not retired."""
    rows = await fetch("SELECT * FROM hotline WHERE retired_at IS NULL ORDER BY country, place, kind, id")
    return tuple(_line(row) for row in rows)


def _line(row: dict[str, Any]) -> hotlines.Hotline:
    own = {f.name: row[f.name] for f in msgspec.structs.fields(hotlines.Hotline)}
    return msgspec.convert(
        own | {"names": json.loads(row["names"]), "hours": json.loads(row["hours"])}, hotlines.Hotline
    )


async def published_lines(context: Context) -> tuple[hotlines.Hotline, ...]:
    """The hotlines that the newest manifest answers for; none when it names none, or when they are not the ones."""
    data = await publication.answered_for(Press.of(context), lambda manifest: manifest.hotlines)
    return hotlines.decode(data).hotlines if data is not None else ()
