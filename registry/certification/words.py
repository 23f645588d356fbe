"""What people read for each state, act, tie and lack. Catalogues hold the words; here is only which goes where."""

from collections.abc import Iterable

from registry.certification.facts import Facts, Parameters, Requirement, Who
from registry.certification.guards import Cause
from registry.certification.impartiality import Bond, Obstacle
from registry.certification.questionnaire import Reply
from registry.certification.rules import Act, Method, Recommendation, State
from registry.certification.sampling import Occasion, Risk
from registry.certification.screening import Point
from registry.clients.words import CLIENT_KINDS
from registry.core import i18n
from registry.core.i18n import N_, _

POINTS: dict[str, str] = {
    Point.INFORMATION: N_("The information is enough: legal holder, places or vehicles, activities, people by post and"
                          " shift with outsourced ones, and whom to speak to"),
    Point.SCOPE: N_("What it covers is clear"),
    Point.COMPETENCE: N_("Somebody without ties who knows this kind of business and its language can visit"),
    Point.DIFFERENCES: N_("What was understood in different ways was talked about"),
}  # fmt: skip
"""What is looked at before an application is accepted."""
STATES: dict[str, str] = {
    State.APPLIED: N_("Applied: the registry checks the application"),
    State.RETURNED: N_("Returned: the applicant completes it"),
    State.DECLINED: N_("Application declined"),
    State.CANCELLED: N_("Application taken back"),
    State.ACCEPTED: N_("Accepted: the registry plans the evaluation"),
    State.PLANNED: N_("Planned: the team begins"),
    State.IN_EVALUATION: N_("In evaluation: the team reports"),
    State.CORRECTIONS_OPEN: N_("Corrections open: the business mends, the team verifies"),
    State.EVALUATED: N_("Evaluated: a reviewer checks"),
    State.REVIEWED: N_("Reviewed: a decider decides"),
    State.GRANTED: N_("Valid"),
    State.REFUSED: N_("Refused"),
    State.SUSPENDED: N_("Suspended"),
    State.WITHDRAWN: N_("Withdrawn"),
    State.SUPERSEDED: N_("Renewed: it goes on in a new file"),
    State.ENDED: N_("Ended at the holder's wish"),
    State.EXPIRED: N_("Expired"),
    State.LAPSED: N_("Closed without an answer from the applicant"),
}
SHAPES: dict[str, str] = {
    State.GRANTED: "valid",
    State.SUSPENDED: "suspended",
    State.WITHDRAWN: "withdrawn",
    State.EXPIRED: "expired",
    State.SUPERSEDED: "superseded",
    State.ENDED: "superseded",
}
ACTS: dict[str, str] = {
    Act.APPLY: N_("Application"),
    Act.RETURN: N_("Application returned"),
    Act.COMPLETE: N_("Application completed"),
    Act.CANCEL: N_("Application taken back"),
    Act.ACCEPT: N_("Application accepted"),
    Act.SELF_ASSESS: N_("Self-assessment answered"),
    Act.DECLINE: N_("Application declined"),
    Act.PLAN: N_("Team and day planned"),
    Act.PLAN_ANEW: N_("Planned anew: the evaluation was too old"),
    Act.OBJECT: N_("The holder objected to the team"),
    Act.KEEP_TEAM: N_("Objection answered: the team stays"),
    Act.CHANGE_TEAM: N_("Objection shared: another team is planned"),
    Act.BEGIN: N_("Evaluation begun"),
    Act.OPEN_CORRECTIONS: N_("Evaluation recorded, corrections open"),
    Act.REPORT: N_("Evaluation recorded"),
    Act.REVIEW: N_("Review"),
    Act.REOPEN: N_("Sent back to the team"),
    Act.GRANT: N_("Granted"),
    Act.REFUSE: N_("Refused"),
    Act.SEND_BACK: N_("Sent back to review"),
    Act.SURVEY: N_("Surveillance recorded"),
    Act.WATCH: N_("Surveillance of the year complete"),
    Act.PROPOSE: N_("Proposed to a decider"),
    Act.SUSPEND: N_("Suspended"),
    Act.CONFIRM: N_("Suspension confirmed by a second person"),
    Act.LIFT: N_("Suspension not confirmed: lifted"),
    Act.VERIFY_CAUSE: N_("Seen that the cause is gone"),
    Act.ASK_EXTENSION: N_("Extension asked for"),
    Act.EXTEND: N_("Scope extended"),
    Act.REDUCE: N_("Scope reduced"),
    Act.UNCOVER: N_("No longer covered"),
    Act.SUPERSEDE: N_("Renewed by a new certificate"),
    Act.END: N_("Ended at the holder's wish"),
    Act.REINSTATE: N_("Reinstated"),
    Act.ANNUL: N_("Decision annulled after an appeal"),
    Act.WITHDRAW: N_("Withdrawn"),
    Act.LAPSE: N_("Closed without an answer from the applicant"),
}
REPLIES: dict[str, str] = {
    Reply.YES: N_("Yes"),
    Reply.NOT_YET: N_("Not yet"),
    Reply.UNKNOWN: N_("We don't know"),
}
METHODS: dict[str, str] = {
    Method.ON_SITE: N_("At the place"),
    Method.REMOTE: N_("At a distance"),
    Method.MIXED: N_("Part at the place, part at a distance"),
}
RISKS: dict[str, str] = {
    Risk.LOW: N_("Low"),
    Risk.NEW: N_("The association's own checks are new"),
    Risk.RAISED: N_("Raised: complaints, many changes of staff, night work, ports or airports"),
    Risk.AFTER_MAJOR: N_("After a major nonconformity of the group"),
}
OCCASIONS: dict[str, str] = {
    Occasion.INITIAL: N_("first certification"),
    Occasion.SURVEILLANCE: N_("surveillance"),
    Occasion.RENEWAL: N_("renewal"),
}
ADVICE: dict[str, str] = {
    Recommendation.GRANT: N_("recommends to grant"),
    Recommendation.REFUSE: N_("recommends to refuse"),
    Recommendation.RETURN: N_("sent it back to the team"),
}
BONDS: dict[str, str] = {
    Bond.EVALUATED: N_("evaluated it"),
    Bond.TRAINED: N_("trained its people"),
    Bond.EMPLOYED: N_("worked for it or represented it"),
    Bond.CONSULTED: N_("advised it"),
    Bond.ASSOCIATION: N_("works for its association"),
    Bond.INSPECTED: N_("is or was its internal inspector"),
    Bond.RELATED: N_("family or close friendship"),
    Bond.COMPETES: N_("competes with it"),
    Bond.HEARD: N_("sat on an appeals panel about this case"),
}
CAUSES: dict[str, str] = {
    Cause.CRITICAL_FINDING: N_("critical nonconformity"),
    Cause.CORRECTIONS_OVERDUE: N_("corrections overdue"),
    Cause.VISIT_REFUSED: N_("a visit was refused"),
    Cause.MARK_MISUSE: N_("misuse of the seal"),
    Cause.COVERAGE_LOW: N_("training below the minimum for too long"),
    Cause.SURVEILLANCE_FAILED: N_("the year's surveillance was not completed"),
    Cause.HOLDER_ASKS: N_("the holder asks for it"),
    Cause.UNRESOLVED: N_("the suspension was not resolved"),
    Cause.FRAUD: N_("fraud or forged records"),
    Cause.FACILITATION: N_("proven facilitation or concealment"),
    Cause.CONVICTION: N_("a court's conviction"),
    Cause.OTHER: N_("another breach of the agreement, told in the reason"),
}
PROPOSED: dict[str, str] = {
    Act.SUSPEND: N_("To suspend"),
    Act.WITHDRAW: N_("To withdraw"),
    Act.EXTEND: N_("To extend"),
    Act.REDUCE: N_("To take out by name"),
}
WHO: dict[str, str] = {
    Who.REPRESENTATIVE: N_("the business"),
    Who.ASSOCIATION: N_("the association"),
    Who.INSPECTOR: N_("the internal inspector"),
    Who.TRAINER: N_("a trainer"),
    Who.OFFICER: N_("the registry"),
    Who.AUDITOR: N_("the audit team"),
    Who.REVIEWER: N_("a reviewer"),
    Who.DECIDER: N_("a decider"),
    Who.SYSTEM: N_("the system"),
}
REQUIREMENTS: dict[str, str] = {
    "application-missing": N_("Apply for certification"),
    "application-waiting": N_("The registry checks the application"),
    "self-assessment-missing": N_("Answer the scheme's questions about yourselves"),
    "commitment-missing": N_("Sign the term of commitment"),
    "commitment-of-other-version": N_("Sign the term again: the text in force has changed"),
    "roster-empty": N_("Enter the people who work here"),
    "coverage-low": N_("Train %(count)s more of the %(of)s people who work here"),
    "coverage-critical-low": N_("Train %(count)s more of the %(of)s people in critical posts"),
    "unit-not-passed": N_("The internal inspector checks %(count)s of %(of)s vehicles or places"),
    "units-unchecked": N_("Internal checks are missing or older than a year: %(count)s of %(of)s"),
    "members-not-ready": N_("Members that stay outside for now, not signed, trained or passed: %(count)s of %(of)s"),
    "evaluation-missing": N_("The audit team evaluates"),
    "evaluation-of-other-version": N_("The evaluation was made with another version of the criteria"),
    "evaluation-too-old": N_("The evaluation is too old: the registry plans a new visit"),
    "questions-unanswered": N_("Questions without an answer: %(count)s"),
    "not-applicable-without-reason": N_("Marked “not applicable” without a reason: %(count)s"),
    "finding-critical-open": N_("Critical nonconformities open: %(count)s"),
    "finding-major-open": N_("Major nonconformities open: %(count)s"),
    "finding-minor-unplanned": N_("Minor nonconformities without an accepted plan: %(count)s"),
    "findings-answered": N_("The audit team looks at what was answered: %(count)s nonconformities"),
    "criterion-not-assessed": N_("Areas nobody has looked at: %(count)s of %(of)s"),
    "criterion-below-floor": N_("Areas below the minimum: %(count)s of %(of)s"),
    "office-not-evaluated": N_("The team evaluates the group's office"),
    "sample-short": N_("Vehicles or places of the sample not visited: %(count)s of %(of)s"),
    "review-missing": N_("A reviewer checks the evaluation"),
    "report-missing": N_("Hand in the report of the year"),
    "surveillance-visit-missing": N_("The audit team visits, and a reviewer checks it"),
}
PROBLEMS = (  # refusals whose code is put together from a tie or a part
    N_("problem:decider-evaluated-this-case"),
    N_("problem:reviewer-evaluated-this-case"),
    N_("problem:tied-association"),
    N_("problem:tied-competes"),
    N_("problem:tied-consulted"),
    N_("problem:tied-employed"),
    N_("problem:tied-evaluated"),
    N_("problem:tied-inspected"),
    N_("problem:tied-related"),
    N_("problem:tied-trained"),
    N_("problem:auditor-objected-to"),
    N_("problem:day-shape"),
    N_("problem:self-assessment-unanswered"),
)
KNOWS = CLIENT_KINDS
"""Kinds of business an auditor may know."""
SAYS_WHO = frozenset(
    {
        "application-waiting", "evaluation-missing", "evaluation-too-old", "office-not-evaluated", "report-missing",
        "review-missing", "surveillance-visit-missing", "findings-answered",
    }
)  # fmt: skip
"""Requirements whose sentence already names who takes the step."""
OBSTACLES: dict[str, str] = {
    "reviewer-evaluated-this-case": N_("took part in evaluating this case"),
    "decider-evaluated-this-case": N_("took part in evaluating this case"),
    "auditor-judged-this-case": N_("reviewed or decided this case"),
    "auditor-objected-to": N_("the holder objected, and its reasons were shared"),
}
MET: tuple[tuple[str, frozenset[str]], ...] = (
    (N_("The application was accepted"), frozenset({"application-missing", "application-waiting"})),
    (N_("The commitment is signed, under the same text that was evaluated"),
     frozenset({"commitment-missing", "commitment-of-other-version"})),
    (N_("Training today: %(trained)s of %(roster)s people; critical posts, %(critical_trained)s of %(critical)s"),
     frozenset({"roster-empty", "coverage-low", "coverage-critical-low"})),
    (N_("The association checked all %(units)s vehicles or places within the year"),
     frozenset({"units-unchecked", "unit-not-passed"})),
    (N_("Every question has an answer; every “not applicable” has its reason"),
     frozenset({"evaluation-missing", "evaluation-of-other-version", "evaluation-too-old", "questions-unanswered",
                "not-applicable-without-reason", "criterion-not-assessed"})),
    (N_("No critical or major nonconformity is open"),
     frozenset({"finding-critical-open", "finding-major-open", "findings-answered"})),
    (N_("Every minor nonconformity has an accepted plan"),
     frozenset({"finding-minor-unplanned", "findings-answered"})),
    (N_("Every area reaches %(floor)s %%"), frozenset({"criterion-below-floor"})),
    (N_("The office and the whole sample were evaluated: %(sampled)s of %(sample_size)s"),
     frozenset({"office-not-evaluated", "sample-short"})),
    (N_("Somebody outside the evaluation reviewed it"), frozenset({"review-missing"})),
)  # fmt: skip
"""What stands when none of the codes is missing, in the order of the way to a seal."""
_OF_A_GROUP = frozenset({"units-unchecked", "office-not-evaluated"})
_OF_ONE = frozenset({"roster-empty", "commitment-missing"})


