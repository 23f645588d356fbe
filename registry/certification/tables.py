"""Cases and all that is added to them. What is only ever added is guarded by the database itself:
migrations/registry/certification_guards.py.
"""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from registry.certification.facts import Kind
from registry.certification.guards import Cause
from registry.certification.impartiality import Bond
from registry.certification.rules import Act, Method, Recommendation, State, UnitState
from registry.certification.sampling import Occasion, Risk
from registry.clients.rules import UnitKind
from registry.clients.tables import Association, Client
from registry.schemes.tables import SchemeVersion


class Certification(Table, tablename="certification"):
    """One case of one holder, from its application on."""

    id = UUID(primary_key=True, default=None)
    number = Varchar(length=20, unique=True, help_text="What people say and write: C-2026-0001")
    kind = Varchar(length=10, choices=Kind)
    client = ForeignKey(
        Client, null=True, default=None, on_delete=OnDelete.restrict, index=True, help_text="Holder of a single case"
    )
    association = ForeignKey(
        Association,
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
        index=True,
        help_text="Holder of a group; of a single case, the association its client belongs to, if any",
    )
    name = Varchar(length=200, help_text="The holder's name as applied for")
    scheme = Varchar(length=60, help_text="Key of the scheme")
    scheme_version = ForeignKey(
        SchemeVersion, null=False, on_delete=OnDelete.restrict, help_text="Criteria of the whole case; it never changes"
    )
    zone = Varchar(length=60, help_text="The holder's time zone, in which dates of validity are days")
    state = Varchar(length=20, choices=State, index=True, help_text="As stored; rules.standing() says what holds now")
    moved_at = Timestamptz(default=None, help_text="Since when it stands there")
    applied_at = Timestamptz(default=None)
    applied_by = UUID(default=None)
    occasion = Varchar(length=20, choices=Occasion, default=Occasion.INITIAL)
    risk = Varchar(length=20, choices=Risk, default=Risk.LOW)
    method = Varchar(length=10, choices=Method, null=True, default=None)
    visit_on = Date(null=True, default=None)
    seed = Bytea(null=True, default=None, help_text="Of the draw: chosen on acceptance, its hash is in the trail")
    heard_at = Timestamptz(
        null=True, default=None, help_text="When anything last happened to it; silence is counted from here"
    )
    self_assessed_at = Timestamptz(null=True, default=None, help_text="Since when its holder's answers are there")
    valid_from = Timestamptz(null=True, default=None)
    valid_until = Timestamptz(null=True, default=None, help_text="First instant no longer covered")
    last_on = Date(null=True, default=None, help_text="Last day covered, in the holder's zone")
    surveillance_on = Date(null=True, default=None)
    renews = UUID(null=True, default=None, index=True, help_text="The case whose certificate this one goes on from")
    ended_in_proceedings = Boolean(
        default=False, help_text="Ended by its holder while suspended, or with an open critical finding: internal"
    )
    fled_from = UUID(null=True, default=None, help_text="The suspension that was all it was ended under")


class CaseYear(Table, tablename="case_year"):
    """The last number given in a year."""

    year = Integer(primary_key=True)
    last = Integer()


class ScopeUnit(Table, tablename="scope_unit"):
    """One establishment or vehicle of a case."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    unit_kind = Varchar(length=15, choices=UnitKind)
    unit_id = UUID(default=None, index=True)
    client = ForeignKey(Client, null=False, on_delete=OnDelete.restrict, index=True, help_text="Whose it is")
    label = Varchar(length=200, help_text="Name or plate as applied for")
    scheme = Varchar(length=60)
    state = Varchar(length=15, choices=UnitState, default=UnitState.PENDING)
    open = Boolean(default=True, help_text="The case is undecided; one such per unit and scheme")
    asked_at = Timestamptz(
        null=True, default=None, help_text="An extension asked for it; else it was there from the start"
    )


class SelfAssessment(Table, tablename="self_assessment"):
    """What the holder said of itself, all questions at once; each new version supersedes the one before."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    version = Integer()
    scheme_version = UUID(default=None)
    answers = JSONB(help_text="questionnaire.Said by question")
    assessed_by = UUID(default=None)
    name = Varchar(length=200, help_text="Name when it was signed")
    assessed_at = Timestamptz(default=None)


