"""Forms as a browser sends them: every field is text, so that whatever was typed comes back with its sentence.

`parsed` turns one into what a verb takes; shape is checked there, meaning in rules.py.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

import msgspec

from registry.certification.facts import Kind
from registry.certification.impartiality import Bond
from registry.certification.rules import Decision, Method, Recommendation
from registry.certification.sampling import Risk
from registry.certification.schemas import Apply, Decide, DeclareTie, InternalCheck, Plan, Review
from registry.core.errors import Invalid

T = TypeVar("T")


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act that needs nothing but its reason."""

    once: UUID | None = None
    reason: str = ""


class ApplicationForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accept, return or decline."""

    once: UUID | None = None
    act: str = ""
    reason: str = ""


class ApplyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ticks of the units to apply for."""

    once: UUID | None = None
    client: str = ""
    association: str = ""
    unit_ids: list[str] | str = ""


class PlanForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Team, day, method and risk."""

    once: UUID | None = None
    team: list[str] | str = ""
    lead: str = ""
    method: str = "on_site"
    visit_on: str = ""
    risk: str = "low"


class ChecksForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One result and one day for all units ticked."""

    once: UUID | None = None
    unit_ids: list[str] | str = ""
    passed: str = ""
    checked_on: str = ""
    notes: str = ""


class ReviewForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A recommendation with its notes."""

    once: UUID | None = None
    recommendation: str = ""
    notes: str = ""


class DecideForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision with its reason."""

    once: UUID | None = None
    decision: str = ""
    reason: str = ""


class ChangeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Suspend, reinstate or withdraw: everything, or the units ticked."""

    once: UUID | None = None
    act: str = ""
    reason: str = ""
    whole: str = ""
    unit_ids: list[str] | str = ""


class TieForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tie to declare."""

    once: UUID | None = None
    organisation: str = ""
    bond: str = ""
    since: str = ""
    until: str = ""
    source: str = ""


def ids(given: list[str] | str, field: str, code: str) -> tuple[UUID, ...]:
    """The ids ticked, in a form that may tick none, one or many."""
    ticked = [given] if isinstance(given, str) else given
    return tuple(_one(UUID, one, field, code) for one in ticked if one)


def a_day(given: str, field: str) -> date | None:
    """A day as a date field sends it, or None when it was left empty."""
    return _one(date.fromisoformat, given.strip(), field, "day-shape") if given.strip() else None


def apply(form: ApplyForm, scheme_version: UUID) -> Apply:
    """What `service.apply` takes."""
    units = ids(form.unit_ids, "unit_ids", "units-missing")
    if form.association:
        association = _one(UUID, form.association, "association", "units-missing")
        return Apply(kind=Kind.GROUP, association_id=association, scheme_version=scheme_version, unit_ids=units)
    client = _one(UUID, form.client, "client", "units-missing")
    return Apply(client_id=client, scheme_version=scheme_version, unit_ids=units)


def plan(form: PlanForm) -> Plan:
    """What `service.plan` takes. Whoever is alone on a team leads it."""
    team = ids(form.team, "team", "team-missing")
    if not team:
        raise Invalid("team-missing", fields={"team": "team-missing"})
    lead = _one(UUID, form.lead, "lead", "lead-not-on-team") if form.lead or len(team) > 1 else team[0]
    visit_on = a_day(form.visit_on, "visit_on")
    if visit_on is None:
        raise Invalid("day-missing", fields={"visit_on": "day-missing"})
    method = _one(Method, form.method, "method", "choose-one")
    return Plan(
        team=team, lead=lead, method=method, visit_on=visit_on, risk=_one(Risk, form.risk, "risk", "choose-one")
    )


def checks(form: ChecksForm) -> dict[UUID, InternalCheck]:
    """What `service.check_units` takes: the same result for every unit ticked."""
    units = ids(form.unit_ids, "unit_ids", "units-missing")
    if not units:
        raise Invalid("units-missing", fields={"unit_ids": "units-missing"})
    if form.passed not in ("yes", "no"):
        raise Invalid("choose-one", fields={"passed": "choose-one"})
    check = InternalCheck(
        passed=form.passed == "yes", notes=form.notes, checked_on=a_day(form.checked_on, "checked_on")
    )
    return dict.fromkeys(units, check)


def review(form: ReviewForm) -> Review:
    """What `service.review` takes."""
    advice = _one(Recommendation, form.recommendation, "recommendation", "choose-one")
    return Review(recommendation=advice, notes=form.notes)


def decide(form: DecideForm) -> Decide:
    """What `service.decide` takes."""
    return Decide(decision=_one(Decision, form.decision, "decision", "choose-one"), reason=form.reason)


def tie(form: TieForm) -> DeclareTie:
    """What `service.declare_tie` takes."""
    since = a_day(form.since, "since")
    if since is None:
        raise Invalid("day-missing", fields={"since": "day-missing"})
    return DeclareTie(
        organisation=_one(UUID, form.organisation, "organisation", "choose-one"),
        bond=_one(Bond, form.bond, "bond", "choose-one"),
        since=since,
        until=a_day(form.until, "until"),
        source=form.source,
    )


def _one(shape: Callable[[str], T], given: str, field: str, code: str) -> T:
    try:
        return shape(given)
    except ValueError:
        raise Invalid(code, fields={field: code}) from None
