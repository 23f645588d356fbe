"""Findings in words for people: states, methods, and the refusals whose code is put together."""

from audit.findings.rules import Act, Method, State
from registry.core.i18n import N_

STATES: dict[str, str] = {
    State.RAISED: N_("Waits for the business to answer"),
    State.ANSWERED: N_("Answered, waits for the auditor"),
    State.PLANNED: N_("Plan accepted, to be carried out"),
    State.REOPENED: N_("Open again, waits for the business"),
    State.VERIFIED: N_("Closed and verified"),
    State.DROPPED: N_("Taken back before the closing meeting"),
}
METHODS: dict[str, str] = {
    Method.DOCUMENT: N_("I read a document"),
    Method.PHOTOGRAPH: N_("I looked at a photograph"),
    Method.REGISTRY: N_("The registry's own data show it"),
    Method.INTERVIEW: N_("I talked with workers"),
    Method.VISIT: N_("I went and saw it"),
}
RESULTS: dict[str, str] = {
    Act.ACCEPT: N_("Plan accepted"),
    Act.VERIFY: N_("Closed and verified"),
    Act.REOPEN: N_("Opened again"),
}
PROBLEMS = (
    N_("problem:finding-not-answer"),
    N_("problem:finding-not-accept"),
    N_("problem:finding-not-verify"),
    N_("problem:finding-not-reopen"),
    N_("problem:finding-not-drop"),
    N_("problem:finding-correction-short"),
    N_("problem:finding-cause-short"),
    N_("problem:finding-action-short"),
    N_("problem:finding-responsible-missing"),
    N_("problem:finding-date-missing"),
    N_("problem:finding-date-late"),
    N_("problem:finding-date-early"),
    N_("problem:finding-words-short"),
    N_("problem:text-too-long"),
)
"""Codes that rules put into `fields`, or build from an act."""