class Assignment(Table, tablename="assignment"):
    """One person of the team that evaluates."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    person = UUID(default=None, index=True)
    name = Varchar(length=200)
    lead = Boolean(default=False)
    assigned_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None, help_text="Replaced before the visit; nothing is deleted")
    declared_at = Timestamptz(null=True, default=None, help_text="Declared to have no other interest in the case")


class ApplicationReview(Table, tablename="application_review"):
    """What an officer looked at before an application was accepted (7.3); only ever added."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, unique=True)
    checked = Array(base_column=Varchar(length=20), default=list, help_text="screening.Point, all of them")
    risk = Varchar(length=20, choices=Risk)
    factors = Text(default="", help_text="What makes the risk more than low")
    note = Text(default="")
    reviewed_by = UUID(default=None)
    name = Varchar(length=200, help_text="Name when it was signed")
    reviewed_at = Timestamptz(default=None)


class TeamObjection(Table, tablename="team_objection"):
    """What the holder said against its team, once, before the visit. Only its answer is written later."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, unique=True)
    persons = Array(base_column=UUID(), default=list, help_text="Of the team")
    reason = Text()
    objected_by = UUID(default=None)
    name = Varchar(length=200, help_text="Name when it was signed")
    objected_at = Timestamptz(default=None)
    upheld = Boolean(null=True, default=None, help_text="They do not evaluate this case")
    answer = Text(default="")
    answered_by = UUID(null=True, default=None)
    answerer = Varchar(length=200, default="", help_text="Name when it was answered")
    answered_at = Timestamptz(null=True, default=None)


class AuditorCompetence(Table, tablename="auditor_competence"):
    """What an auditor knows; a newer row says how it is now, and none is changed."""

    id = UUID(primary_key=True, default=None)
    person = UUID(default=None, index=True)
    kinds = Array(base_column=Varchar(length=20), default=list, help_text="Of business")
    languages = Array(base_column=Varchar(length=5), default=list)
    basis = Text(help_text="How we know")
    recorded_by = UUID(default=None)
    recorded_at = Timestamptz(default=None)


class Tie(Table, tablename="tie"):
    """The impartiality register: what people told us of their ties."""

    id = UUID(primary_key=True, default=None)
    person = UUID(default=None, index=True)
    organisation = UUID(default=None, index=True)
    organisation_name = Varchar(length=200)
    bond = Varchar(length=15, choices=Bond)
    since = Date(default=None)
    until = Date(null=True, default=None)
    source = Text(help_text="How we know, in the person's own words")
    recorded_by = UUID(default=None)
    recorded_at = Timestamptz(default=None)


class InternalCheck(Table, tablename="internal_check"):
    """The association's own check of one unit of its group. A newer one supersedes; none is changed."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    unit_id = UUID(default=None, index=True)
    passed = Boolean()
    notes = Text(default="")
    checked_on = Date(default=None)
    checked_by = UUID(default=None)
    recorded_at = Timestamptz(default=None)


class Draw(Table, tablename="draw"):
    """A sample of a group, with all it takes to repeat it."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    algorithm = Varchar(length=40)
    seed = Bytea()
    population = JSONB(help_text="What the draw saw: sampling.Candidate of every unit")
    population_hash = Varchar(length=64)
    occasion = Varchar(length=20, choices=Occasion)
    risk = Varchar(length=20, choices=Risk)
    size = Integer()
    drawn = JSONB(help_text="sampling.Drawn: the unit and what it was drawn for")
    reserve = Array(base_column=UUID(), default=list)
    drawn_by = UUID(default=None)
    drawn_at = Timestamptz(default=None)


class Evaluation(Table, tablename="evaluation"):
    """What the team found, as one summary; each new version supersedes the one before."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    version = Integer()
    scheme_version = UUID(default=None)
    evaluators = Array(base_column=UUID(), default=list)
    visited_on = Date(default=None)
    criteria = JSONB(help_text="facts.Criterion for each criterion")
    findings = JSONB(help_text="schemas.FindingSummary for each finding")
    unanswered = Integer(default=0)
    office = Boolean(default=True)
    sample = Array(base_column=UUID(), default=list, help_text="Units visited")
    recommendation = Varchar(length=10, choices=Recommendation)
    notes = Text(default="")
    recorded_by = UUID(default=None)
    recorded_at = Timestamptz(default=None)


