"""Which role may ever use which verb. Rules about one particular case live in each room's rules.py."""

from enum import StrEnum


class Role(StrEnum):
    """A set of permissions. Those held for one organisation carry its id in the actor's scopes."""

    SYSTEM = "system"
    STRANGER = "stranger"
    ADMINISTRATOR = "administrator"
    ASSOCIATION_ADMIN = "association_admin"
    REPRESENTATIVE = "representative"
    INSPECTOR = "inspector"
    TRAINER = "trainer"
    OFFICER = "officer"
    AUDITOR = "auditor"
    REVIEWER = "reviewer"
    DECIDER = "decider"
    PANEL = "panel"
    IMPARTIALITY = "impartiality"
    AUTHORITY_OFFICER = "authority_officer"
    AUTHORITY_AGENT = "authority_agent"
    TRAINED_REPORTER = "trained_reporter"
    HOTLINE_OPERATOR = "hotline_operator"


class Permission(StrEnum):
    """One thing somebody may do, named `room:verb`."""

    ACCOUNTS_ENTER = "accounts:enter"
    ACCOUNTS_INVITE = "accounts:invite"
    ACCOUNTS_MANAGE = "accounts:manage"
    ACCOUNTS_OWN = "accounts:own"
    APPEALS_HANDLE = "appeals:handle"
    APPEALS_HEAR = "appeals:hear"
    APPEALS_LODGE = "appeals:lodge"
    APPEALS_VIEW = "appeals:view"
    AUTHORITIES_DRILL = "authorities:drill"
    AUTHORITIES_GUIDE = "authorities:guide"
    AUTHORITIES_MANAGE = "authorities:manage"
    CERTIFICATION_ACCEPT = "certification:accept"
    CERTIFICATION_APPLY = "certification:apply"
    CERTIFICATION_CHECK = "certification:check"
    CERTIFICATION_DECIDE = "certification:decide"
    CERTIFICATION_DECLARE = "certification:declare"
    CERTIFICATION_DISCOVER = "certification:discover"
    CERTIFICATION_EVALUATE = "certification:evaluate"
    CERTIFICATION_FOLLOW = "certification:follow"
    CERTIFICATION_HOLD = "certification:hold"
    CERTIFICATION_PLAN = "certification:plan"
    CERTIFICATION_PROPOSE = "certification:propose"
    CERTIFICATION_REVIEW = "certification:review"
    CERTIFICATION_VIEW = "certification:view"
    CLIENTS_EDIT = "clients:edit"
    CLIENTS_ENROL = "clients:enrol"
    CLIENTS_IMPORT = "clients:import"
    CLIENTS_ROSTER = "clients:roster"
    CLIENTS_VIEW = "clients:view"
    COMMITMENTS_SIGN = "commitments:sign"
    COMMITMENTS_VIEW = "commitments:view"
    COMPLAINTS_FORGET = "complaints:forget"
    COMPLAINTS_HANDLE = "complaints:handle"
    COMPLAINTS_INVESTIGATE = "complaints:investigate"
    COMPLAINTS_MARKS = "complaints:marks"
    COMPLAINTS_MARKS_VIEW = "complaints:marks-view"
    COMPLAINTS_REMOVE = "complaints:remove"
    COMPLAINTS_TELL = "complaints:tell"
    COMPLAINTS_VIEW = "complaints:view"
    FINDINGS_ANSWER = "findings:answer"
    FINDINGS_RECORD = "findings:record"
    FINDINGS_VERIFY = "findings:verify"
    IMPARTIALITY_REVIEW = "impartiality:review"
    IMPARTIALITY_VIEW = "impartiality:view"
    REPORTS_ANSWER = "reports:answer"
    REPORTS_COLLECT = "reports:collect"
    REPORTS_DELIVER = "reports:deliver"
    REPORTS_ENTER = "reports:enter"
    REPORTS_FILE = "reports:file"
    REPORTS_GATE = "reports:gate"
    REPORTS_RETURN = "reports:return"
    SCHEMES_PUBLISH = "schemes:publish"
    SCHEMES_VIEW = "schemes:view"
    SEALS_ERASE = "seals:erase"
    SEALS_ISSUE = "seals:issue"
    SEALS_KEYS = "seals:keys"
    SEALS_PRINT = "seals:print"
    SEALS_PUBLISH = "seals:publish"
    TRAIL_VIEW = "trail:view"
    TRAINING_HOLD = "training:hold"
    TRAINING_VIEW = "training:view"
    VISITS_CONDUCT = "visits:conduct"
    VISITS_PLAN = "visits:plan"
    VISITS_VIEW = "visits:view"


