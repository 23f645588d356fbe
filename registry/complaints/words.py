"""What people read for each state, act, outcome and obstacle. Catalogues hold the words; here is which goes where."""

from registry.complaints import misuse, rules
from registry.core.i18n import N_

ABOUT: dict[str, str] = {
    rules.About.HOLDER: N_("a business or a vehicle"),
    rules.About.AUDITOR: N_("an auditor"),
    rules.About.REGISTRY: N_("the registry"),
}
STATES: dict[str, str] = {
    rules.State.RECEIVED: N_("Received: the registry acknowledges it"),
    rules.State.ACKNOWLEDGED: N_("Acknowledged: the registry finds out whether it is ours"),
    rules.State.IN_INVESTIGATION: N_("Being looked into"),
    rules.State.CLOSED: N_("Closed"),
}
ACTS: dict[str, str] = {
    rules.Act.LODGE: N_("Complaint received"),
    rules.Act.ACKNOWLEDGE: N_("Complaint acknowledged"),
    rules.Act.ASSIGN: N_("Found to be ours, and given to somebody"),
    rules.Act.REASSIGN: N_("Given to somebody else"),
    rules.Act.SET_ASIDE: N_("Set aside"),
    rules.Act.CONCLUDE: N_("Concluded"),
}
OUTCOMES: dict[str, str] = {
    rules.Outcome.FOUNDED: N_("Founded"),
    rules.Outcome.PARTLY: N_("Founded in part"),
    rules.Outcome.UNFOUNDED: N_("Not founded"),
    rules.Outcome.ELSEWHERE: N_("Not a complaint for us"),
}
ASIDE: dict[str, str] = {
    rules.Aside.ELSEWHERE: N_("It belongs with somebody else"),
    rules.Aside.SAID_BEFORE: N_("Another complaint says the same"),
    rules.Aside.NO_COMPLAINT: N_("It complains of nothing: a question, thanks or advertising"),
}
INVOLVED: dict[str, str] = {
    "person": N_("the complaint is about them"),
    "case": N_("had a part in a case of this holder"),
    "tie": N_("has a tie to this holder"),
    "register": N_("gives it out; somebody else looks into it"),
}
NOTICES: dict[str, str] = {
    misuse.About.MISMATCH: N_("The seal does not match what was seen"),
    misuse.About.STILL_SHOWN: N_("The seal is still on show"),
    misuse.About.NOT_THEIRS: N_("A seal where there is only a commitment"),
    misuse.About.UNKNOWN_CODE: N_("A code that nobody issued"),
}
WHAT: dict[str, str] = {
    "plate": N_("the plate"),
    "place": N_("the name or the place"),
    "vehicle": N_("the vehicle"),
    "other": N_("something else"),
    "": "",
}
KINDS: dict[str, str] = {
    misuse.Kind.MISUSE: N_("misuse of the mark"),
    misuse.Kind.REMOVAL: N_("mark to be taken down after the certificate was lost"),
}
MARK_STATES: dict[str, str] = {
    misuse.State.OPEN: N_("Open: the registry looks into it"),
    misuse.State.WARNED: N_("Letter sent: the mark comes down"),
    misuse.State.PUBLISHED: N_("Published: the mark still hangs"),
    misuse.State.REMOVED: N_("Removed: a photograph shows it"),
    misuse.State.CLOSED: N_("Case closed"),
}
MARK_ACTS: dict[str, str] = {
    misuse.Act.OPEN: N_("Case opened"),
    misuse.Act.NOTE: N_("Evidence added"),
    misuse.Act.WARN: N_("Letter sent"),
    misuse.Act.PROVE: N_("Removal shown"),
    misuse.Act.PUBLISH: N_("Misuse published"),
    misuse.Act.CLOSE: N_("Case closed"),
}
MARK_OUTCOMES: dict[str, str] = {
    misuse.Outcome.NONE_FOUND: N_("There was no misuse"),
    misuse.Outcome.REMOVED: N_("The mark was removed"),
    misuse.Outcome.PUBLISHED: N_("It was published"),
    misuse.Outcome.REFERRED: N_("It was passed to the law"),
}
SHOWS: dict[str, str] = {misuse.Shows.USE: N_("the mark in use"), misuse.Shows.REMOVED: N_("that the mark is gone")}