class AnsweredFinding(Table, tablename="answered_finding"):
    """A holder answered a finding after the evaluation was handed in; the next version of it says what came of that."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, index=True)
    finding = UUID(default=None)
    answered_at = Timestamptz(default=None)


class Review(Table, tablename="review"):
    """The check of an evaluation by somebody outside it (7.5)."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    evaluation = ForeignKey(Evaluation, null=False, on_delete=OnDelete.restrict)
    recommendation = Varchar(length=10, choices=Recommendation)
    notes = Text()
    reviewed_by = UUID(default=None)
    reviewer = Varchar(length=200, help_text="Name when it was written")
    reviewed_at = Timestamptz(default=None)


class Decision(Table, tablename="decision"):
    """One decision of one decider (7.6, 7.11)."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    evaluation = ForeignKey(Evaluation, null=True, on_delete=OnDelete.restrict)
    review = ForeignKey(Review, null=True, on_delete=OnDelete.restrict)
    scheme_version = UUID(default=None)
    act = Varchar(length=20, choices=Act)
    recommended = Varchar(length=10, choices=Recommendation, null=True, default=None)
    reason = Text()
    units = Array(base_column=UUID(), default=list, help_text="Units it is about; empty means the whole case")
    valid_from = Timestamptz(null=True, default=None)
    valid_until = Timestamptz(null=True, default=None)
    decided_by = UUID(default=None)
    decider = Varchar(length=200, help_text="Name when it was signed")
    decided_at = Timestamptz(default=None)
    cause = Varchar(length=30, choices=Cause, null=True, default=None, help_text="Of a suspension or withdrawal")
    urgent = Boolean(default=False, help_text="Signed by one person alone; a second has five working days")
    proposed_by = UUID(null=True, default=None, help_text="The other two eyes")
    proposer = Varchar(length=200, default="", help_text="Name when it was signed")
    consulted = Boolean(default=False, help_text="The authority that asked for it was consulted before")
    answers = UUID(null=True, default=None, help_text="The suspension this confirms or lifts, the decision it annuls")
    repeats = UUID(null=True, default=None, help_text="The suspension this is again, after a stay or in a renewal")
    provisional = Boolean(default=False, help_text="Annulled for as long as an appeals panel stays it")


class Proposal(Table, tablename="proposal"):
    """What somebody advises a decider to do to a certificate: the first of four eyes. Only its end is written later."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, index=True)
    act = Varchar(length=20, choices=Act)
    cause = Varchar(length=30, choices=Cause, null=True, default=None)
    reason = Text()
    units = Array(base_column=UUID(), default=list, help_text="Units it is about; empty means the whole case")
    proposed_by = UUID(default=None)
    proposer = Varchar(length=200, help_text="Name when it was written")
    proposed_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None, help_text="Decided, or set aside")
    ended_by = UUID(null=True, default=None)
    end_reason = Text(default="", help_text="Why it was set aside; empty when it was decided")
    repeats = UUID(null=True, default=None, help_text="The suspension that stands again; only its repetition ends this")


class CauseVerification(Table, tablename="cause_verification"):
    """An auditor saw that the cause of a suspension is gone."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, index=True)
    units = Array(base_column=UUID(), default=list, help_text="Units it is about; empty means the whole case")
    text = Text(help_text="What was seen, and how")
    verified_by = UUID(default=None)
    verifier = Varchar(length=200, help_text="Name when it was written")
    verified_at = Timestamptz(default=None)


class Consultation(Table, tablename="consultation"):
    """An authority asks to be consulted before the public sees anything (I10). Nothing says why; deciders read yes."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, index=True)
    hold = Boolean(default=False, help_text="Until then the public state stays as it is")
    until = Timestamptz(default=None, help_text="Forgotten by itself then, unless asked for again")
    asked_by = UUID(default=None)
    asked_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None)


class Step(Table, tablename="step"):
    """Every move of a case, so that its state at any past instant can be told."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict)
    act = Varchar(length=20, choices=Act)
    state = Varchar(length=20, choices=State, help_text="Of the case, after it")
    units = Array(base_column=UUID(), default=list, help_text="Units it is about; empty means the whole case")
    reason = Text(default="")
    taken_by = UUID(default=None)
    name = Varchar(length=200, help_text="Name when it was taken")
    taken_at = Timestamptz(default=None)
    order = Integer(default=0, help_text="Of the steps of one case")