P = Permission
_PERSON = frozenset({P.ACCOUNTS_OWN, P.ACCOUNTS_ENTER})
_FILE = frozenset({P.CLIENTS_VIEW, P.COMMITMENTS_VIEW, P.SCHEMES_VIEW, P.TRAINING_VIEW, P.CERTIFICATION_VIEW})
"""Reading the file of a certification: everything but reports, which no role here can read."""
_HOLDER = frozenset({P.APPEALS_LODGE, P.APPEALS_VIEW, P.COMPLAINTS_MARKS_VIEW, P.COMPLAINTS_REMOVE})
"""What whoever speaks for a holder may do about what was decided or written about it."""
_LOOKS_INTO = frozenset({P.COMPLAINTS_INVESTIGATE, P.COMPLAINTS_VIEW})
"""Complaints are given to people of the register one by one; nobody but officers and the committee sees all."""

GRANTS: dict[Role, frozenset[Permission]] = {
    # The system runs jobs and commands. It may not decide, review, evaluate or sign: those need a person.
    Role.SYSTEM: frozenset(
        {
            P.ACCOUNTS_INVITE,
            P.ACCOUNTS_MANAGE,
            P.CLIENTS_ENROL,
            P.CLIENTS_IMPORT,
            P.CLIENTS_VIEW,
            P.SCHEMES_PUBLISH,
            P.SCHEMES_VIEW,
            P.COMMITMENTS_VIEW,
            P.TRAINING_VIEW,
            P.CERTIFICATION_VIEW,
            P.CERTIFICATION_FOLLOW,
            P.SEALS_ISSUE,
            P.SEALS_PUBLISH,
            P.SEALS_KEYS,
            P.AUTHORITIES_MANAGE,
            P.AUTHORITIES_DRILL,
            P.REPORTS_DELIVER,
            P.VISITS_PLAN,
            P.VISITS_VIEW,
            P.TRAIL_VIEW,
            P.APPEALS_VIEW,
            P.COMPLAINTS_FORGET,
            P.COMPLAINTS_MARKS,
            P.COMPLAINTS_MARKS_VIEW,
            P.COMPLAINTS_REMOVE,
            P.COMPLAINTS_VIEW,
        }
    ),
    Role.STRANGER: frozenset({P.ACCOUNTS_ENTER, P.REPORTS_FILE, P.REPORTS_RETURN, P.COMPLAINTS_TELL}),
    Role.ADMINISTRATOR: _PERSON | {P.ACCOUNTS_INVITE, P.ACCOUNTS_MANAGE, P.SEALS_ERASE, P.SEALS_KEYS, P.TRAIL_VIEW},
    Role.ASSOCIATION_ADMIN: _PERSON
    | _FILE
    | {P.ACCOUNTS_INVITE, P.CLIENTS_IMPORT, P.CLIENTS_EDIT, P.CERTIFICATION_APPLY, P.FINDINGS_ANSWER, P.SEALS_PRINT}
    | {P.AUTHORITIES_GUIDE}
    | _HOLDER,
    Role.REPRESENTATIVE: _PERSON
    | _FILE
    | {P.CLIENTS_EDIT, P.CLIENTS_ROSTER, P.COMMITMENTS_SIGN, P.CERTIFICATION_APPLY, P.FINDINGS_ANSWER, P.SEALS_PRINT}
    | _HOLDER,
    Role.INSPECTOR: _PERSON
    | {P.CLIENTS_VIEW, P.SCHEMES_VIEW, P.TRAINING_VIEW, P.CERTIFICATION_VIEW, P.CERTIFICATION_CHECK},
    Role.TRAINER: _PERSON | {P.CLIENTS_VIEW, P.SCHEMES_VIEW, P.TRAINING_VIEW, P.TRAINING_HOLD},
    Role.OFFICER: _PERSON
    | _FILE
    | {
        P.ACCOUNTS_INVITE,
        P.CLIENTS_ENROL,
        P.CLIENTS_IMPORT,
        P.SCHEMES_PUBLISH,
        P.SEALS_ERASE,
        P.CERTIFICATION_ACCEPT,
        P.CERTIFICATION_PLAN,
        P.CERTIFICATION_PROPOSE,
        P.AUTHORITIES_MANAGE,
        P.AUTHORITIES_DRILL,
        P.REPORTS_GATE,
        P.APPEALS_HANDLE,
        P.APPEALS_VIEW,
        P.CERTIFICATION_DISCOVER,
        P.IMPARTIALITY_VIEW,
        P.COMPLAINTS_HANDLE,
        P.COMPLAINTS_INVESTIGATE,
        P.COMPLAINTS_MARKS,
        P.COMPLAINTS_MARKS_VIEW,
        P.COMPLAINTS_REMOVE,
        P.COMPLAINTS_VIEW,
        P.VISITS_VIEW,
        P.TRAIL_VIEW,
    },
    Role.AUDITOR: _PERSON
    | _FILE
    | {
        P.CERTIFICATION_EVALUATE,
        P.CERTIFICATION_DECLARE,
        P.VISITS_CONDUCT,
        P.VISITS_VIEW,
        P.FINDINGS_RECORD,
        P.FINDINGS_VERIFY,
    },
    Role.REVIEWER: _PERSON
    | _FILE
    | _LOOKS_INTO
    | {P.CERTIFICATION_REVIEW, P.CERTIFICATION_DECLARE, P.CERTIFICATION_PROPOSE, P.VISITS_VIEW},
    Role.DECIDER: _PERSON
    | _FILE
    | _LOOKS_INTO
    | {
        P.CERTIFICATION_DECIDE,
        P.CERTIFICATION_DECLARE,
        P.CERTIFICATION_PROPOSE,
        P.VISITS_VIEW,
        P.TRAIL_VIEW,
        P.APPEALS_VIEW,
        P.COMPLAINTS_MARKS_VIEW,
        P.IMPARTIALITY_VIEW,
    },
    # A panel hears appeals and certifies nothing. The committee reads every certification record and no report, and
    # decides nothing.
    Role.PANEL: _PERSON
    | _FILE
    | _LOOKS_INTO
    | {P.CERTIFICATION_DECLARE, P.VISITS_VIEW, P.APPEALS_HEAR, P.APPEALS_VIEW},
    Role.IMPARTIALITY: _PERSON
    | _FILE
    | {P.VISITS_VIEW, P.TRAIL_VIEW, P.APPEALS_VIEW, P.COMPLAINTS_VIEW, P.COMPLAINTS_MARKS_VIEW}
    | {P.IMPARTIALITY_VIEW, P.IMPARTIALITY_REVIEW, P.CERTIFICATION_DISCOVER},
    Role.AUTHORITY_OFFICER: _PERSON | {P.REPORTS_COLLECT, P.REPORTS_ANSWER, P.CERTIFICATION_HOLD},
    Role.AUTHORITY_AGENT: frozenset({P.REPORTS_COLLECT, P.REPORTS_ANSWER}),
    # Vigilance committees and unions: trained, and told how to report in a minute. They report by the same form as
    # everybody, and see no report, not even their own.
    Role.TRAINED_REPORTER: _PERSON | {P.AUTHORITIES_GUIDE},
    # Types what a caller tells and sees nothing that was ever filed.
    Role.HOTLINE_OPERATOR: _PERSON | {P.REPORTS_ENTER},
}
