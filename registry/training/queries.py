"""Reading sessions, records and coverage. Coverage of many businesses costs as many statements as of one."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.clients import queries as clients
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.schemes import queries as schemes
from registry.schemes.schemas import Version
from registry.training import rules
from registry.training.rules import Coverage, Parameters, RecordFact, WorkerFact
from registry.training.schemas import Person, Present, SessionView

SCHEME = "sectt-code"
DAY = timedelta(days=1)
_NAMES = {Role.TRAINER, Role.AUDITOR}
"""Who reads workers' names besides the business itself; never its association (domain.md 4)."""


_of_version: dict[UUID, Parameters] = {}


def parameters(version: Version) -> Parameters:
    """What coverage takes from a scheme version; worked out once, because a version never changes."""
    if version.id not in _of_version:
        if len(_of_version) > 200:
            _of_version.clear()
        training = version.parameters.training
        _of_version[version.id] = Parameters(
            needs=tuple((module.id, frozenset(audience.kinds), frozenset(audience.posts))
                        for module in version.modules for audience in module.audience),
            critical_posts=frozenset(training.critical_posts),
            critical_shifts=frozenset(training.critical_shifts),
            starter_days=training.starter_days,
        )  # fmt: skip
    return _of_version[version.id]


# Coverage.


async def coverage(client_ids: Iterable[UUID], at: datetime, version: Version | None = None) -> dict[UUID, Coverage]:
    """Coverage of each business at an instant, by the modules of a version (else the one in force then).

    A constant number of statements, however many businesses. An unknown business is left out.
    """
    version = version or await schemes.current(SCHEME, at)
    wanted, found = parameters(version), await rosters(client_ids, at)
    warn = version.parameters.training.warn_days
    return {id: rules.coverage(one.workers, one.records, one.on, wanted, warn) for id, one in found.items()}


async def people(client_ids: Iterable[UUID], at: datetime, version: Version | None = None) -> dict[UUID, list[Person]]:
    """Everybody active in each business with what they lack, by name: only for those `names` lets read it."""
    version = version or await schemes.current(SCHEME, at)
    wanted = parameters(version)
    answer: dict[UUID, list[Person]] = {}
    for id, one in (await rosters(client_ids, at)).items():
        held: dict[UUID, list[RecordFact]] = {}
        for record in one.records:
            held.setdefault(record.worker, []).append(record)
        answer[id] = [
            Person(
                worker.id, id, one.names[worker.id], worker.post, worker.shift, worker.outsourced,
                rules.critical(worker, wanted), rules.needed(worker.kind, worker.post, wanted),
                rules.lacking(worker, held.get(worker.id, ()), one.on, wanted),
                rules.valid_until(worker, held.get(worker.id, ()), one.on, wanted), worker.started_on,
            )
            for worker in one.workers
            if rules.active(worker, one.on)
        ]  # fmt: skip
    return answer


class Roster(msgspec.Struct):
    """A business's people around a day, with their records: what coverage is worked out from. `on` is its local day."""

    zone: str
    on: date
    workers: list[WorkerFact]
    records: list[RecordFact]
    names: dict[UUID, str]


async def rosters(client_ids: Iterable[UUID], at: datetime) -> dict[UUID, Roster]:
    """Two statements, however many businesses."""
    ids, found = list(client_ids), dict[UUID, Roster]()
    # Local days differ from the UTC day by one at most; the rules look at the exact one.
    first, last = (at - DAY).date(), (at + DAY).date()
    workers = await fetch(
        "SELECT c.id AS client, c.zone, c.kind, w.id, w.name, w.post, w.shift, w.outsourced, w.started_on, w.left_on"
        " FROM client c LEFT JOIN worker w ON w.client = c.id"
        "  AND (w.started_on IS NULL OR w.started_on <= $3) AND (w.left_on IS NULL OR w.left_on > $2)"
        " WHERE c.id = ANY($1::uuid[]) ORDER BY w.post, lower(w.name), w.id",
        ids, first, last,
    )  # fmt: skip
    for row in workers:
        if (one := found.get(row["client"])) is None:
            one = found[row["client"]] = Roster(row["zone"], day_of(at, row["zone"]), [], [], {})
        if row["id"] is None:  # a business nobody works at yet
            continue
        one.names[row["id"]] = row["name"]
        one.workers.append(WorkerFact(row["id"], row["kind"], row["post"], row["shift"], row["outsourced"],
                                      row["started_on"], row["left_on"]))  # fmt: skip
    for row in await _records(ids, first, last):
        found[row["client"]].records.append(_fact(row))
    return found


