"""What the authority's desk page shows, put together: clocks and readiness, never content."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.authorities import places
from registry.authorities.directory import Directory, Record
from registry.core.context import Context
from registry.core.db import REPORTS_DB
from registry.core.i18n import N_, language
from registry.reports import gate, queries, rules
from registry.reports.gate import ENOUGH_TO_JUDGE, Standing
from registry.reports.rules import Blocked, Outcome, Progress, State
from registry.reports.schemas import Waiting

WAITING = frozenset({State.SEALED, State.NOTIFIED, State.FETCHED, State.OPENED})
OUTCOMES = {
    Outcome.CHILD_LOCATED_SAFE: N_("The child or adolescent was found and is well"),
    Outcome.CHILD_PROTECTED: N_("A measure of protection was taken"),
    Outcome.INVESTIGATION_OPENED: N_("An investigation was opened"),
    Outcome.JOINED_TO_EXISTING: N_("It joined an investigation already open"),
    Outcome.INSPECTION_DONE: N_("An inspection was made"),
    Outcome.REFERRED_ABROAD: N_("It was referred to another country"),
    Outcome.UNFOUNDED_GOOD_FAITH: N_("No grounds, reported in good faith"),
    Outcome.NOT_ENOUGH_INFORMATION: N_("Not enough information"),
    Outcome.NOT_COMPETENT_FORWARDED: N_("Not ours to deal with; it was passed on"),
    Outcome.FALSE_REPORT: N_("False report"),
    Outcome.NO_FEEDBACK_ALLOWED: N_("Nothing can be told"),
}
PROGRESS = {
    Progress.ACCEPTED: N_("Accepted; it is being worked on"),
    Progress.NEED_INFO: N_("More information is needed"),
    Progress.TRANSFERRED: N_("Passed on to another office"),
    Progress.NOT_COMPETENT: N_("Not ours to deal with"),
    Progress.DUPLICATE: N_("Known already from another report"),
}
BLOCKED = {
    Blocked.UNKNOWN_LOOKUP: N_("your case system refused a value: mend the agent's mapping"),
    Blocked.NOT_ALLOWED: N_("your case system did not let the agent in"),
    Blocked.MAPPING: N_("the agent's mapping does not fit your case system"),
    Blocked.UNREACHABLE: N_("your case system does not answer"),
    Blocked.NEWER_FORM: N_("your agent's program is older than the form: renew it"),
}
ACTED = rules.ACTED
COULD_NOT = tuple(o for o in rules.COULD_NOT if o in OUTCOMES)


class Line(msgspec.Struct, frozen=True):
    """One envelope on the page. `steps`: told, downloaded, opened, acknowledged."""

    envelope: Waiting
    number: str
    until: datetime
    left: timedelta
    share: float
    steps: tuple[bool, bool, bool, bool]

    @property
    def soon(self) -> bool:
        return self.left < timedelta(hours=4)


class Zone(msgspec.Struct, frozen=True):
    """A place the office answers for, and whether its form is open."""

    name: str
    open: bool
    reasons: tuple[gate.Reason, ...] = ()


REASONS = {
    gate.Reason.CANNOT_TELL: N_("the register cannot read its own records now"),
    gate.Reason.NO_DIRECTORY: N_("the signed directory is not in force"),
    gate.Reason.NO_AUTHORITY: N_("your office is not in the signed directory yet"),
    gate.Reason.KEY_ENDING: N_("the keys end within 14 days"),
    gate.Reason.KEY_REVOKED: N_("a key was revoked, and the directory still names it"),
    gate.Reason.NO_AGREEMENT: N_("the agreement is not in force"),
    gate.Reason.FEW_CONTACTS: N_("fewer than two contacts are confirmed"),
    gate.Reason.NO_DRILL: N_("no drill was passed in the last 30 days"),
    gate.Reason.DRILL_FAILED: N_("a drill was not answered in time"),
    gate.Reason.OVERDUE: N_("an envelope is past its time"),
    gate.Reason.SILENT: N_("an envelope ran out of time without a word, and no person has opened the form since"),
    gate.Reason.SLOW: N_("fewer than nine in ten were answered in time"),
    gate.Reason.NOBODY_BEHIND: N_("no second office stands behind yours"),
}


def number(which: UUID) -> str:
    """How an envelope is called at the desk: 7C41-0E9D."""
    text = str(which)[:8].upper()
    return f"{text[:4]}-{text[4:]}"


def line(found: Waiting, now: datetime) -> Line:
    whole = found.due_at - found.received_hour
    share = min(1.0, max(0.0, (now - found.received_hour) / whole)) if whole else 1.0
    steps = (found.notified_at is not None, found.fetched_at is not None, found.opened_at is not None,
             found.acknowledged_at is not None)  # fmt: skip
    return Line(found, number(found.id), found.due_at, found.due_at - now, share, steps)


async def desk(actor: Actor, now: datetime, context: Context) -> dict[str, Any]:
    """Everything on the page of the actor's own office."""
    office = queries.office(actor)
    facts = await queries.facts(context, now, REPORTS_DB)
    record = facts.directory.record(office) if facts.directory else None
    standing = facts.standing.get(office, Standing(office))
    return {
        "waiting": [line(found, now) for found in await queries.held(actor, WAITING)],
        "without_outcome": [line(found, now) for found in await queries.held(actor, frozenset({State.ACKNOWLEDGED}))],
        "closed": len(await queries.held(actor, frozenset({State.CLOSED}))),
        "zones": zones(record, now, facts),
        "record": record,
        "behind": [r.name(language()) for r in _chain(facts.directory, record)[1:]],
        "standing": standing,
        "judged": standing.due >= ENOUGH_TO_JUDGE,
        "next_drill": standing.drill_passed_at + gate.DRILL_AGE if standing.drill_passed_at else None,
        "outcomes": [(N_("Something was done"), [(o, OUTCOMES[o]) for o in ACTED]),
                     (N_("Nothing could be done"), [(o, OUTCOMES[o]) for o in COULD_NOT]),
                     (N_("Other"), [(Outcome.NO_FEEDBACK_ALLOWED, OUTCOMES[Outcome.NO_FEEDBACK_ALLOWED])])],
        "progress": PROGRESS, "blocked": BLOCKED, "reasons": REASONS, "zone": context.config.time_zone, "now": now,
    }  # fmt: skip


def zones(record: Record | None, now: datetime, facts: gate.Facts) -> list[Zone]:
    if record is None:
        return []
    found = []
    for place in record.competence.places:
        kind = next(iter(record.competence.premises), "")  # of an office for some kinds only, one of them
        opening = gate.availability(place, kind, now, facts)
        closed = opening.reasons if isinstance(opening, gate.Closed) else ()
        found.append(Zone(places.name(place), not closed, closed))
    return found


def _chain(directory: Directory | None, record: Record | None) -> tuple[Record, ...]:
    return directory.chain(record) if directory and record else (record,) if record else ()
