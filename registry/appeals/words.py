"""What people read for each state, act and outcome. Catalogues hold the words; here is only which goes where."""

from registry.appeals.rules import Act, Obstacle, Outcome, State
from registry.certification.words import BONDS
from registry.core import i18n
from registry.core.i18n import N_, _

STATES: dict[str, str] = {
    State.LODGED: N_("Lodged: the registry acknowledges it"),
    State.ACKNOWLEDGED: N_("Acknowledged: the registry seats a panel"),
    State.SEATED: N_("With the panel: it hears and rules"),
    State.TO_CARRY_OUT: N_("Ruled: a decider carries the ruling out"),
    State.CLOSED: N_("The appeal is over"),
}
ACTS: dict[str, str] = {
    Act.LODGE: N_("Appeal lodged"),
    Act.ACKNOWLEDGE: N_("Acknowledged"),
    Act.SEAT: N_("Panel seated"),
    Act.DECLARE: N_("Declared to have no interest in the case"),
    Act.STAY: N_("Decision stayed"),
    Act.LIFT: N_("Stay ended"),
    Act.PROPOSE: N_("Ruling put to the vote"),
    Act.VOTE: N_("Vote"),
    Act.UPHOLD: N_("Ruling: upheld"),
    Act.UPHOLD_PARTLY: N_("Ruling: upheld in part"),
    Act.DISMISS: N_("Ruling: dismissed"),
    Act.CARRY_OUT: N_("Ruling carried out"),
    Act.WITHDRAW: N_("Appeal taken back"),
}
OUTCOMES: dict[str, str] = {
    Outcome.UPHELD: N_("Upheld"),
    Outcome.PARTLY: N_("Upheld in part"),
    Outcome.DISMISSED: N_("Dismissed"),
    Outcome.WITHDRAWN: N_("Taken back"),
}
DECISIONS: dict[str, str] = {
    "refuse": N_("certification refused"),
    "suspend": N_("certificate suspended"),
    "confirm": N_("suspension confirmed"),
    "withdraw": N_("certificate withdrawn"),
    "reduce": N_("scope reduced"),
}


_WHY: dict[str, str] = {
    "panel-touched-this-case": N_("had a part in this case"),
    "panel-is-party": N_("speaks for the appellant"),
    "panel-decides-nothing": N_("sat on the panel"),
} | {f"tied-{bond}": words for bond, words in BONDS.items()}
CODES = (
    N_("problem:panel-touched-this-case"), N_("problem:panel-is-party"), N_("problem:panel-decides-nothing"),
    N_("problem:tied-heard"),
)  # fmt: skip
"""Refusals named by an obstacle, which the catalogue's tool cannot see in a raise."""


def why_not(one: Obstacle) -> str:
    """A few words for why somebody may not sit, with the day it ends."""
    told = _(_WHY[one.code])
    return _("%(why)s, until %(day)s", why=told, day=i18n.long_day(one.ends_on)) if one.ends_on else told