def _fact(row: dict[str, Any]) -> RecordFact:
    return RecordFact(row["worker"], row["module"], row["passed_on"], row["expires_on"],
                      rules.Assurance(row["assurance"]), rules.Kind(row["kind"]))  # fmt: skip


async def _records(client_ids: list[UUID], first: date, last: date) -> list[dict[str, Any]]:
    """Records of these businesses' workers, wherever they earned them: a card and a name carry them along.

    Sad path: card numbers are an employer's word. Short ones repeat between employers, so they carry nothing.
    """
    return await fetch(
        "SELECT w.id AS worker, w.client, r.module, r.passed_on, r.expires_on, r.assurance, r.kind"
        " FROM worker w JOIN training_record r ON r.worker = w.id"
        " WHERE w.client = ANY($1::uuid[]) AND r.passed_on <= $3 AND r.expires_on >= $2"
        " UNION ALL"
        " SELECT w.id, w.client, r.module, r.passed_on, r.expires_on, r.assurance, r.kind"
        " FROM worker w JOIN worker o ON o.card_no = w.card_no AND o.id <> w.id AND lower(o.name) = lower(w.name)"
        " JOIN training_record r ON r.worker = o.id"
        " WHERE w.client = ANY($1::uuid[]) AND length(w.card_no) >= 5 AND r.passed_on <= $3 AND r.expires_on >= $2",
        client_ids, first, last,
    )  # fmt: skip


async def records(client_id: UUID) -> list[dict[str, Any]]:
    """Every record made in a business, the newest first, with names."""
    return await fetch(
        "SELECT r.*, w.name, w.post, s.facilitator_name, s.place FROM training_record r"
        " JOIN worker w ON w.id = r.worker JOIN training_session s ON s.id = r.session"
        " WHERE r.client = $1 ORDER BY r.passed_on DESC, lower(w.name)",
        client_id,
    )


async def trainers_of(client_ids: Iterable[UUID], since: datetime) -> dict[UUID, frozenset[UUID]]:
    """Accounts that trained each business since an instant: they may not evaluate, review or decide there (I3)."""
    rows = await fetch(
        "SELECT c AS client, s.facilitator FROM training_session s, unnest(s.clients) AS c"
        " WHERE s.clients && $1::uuid[] AND c = ANY($1::uuid[]) AND s.started_at >= $2 AND s.state <> 'cancelled'",
        list(client_ids), since,
    )  # fmt: skip
    found: dict[UUID, set[UUID]] = {}
    for row in rows:
        found.setdefault(row["client"], set()).add(row["facilitator"])
    return {client: frozenset(trainers) for client, trainers in found.items()}


async def payroll(on: Mapping[UUID, date]) -> dict[UUID, int]:
    """Active workers of each business on its own day."""
    rows = await fetch(
        "SELECT w.client, count(*)::int AS n FROM worker w JOIN unnest($1::uuid[], $2::date[]) AS t(client, day)"
        " ON t.client = w.client WHERE (w.started_on IS NULL OR w.started_on <= t.day)"
        " AND (w.left_on IS NULL OR w.left_on > t.day) GROUP BY w.client",
        list(on), list(on.values()),
    )  # fmt: skip
    return {row["client"]: row["n"] for row in rows}


# Who may see what.


def visible_to(actor: Actor) -> clients.Scope:
    """Businesses whose training an actor may see: as in the clients room, but a trainer of one house stays in it."""
    mine = actor.organisations(Role.TRAINER)
    if mine and actor.roles <= {Role.TRAINER, Role.REPRESENTATIVE, Role.ASSOCIATION_ADMIN, Role.INSPECTOR}:
        scope = clients.visible_to(actor)
        return clients.Scope(False, [*scope.associations, *mine], [*scope.clients, *mine])
    return clients.visible_to(actor)


