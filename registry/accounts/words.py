"""What each role is called, and what it opens, in words for people."""

from registry.access.permissions import Role
from registry.core.i18n import N_

ROLES: dict[str, str] = {
    Role.ADMINISTRATOR: N_("Administrator of the registry"),
    Role.ASSOCIATION_ADMIN: N_("Administrator of an association"),
    Role.REPRESENTATIVE: N_("Representative of a business"),
    Role.INSPECTOR: N_("Internal inspector of an association"),
    Role.TRAINER: N_("Trainer"),
    Role.OFFICER: N_("Scheme officer"),
    Role.AUDITOR: N_("Auditor"),
    Role.REVIEWER: N_("Reviewer"),
    Role.DECIDER: N_("Decider"),
    Role.PANEL: N_("Member of appeals panels"),
    Role.IMPARTIALITY: N_("Member of the impartiality committee"),
    Role.AUTHORITY_OFFICER: N_("Officer of an authority"),
    Role.AUTHORITY_AGENT: N_("Receiving program of an authority"),
    Role.TRAINED_REPORTER: N_("Trained reporter (vigilance committee or union)"),
    Role.HOTLINE_OPERATOR: N_("Operator of a hotline"),
    Role.SYSTEM: N_("The system"),
    Role.STRANGER: N_("Visitor"),
}
OPENS: dict[str, str] = {
    Role.ADMINISTRATOR: N_("Invites people and reads the trail. Does not see files and decides nothing."),
    Role.ASSOCIATION_ADMIN: N_("Sees the association's members and what each still lacks. Never sees reports."),
    Role.REPRESENTATIVE: N_("Signs, enters the staff and answers findings for one business."),
    Role.INSPECTOR: N_("Checks each member of the group from inside."),
    Role.TRAINER: N_("Holds training sessions."),
    Role.OFFICER: N_("Receives applications, plans audits and keeps the codes of conduct."),
    Role.AUDITOR: N_("Visits and evaluates. Does not decide."),
    Role.REVIEWER: N_("Checks the evaluation before the decision."),
    Role.DECIDER: N_("Decides cases in which they evaluated nothing."),
    Role.PANEL: N_("Hears appeals against decisions in which they had no part."),
    Role.IMPARTIALITY: N_("Reads every certification file and the register of ties, and no report. Decides nothing."),
    Role.AUTHORITY_OFFICER: N_("Receives the reports of one place."),
    Role.AUTHORITY_AGENT: N_("Fetches sealed reports; only the authority's keys open them."),
    Role.TRAINED_REPORTER: N_("Is told how to report in one minute, by the same form as everybody. Sees no reports."),
    Role.HOTLINE_OPERATOR: N_("Types a report for somebody who calls. Reads none, not even that one afterwards."),
}
