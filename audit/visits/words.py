"""Visits in words for people: answers, reasons, states, and the refusals whose code is put together."""

from audit.visits.rules import Outcome, Reason, Reply, State
from audit.visits.schemas import Explained
from registry.certification.facts import Grade
from registry.certification.rules import Method, Recommendation
from registry.certification.sampling import Occasion
from registry.core.i18n import N_

REPLIES: dict[str, str] = {
    Reply.CONFORMS: N_("Conforms"),
    Reply.GOOD_PRACTICE: N_("Good practice"),
    Reply.NONCONFORMITY: N_("Nonconformity"),
    Reply.OBSERVATION: N_("Observation"),
    Reply.NOT_APPLICABLE: N_("Does not apply"),
    Reply.NOT_EVALUABLE: N_("Could not be evaluated"),
}
GRADES: dict[str, str] = {
    Grade.CRITICAL: N_("Critical nonconformity"),
    Grade.MAJOR: N_("Major nonconformity"),
    Grade.MINOR: N_("Minor nonconformity"),
}
REASONS: dict[str, str] = {
    Reason.NO_SERVICE: N_("It does not offer this service"),
    Reason.LAW_DIFFERS: N_("The law rules it another way"),
    Reason.NO_SEAL_YET: N_("It has no seal yet: first evaluation"),
    Reason.FIRST_CYCLE: N_("Nothing to report yet: first year"),
    Reason.NO_ACCESS: N_("There was no access"),
    Reason.PERSON_AWAY: N_("The person was not there"),
    Reason.RECORD_NOT_SHOWN: N_("They did not show the record"),
    Reason.OTHER: N_("Another reason, I write it"),
}
STATES: dict[str, str] = {
    State.PLANNED: N_("Planned"),
    State.OPENED: N_("In progress"),
    State.CLOSED: N_("Closed, to be reported"),
    State.REPORTED: N_("Report handed in"),
}
OCCASIONS: dict[str, str] = {
    Occasion.INITIAL: N_("first evaluation"),
    Occasion.SURVEILLANCE: N_("surveillance"),
    Occasion.RENEWAL: N_("renewal"),
}
METHODS: dict[str, str] = {
    Method.ON_SITE: N_("At the place"),
    Method.REMOTE: N_("At a distance"),
    Method.MIXED: N_("Part at the place, part at a distance"),
}
EXPLAINED: dict[str, str] = {
    Explained.SCOPE: N_("What we evaluate, and by which text of the code"),
    Explained.METHODS: N_("How: papers, walking round, samples, and talks with workers without their managers"),
    Explained.CONFIDENTIALITY: N_("What we hear stays here, with one limit: a child in danger is always reported"),
    Explained.GRADES: N_("How findings are graded and how many days each grade has"),
    Explained.OBJECTION: N_("They may object, disagree in writing, complain and appeal"),
    Explained.SAFETY: N_("What to do in an emergency at the place"),
}
OUTCOMES: dict[str, str] = {
    Outcome.RECEIVED: N_("They received the findings and write their name"),
    Outcome.REFUSED: N_("They prefer not to sign"),
}
RECOMMENDATIONS: dict[str, str] = {
    Recommendation.GRANT: N_("Grant: nothing open stands in the way"),
    Recommendation.RETURN: N_("Wait: the business still has things to mend"),
    Recommendation.REFUSE: N_("Refuse: a critical finding stops it"),
}
DRAWN_FOR: dict[str, str] = {
    "random": N_("at random"),
    "joined": N_("joined since the last audit"),
    "open_action": N_("has an open action"),
}
PROBLEMS = (
    N_("problem:visit-open-opened"),
    N_("problem:visit-open-closed"),
    N_("problem:visit-open-reported"),
    N_("problem:visit-answer-planned"),
    N_("problem:visit-answer-closed"),
    N_("problem:visit-answer-reported"),
    N_("problem:visit-close-planned"),
    N_("problem:visit-close-closed"),
    N_("problem:visit-close-reported"),
    N_("problem:visit-report-planned"),
    N_("problem:visit-report-opened"),
    N_("problem:visit-report-reported"),
    N_("problem:answer-reply-missing"),
    N_("problem:answer-grade-missing"),
    N_("problem:answer-seen-missing"),
    N_("problem:answer-better-missing"),
    N_("problem:answer-reason-missing"),
    N_("problem:answer-reason-words-missing"),
    N_("problem:answer-figure-missing"),
    N_("problem:answer-figure-impossible"),
    N_("problem:answer-changed-meanwhile"),
    N_("problem:signature-name-missing"),
    N_("problem:signature-role-missing"),
    N_("problem:opening-present-missing"),
    N_("problem:opening-explained-missing"),
)
"""Codes that rules put into `fields`, or build from a state."""