def requirement(one: Requirement) -> str:
    """What is lacking, as a sentence in the reader's language."""
    return _(REQUIREMENTS[one.code], count=i18n.number(one.count), of=i18n.number(one.of))


def met(facts: Facts, parameters: Parameters, lacking: list[Requirement]) -> list[str]:
    """What is not lacking any more, as sentences."""
    missing = {one.code for one in lacking}
    member, evaluated = facts.member, facts.evaluation
    figures = {
        "trained": member.trained if member else 0,
        "roster": member.roster if member else 0,
        "critical": member.critical if member else 0,
        "critical_trained": member.critical_trained if member else 0,
        "units": len(facts.units),
        "floor": parameters.criterion_floor,
        "sampled": evaluated.sampled if evaluated else 0,
        "sample_size": evaluated.sample_size if evaluated else 0,
    }
    apart = _OF_A_GROUP if facts.kind == "single" else _OF_ONE
    evaluation_needed = frozenset().union(*(codes for words, codes in MET[5:9]))
    skipped = evaluation_needed if evaluated is None else frozenset()
    return [
        _(words, **{name: i18n.number(value) for name, value in figures.items()})
        for words, codes in MET
        if not codes & (missing | apart | skipped)
    ]


def causes(some: Iterable[Cause]) -> list[tuple[str, str]]:
    """Causes to choose from."""
    return [(str(one), _(CAUSES[one])) for one in some]


def obstacle(one: Obstacle) -> str:
    """Why somebody may not take part, as the end of a sentence that begins with their name."""
    words = _(OBSTACLES[one.code]) if one.code in OBSTACLES else _(BONDS[one.bond])
    if one.ends_on:
        return _("%(why)s; possible again from %(day)s", why=words, day=i18n.day(one.ends_on))
    return words