async def trainable(actor: Actor, client_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these businesses whose people this actor may train."""
    scope = visible_to(actor)
    rows = await fetch(
        f"SELECT c.id FROM client c WHERE c.id = ANY($1::uuid[]) AND c.state = 'active' AND {scope.where(2)}",
        list(client_ids), *scope.args,
    )  # fmt: skip
    return {row["id"] for row in rows}


async def client(actor: Actor, client_id: UUID) -> dict[str, Any]:
    """A business whose training this actor may see, or NotFound."""
    scope = visible_to(actor)
    rows = await fetch(f"SELECT c.* FROM client c WHERE c.id = $1 AND {scope.where(2)}", client_id, *scope.args)
    if not rows or not actor.may(Permission.TRAINING_VIEW):
        raise NotFound("client-not-found")
    return rows[0]


def names(actor: Actor, client_id: UUID) -> bool:
    """Whether this actor reads workers' names: the business itself, trainers and auditors; never its association."""
    return bool(actor.roles & _NAMES) or client_id in actor.organisations(Role.REPRESENTATIVE)


async def search(actor: Actor, words: str, limit: int = 25) -> list[dict[str, Any]]:
    """Active businesses this actor may train, by a word of their name or place."""
    scope = visible_to(actor)
    return await fetch(
        "SELECT c.id, c.name, c.canton, c.kind, a.name AS association FROM client c"
        " LEFT JOIN association a ON a.id = c.association"
        f" WHERE c.state = 'active' AND {scope.where(3)} AND ($1 = '' OR c.folded LIKE '%' || $1 || '%')"
        " ORDER BY lower(c.name), c.id LIMIT $2",
        words, limit, *scope.args,
    )  # fmt: skip


# Sessions.

_SESSION = (
    "SELECT s.*, (SELECT count(*)::int FROM attendance a WHERE a.session = s.id AND a.present) AS people,"
    " (SELECT count(DISTINCT r.worker)::int FROM training_record r WHERE r.session = s.id) AS passed"
    " FROM training_session s"
)


def _session(row: dict[str, Any]) -> SessionView:
    kept = {name: row[name] for name in SessionView.__struct_fields__ if name != "signals"}
    return msgspec.convert(kept | {"signals": msgspec.json.decode(row["signals"])}, SessionView)


async def session(actor: Actor, session_id: UUID) -> SessionView:
    """A session its facilitator may work on; an officer may read it. Anybody else: not found."""
    rows = await fetch(f"{_SESSION} WHERE s.id = $1", session_id)
    if rows and (rows[0]["facilitator"] == actor.id or Role.OFFICER in actor.roles):
        return _session(rows[0])
    raise NotFound("training-session-not-found")


async def sessions(actor: Actor, limit: int = 100) -> list[SessionView]:
    """The facilitator's own sessions: the open ones first, then the latest."""
    rows = await fetch(
        f"{_SESSION} WHERE s.facilitator = $1 ORDER BY (s.state <> 'open'), s.started_at DESC LIMIT $2", actor.id, limit
    )
    return [_session(row) for row in rows]


async def flagged(limit: int = 100) -> list[SessionView]:
    """Closed sessions in which something stands out, the latest first: for the officer to look at."""
    rows = await fetch(
        f"{_SESSION} WHERE s.state = 'closed' AND s.signals <> '[]'::jsonb ORDER BY s.started_at DESC LIMIT $1", limit
    )
    return [_session(row) for row in rows]


async def open_count(actor: Actor, now: datetime) -> int:
    """Sessions that wait for this facilitator to close them."""
    rows = await fetch(
        "SELECT count(*)::int AS n FROM training_session WHERE facilitator = $1 AND state = 'open'", actor.id
    )
    return int(rows[0]["n"])


async def roster(session: SessionView, at: datetime) -> list[Present]:
    """Everybody who may be in a session, business by business, with what is already written of them."""
    version = await schemes.version(session.scheme_version)
    everybody = await people(session.clients, at, version)
    written = {row["worker"]: row for row in await fetch(
        "SELECT a.*, w.name, w.post, w.shift, w.outsourced FROM attendance a JOIN worker w ON w.id = a.worker"
        " WHERE a.session = $1 AND a.present", session.id)}  # fmt: skip
    facts = await fetch("SELECT w.id, w.card_no, c.name AS client_name FROM worker w JOIN client c ON c.id = w.client"
                        " WHERE w.client = ANY($1::uuid[])", session.clients)  # fmt: skip
    about = {row["id"]: row for row in facts}
    lines = []
    for person in (one for client_id in session.clients for one in everybody.get(client_id, [])):
        row, fact = written.get(person.worker), about[person.worker]
        lines.append(
            Present(
                person.worker, person.name, person.client, fact["client_name"], person.post, person.shift,
                fact["card_no"], tuple(module for module in session.modules if module in person.needs),
                tuple(module for module in session.modules if module in person.lacks),
                row is not None, row["score"] if row else None, bool(row and row["must_pass"]),
                bool(row and row["assisted"]),
            )
        )  # fmt: skip
    # Who has to learn something comes first, then who may; business by business.
    order = {client: place for place, client in enumerate(session.clients)}
    return sorted(lines, key=lambda one: (order[one.client], not one.lacks, not one.needs))
