"""Who is asking, and which people one may see."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.accounts import rules
from registry.accounts.rules import AccountState, Stage
from registry.accounts.tables import Account, Invitation
from registry.core import crypto
from registry.core.db import execute, fetch
from registry.core.errors import NotFound

ORGANISATION_NAMES: list[Callable[[list[UUID]], Awaitable[dict[UUID, str]]]] = []
"""Filled by the rooms that know organisations (clients, authorities): names by id."""

PAGE = 50
SHOWN_AFTER = timedelta(days=90)
"""How long an invitation that ran out is still shown."""


class Visitor(msgspec.Struct, frozen=True):
    """A browser that proved both halves."""

    actor: Actor
    token_sha256: bytes
    codes_kept: bool


class RoleRow(msgspec.Struct, frozen=True):
    id: UUID
    role: Role
    organisation: UUID | None
    since: datetime
    may_end: bool


class PersonRow(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    email: str
    locked: bool
    seen_at: datetime | None
    roles: list[RoleRow]


class InvitationRow(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    email: str
    role: Role
    organisation: UUID | None
    invited_at: datetime
    expires_at: datetime
    expired: bool


class Office(msgspec.Struct, frozen=True):
    """The people of one organisation in one role, and those who are invited."""

    people: list[PersonRow]
    invited: list[InvitationRow]


async def actor_of(account_id: UUID) -> Actor:
    """The person of an account as an actor, with the roles held now. Raises NotFound."""
    account = await Account.objects().get((Account.id == account_id) & (Account.state == AccountState.ACTIVE))
    if account is None:
        raise NotFound("account-not-found")
    rows = await fetch("SELECT role, organisation FROM role_held WHERE account = $1 AND ended_at IS NULL", account_id)
    return _actor(account_id, account.name, account.language, [(r["role"], r["organisation"]) for r in rows])


async def account_by_email(email: str) -> UUID | None:
    """For commands and tests: whose address this is."""
    rows = await fetch("SELECT id FROM account WHERE email = $1", email.strip().lower())
    return rows[0]["id"] if rows else None


def _actor(id: UUID, name: str, language: str, held: list[tuple[str, UUID | None]]) -> Actor:
    roles = [(Role(role), organisation) for role, organisation in held]
    return Actor(
        id=id, name=name, language=language, roles=frozenset(role for role, _ in roles),
        scopes=frozenset((role, where) for role, where in roles if where is not None),
    )  # fmt: skip


async def visitor(token: str, now: datetime) -> Visitor | None:
    """Who this session's token stands for; None when it is over, half, or never was.

    One query, and at most once a minute one write.
    """
    hashed = crypto.sha256(token.encode())
    rows = await fetch(
        "SELECT s.created_at, s.last_seen_at, a.id, a.name, a.language, a.codes_kept_at, r.role, r.organisation"
        " FROM desk_session s JOIN account a ON a.id = s.account"
        " LEFT JOIN role_held r ON r.account = a.id AND r.ended_at IS NULL"
        " WHERE s.token_sha256 = $1 AND s.stage = 'full' AND s.ended_at IS NULL AND a.state = 'active'",
        hashed,
    )
    if not rows or not rules.session_lives(Stage.FULL, rows[0]["created_at"], rows[0]["last_seen_at"], now):
        return None
    first = rows[0]
    if now - first["last_seen_at"] >= rules.SEEN_EVERY:
        await execute("UPDATE desk_session SET last_seen_at = $2 WHERE token_sha256 = $1", hashed, now)
    held = [(row["role"], row["organisation"]) for row in rows if row["role"]]
    actor = _actor(first["id"], first["name"], first["language"], held)
    return Visitor(actor, hashed, first["codes_kept_at"] is not None)


def visible_to(actor: Actor, first: int, giver: str = "given_by") -> tuple[str, list[object]]:
    """Which rows (r) of role_held or invitation an actor may see, as SQL whose arguments begin at $first.

    An association sees its own people and those it invited for its members; who manages accounts sees everybody.
    """
    if actor.may(Permission.ACCOUNTS_MANAGE):
        return "TRUE", []
    mine = list(actor.organisations(Role.ASSOCIATION_ADMIN))
    return (
        f"(r.organisation = ANY(${first}::uuid[]) OR r.by_organisation = ANY(${first}::uuid[])"
        f" OR r.{giver} = ${first + 1})",
        [mine, actor.id],
    )


async def people(actor: Actor, q: str = "", after: str = "") -> tuple[list[PersonRow], str]:
    """A page of people by name, with the roles one may see; and where the next page begins ("" for the last)."""
    visible, arguments = visible_to(actor, 4)
    rows = await fetch(
        "SELECT a.id, a.name, a.email, a.state, lower(a.name) || ' ' || a.id AS place FROM account a"
        f" WHERE EXISTS (SELECT 1 FROM role_held r WHERE r.account = a.id AND r.ended_at IS NULL AND {visible})"
        " AND ($1 = '' OR a.name ILIKE $1 OR a.email ILIKE $1) AND lower(a.name) || ' ' || a.id > $2"
        " ORDER BY place LIMIT $3",
        f"%{_literal(q)}%" if q else "", after, PAGE + 1, *arguments,
    )  # fmt: skip
    shown = rows[:PAGE]
    ids = [row["id"] for row in shown]
    roles, seen = await _roles(actor, ids), await _seen(ids)
    found = [
        PersonRow(row["id"], row["name"], row["email"], row["state"] == AccountState.LOCKED, seen.get(row["id"]),
                  roles.get(row["id"], []))
        for row in shown
    ]  # fmt: skip
    return found, shown[-1]["place"] if len(rows) > PAGE else ""


async def _seen(ids: list[UUID]) -> dict[UUID, datetime]:
    rows = await fetch(
        "SELECT account, max(last_seen_at) AS seen FROM desk_session WHERE account = ANY($1::uuid[])"
        " AND stage = 'full' GROUP BY account",
        ids,
    )
    return {row["account"]: row["seen"] for row in rows}


async def _roles(actor: Actor, ids: list[UUID]) -> dict[UUID, list[RoleRow]]:
    visible, arguments = visible_to(actor, 2)
    rows = await fetch(
        "SELECT r.id, r.account, r.role, r.organisation, r.given_at FROM role_held r"
        f" WHERE r.account = ANY($1::uuid[]) AND r.ended_at IS NULL AND {visible} ORDER BY r.given_at",
        ids,
        *arguments,
    )
    held = held_by(actor)
    found: dict[UUID, list[RoleRow]] = {}
    for row in rows:
        role = Role(row["role"])
        may_end = row["account"] != actor.id and rules.may_give(held, role, row["organisation"])
        one = RoleRow(row["id"], role, row["organisation"], row["given_at"], may_end)
        found.setdefault(row["account"], []).append(one)
    return found


def held_by(actor: Actor) -> list[tuple[Role, UUID | None]]:
    """Each role held, with its organisation where it has one."""
    scoped = {role for role, _ in actor.scopes}
    return [(role, None) for role in actor.roles - scoped] + list(actor.scopes)


async def invitations(actor: Actor, now: datetime) -> list[InvitationRow]:
    """Those that wait for an answer, and those that waited too long in the last quarter."""
    visible, arguments = visible_to(actor, 2, "invited_by")
    rows = await fetch(
        "SELECT r.* FROM invitation r WHERE r.accepted_at IS NULL AND r.ended_at IS NULL"
        f" AND r.expires_at > $1 AND {visible} ORDER BY r.invited_at DESC LIMIT 200",
        now - SHOWN_AFTER,
        *arguments,
    )
    return [_invitation(row, now) for row in rows]


def _invitation(row: dict[str, Any], now: datetime) -> InvitationRow:
    return InvitationRow(
        row["id"], row["name"], row["email"], Role(row["role"]), row["organisation"], row["invited_at"],
        row["expires_at"], row["expires_at"] <= now,
    )  # fmt: skip


async def office(actor: Actor, now: datetime, role: Role, organisation: UUID) -> Office:
    """Who holds a role for one organisation and who is invited to, for whoever may give it; nobody for others."""
    if not rules.may_give(held_by(actor), role, organisation):
        return Office([], [])
    held = await fetch(
        "SELECT r.id AS role_id, r.account, r.given_at, a.id, a.name, a.email, a.state FROM role_held r"
        " JOIN account a ON a.id = r.account WHERE r.role = $1 AND r.organisation = $2 AND r.ended_at IS NULL"
        " ORDER BY lower(a.name), a.id",
        str(role),
        organisation,
    )
    seen = await _seen([row["id"] for row in held])
    people = [
        PersonRow(row["id"], row["name"], row["email"], row["state"] == AccountState.LOCKED, seen.get(row["id"]),
                  [RoleRow(row["role_id"], role, organisation, row["given_at"], row["id"] != actor.id)])
        for row in held
    ]  # fmt: skip
    rows = await fetch(
        "SELECT r.* FROM invitation r WHERE r.role = $1 AND r.organisation = $2 AND r.accepted_at IS NULL"
        " AND r.ended_at IS NULL AND r.renews IS NULL AND r.expires_at > $3 ORDER BY r.invited_at DESC LIMIT 200",
        str(role),
        organisation,
        now - SHOWN_AFTER,
    )
    return Office(people, [_invitation(row, now) for row in rows])


async def waiting(actor: Actor, now: datetime) -> int:
    """Invitations that ran out unanswered: somebody must send them again or take them back."""
    visible, arguments = visible_to(actor, 3, "invited_by")
    rows = await fetch(
        "SELECT count(*) AS n FROM invitation r WHERE r.accepted_at IS NULL AND r.ended_at IS NULL"
        f" AND r.expires_at <= $1 AND r.expires_at > $2 AND {visible}",
        now,
        now - SHOWN_AFTER,
        *arguments,
    )
    return int(rows[0]["n"])


async def invitation_by_token(token: str) -> Invitation | None:
    return await Invitation.objects().get(Invitation.token_sha256 == crypto.sha256(token.encode()))


async def codes_left(account_id: UUID) -> int:
    rows = await fetch("SELECT count(*) AS n FROM recovery_code WHERE account = $1 AND used_at IS NULL", account_id)
    return int(rows[0]["n"])


async def names(organisations: list[UUID]) -> dict[UUID, str]:
    """What the organisations are called, as far as the rooms above tell."""
    found: dict[UUID, str] = {}
    for ask in ORGANISATION_NAMES if organisations else ():
        found |= await ask(organisations)
    return found


async def called(people: Iterable[UUID]) -> dict[UUID, str]:
    """Names of accounts; ids that are none are left out."""
    rows = await fetch("SELECT id, name FROM account WHERE id = ANY($1::uuid[])", list(people))
    return {row["id"]: row["name"] for row in rows}


async def house(actor: Actor) -> str:
    """The organisation to show beside a person's name: the only one, or none."""
    organisations = list({organisation for _, organisation in actor.scopes})
    if len(organisations) != 1:
        return ""
    return (await names(organisations)).get(organisations[0], "")


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")[:100]
