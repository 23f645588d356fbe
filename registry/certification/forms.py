"""Forms as a browser sends them: every field is text, so that whatever was typed comes back with its sentence.

`parsed` turns one into what a verb takes; shape is checked there, meaning in rules.py.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

import msgspec

from registry.certification.competence import Competence
from registry.certification.facts import Kind
from registry.certification.guards import Cause
from registry.certification.impartiality import Bond
from registry.certification.rules import Act, Decision, Method, Recommendation
from registry.certification.sampling import Occasion, Risk
from registry.certification.schemas import Apply, Decide, DeclareTie, InternalCheck, Plan, Propose, Review
from registry.certification.screening import Point, Screening
from registry.clients.rules import ClientKind
from registry.core.errors import Invalid

T = TypeVar("T")


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act that needs nothing but its reason."""

    once: UUID | None = None
    reason: str = ""


class CauseForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a cause is gone, of the certificate or of the units ticked."""

    once: UUID | None = None
    reason: str = ""
    unit_ids: list[str] | str = ""


class ApplicationForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accept, point by point and with the class of risk; return or decline."""

    once: UUID | None = None
    act: str = ""
    reason: str = ""
    checked: list[str] | str = ""
    risk: str = "low"
    factors: str = ""


class ObjectionForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ticks of the people of the team it is about."""

    once: UUID | None = None
    persons: list[str] | str = ""
    reason: str = ""


class AnswerForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keep the team or change it."""

    once: UUID | None = None
    team: str = ""
    reason: str = ""


class ApplyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ticks of the units to apply for."""

    once: UUID | None = None
    client: str = ""
    association: str = ""
    renewal: str = ""
    unit_ids: list[str] | str = ""


class PlanForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Team, day, method and risk."""

    once: UUID | None = None
    team: list[str] | str = ""
    lead: str = ""
    method: str = "on_site"
    why: str = ""
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
    """What is decided, or proposed, about a certificate: everything, or the units ticked."""

    once: UUID | None = None
    act: str = ""
    reason: str = ""
    whole: str = ""
    unit_ids: list[str] | str = ""
    cause: str = ""
    ground: str = ""
    """The cause of a withdrawal, which has a list of its own."""
    consulted: str = ""
    urgent: str = ""
    """The urgent suspension that was read, of its confirmation or its end."""


class CompetenceForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an auditor knows."""

    once: UUID | None = None
    person: str = ""
    kinds: list[str] | str = ""
    languages: list[str] | str = ""
    basis: str = ""


class TieForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tie to declare."""

    once: UUID | None = None
    organisation: str = ""
    bond: str = ""
    since: str = ""
    until: str = ""
    source: str = ""


def ids(sent: list[str] | str, field: str, code: str) -> tuple[UUID, ...]:
    """The ids ticked, in a form that may tick none, one or many."""
    ticked = [sent] if isinstance(sent, str) else sent
    return tuple(one(UUID, given, field, code) for given in ticked if given)


def a_day(given: str, field: str) -> date | None:
    """A day as a date field sends it, or None when it was left empty."""
    return one(date.fromisoformat, given.strip(), field, "day-shape") if given.strip() else None


def apply(form: ApplyForm, scheme_version: UUID) -> Apply:
    """What `intake.apply` takes."""
    units = ids(form.unit_ids, "unit_ids", "units-missing")
    why = Occasion.RENEWAL if form.renewal else Occasion.INITIAL
    if form.association:
        association = one(UUID, form.association, "association", "units-missing")
        return Apply(kind=Kind.GROUP, association_id=association, scheme_version=scheme_version, unit_ids=units,
                     occasion=why)  # fmt: skip
    client = one(UUID, form.client, "client", "units-missing")
    return Apply(client_id=client, scheme_version=scheme_version, unit_ids=units, occasion=why)


def screening(form: ApplicationForm) -> Screening:
    """What `intake.accept_application` takes."""
    ticked = [form.checked] if isinstance(form.checked, str) else form.checked
    checked = frozenset(one(Point, given, "checked", "screening-incomplete") for given in ticked if given)
    risk = one(Risk, form.risk, "risk", "choose-one")
    return Screening(checked=checked, risk=risk, factors=form.factors, note=form.reason)


def competence(form: CompetenceForm) -> Competence:
    """What `ties.record_competence` takes."""
    kinds, spoken = ([sent] if isinstance(sent, str) else sent for sent in (form.kinds, form.languages))
    return Competence(
        person=one(UUID, form.person, "person", "choose-one"),
        kinds=frozenset(one(ClientKind, kind, "kinds", "choose-one") for kind in kinds if kind),
        languages=frozenset(language for language in spoken if language), basis=form.basis,
    )  # fmt: skip


def plan(form: PlanForm) -> Plan:
    """What `service.plan` takes. Whoever is alone on a team leads it."""
    team = ids(form.team, "team", "team-missing")
    if not team:
        raise Invalid("team-missing", fields={"team": "team-missing"})
    lead = one(UUID, form.lead, "lead", "lead-not-on-team") if form.lead or len(team) > 1 else team[0]
    visit_on = a_day(form.visit_on, "visit_on")
    if visit_on is None:
        raise Invalid("day-missing", fields={"visit_on": "day-missing"})
    method = one(Method, form.method, "method", "choose-one")
    risk = one(Risk, form.risk, "risk", "choose-one")
    return Plan(team=team, lead=lead, method=method, why=form.why, visit_on=visit_on, risk=risk)


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
    advice = one(Recommendation, form.recommendation, "recommendation", "choose-one")
    return Review(recommendation=advice, notes=form.notes)


def decide(form: DecideForm) -> Decide:
    """What `service.decide` takes."""
    return Decide(decision=one(Decision, form.decision, "decision", "choose-one"), reason=form.reason)


def cause(form: ChangeForm) -> Cause:
    """The cause chosen for what is decided or proposed."""
    given, field = (form.ground, "ground") if form.act == "withdraw" else (form.cause, "cause")
    return one(Cause, given, field, "cause-missing")


def propose(form: ChangeForm) -> Propose:
    """What `suspension.propose` takes."""
    act = one(Act, form.act, "act", "choose-one")
    units = () if form.whole else ids(form.unit_ids, "unit_ids", "units-missing")
    why = cause(form) if act in (Act.SUSPEND, Act.WITHDRAW) else None
    return Propose(act=act, reason=form.reason, cause=why, unit_ids=units)


def tie(form: TieForm) -> DeclareTie:
    """What `ties.declare_tie` takes."""
    since = a_day(form.since, "since")
    if since is None:
        raise Invalid("day-missing", fields={"since": "day-missing"})
    return DeclareTie(
        organisation=one(UUID, form.organisation, "organisation", "choose-one"),
        bond=one(Bond, form.bond, "bond", "choose-one"),
        since=since,
        until=a_day(form.until, "until"),
        source=form.source,
    )


def one(shape: Callable[[str], T], given: str, field: str, code: str) -> T:
    """A field as the shape it should have, or the refusal that says so beside it."""
    try:
        return shape(given)
    except ValueError:
        raise Invalid(code, fields={field: code}) from None
