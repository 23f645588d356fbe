"""A verdict as a few lines of text, for whoever asks for no page: a terminal, a text browser, a message. Pure.

The words are the page's own. Runs inside `i18n.speaking(language)`.
"""

from markupsafe import Markup

from public_site.verification.page import Face
from public_site.verification.rules import Reason
from registry.core.i18n import N_, _

HEADINGS = {
    Reason.MEETS: N_("Valid"), Reason.SUSPENDED: N_("Suspended"), Reason.WITHDRAWN: N_("Withdrawn"),
    Reason.EXPIRED: N_("Expired"), Reason.REPLACED: N_("Replaced"), Reason.ENDED: N_("Ended"),
    Reason.NOT_BEGUN: N_("Not valid yet"), Reason.SIGNED: N_("Committed, not certified"),
    Reason.NOT_IN_REGISTER: N_("We do not know this code"),
    Reason.CHECK_CHARACTERS: N_("Please look at the code again"),
    Reason.WAS_VALID: N_("We cannot confirm it now"), Reason.OLD_COPY: N_("We cannot confirm it now"),
}  # fmt: skip
SENTENCES = {
    Reason.MEETS: N_("It meets the criteria."),
    Reason.SUSPENDED: N_("This seal has not been valid since %(date)s."),
    Reason.WITHDRAWN: N_("This seal is not valid any more, since %(date)s."),
    Reason.EXPIRED: N_("This seal ended on %(date)s, at %(time)s."),
    Reason.REPLACED: N_("There is a newer seal here. Look for it and check that one."),
    Reason.ENDED: N_("This seal ended on %(date)s. That says nothing bad of anyone."),
    Reason.NOT_BEGUN: N_("This seal begins on %(date)s."),
    Reason.SIGNED: N_("It signed the commitment. Whether it meets the criteria is still to be checked."),
    Reason.NOT_IN_REGISTER: N_("Nearly always a letter was copied wrongly."),
    Reason.CHECK_CHARACTERS: N_("One or two letters or figures do not fit."),
    Reason.WAS_VALID: N_("When we could last ask the register, this seal was valid."),
    Reason.OLD_COPY: N_("Our copy of the register is too old to answer."),
}
ENDS = {
    "": N_("The certificate ends on %(date)s, unless it is suspended or withdrawn before."),
    "recognition": N_("The recognition ends on %(date)s, unless it is suspended or withdrawn before."),
}
COMPARED = ("plate", "name", "what", "address", "where", "description", "who")


def text(face: Face, address: str) -> str:
    """Who helps now, the verdict, what to compare, until when, and where to look again."""
    holes = {name: hole.striptags() if isinstance(hole, Markup) else hole for name, hole in face.holes.items()}
    reason, attestation = face.shape.reason, face.shape.attestation
    parts = [
        *(f"{line.label} {line.number}" for line in face.shape.emergency),
        _(HEADINGS[reason]),
        _(SENTENCES[reason]) % {"date": holes.get("since", ""), "time": holes.get("since_time", "")},
        holes.get("checked", ""),
        *(holes.get(name, "") for name in COMPARED),
        holes.get("code", ""),
        _(ENDS.get(attestation, ENDS[""])) % {"date": holes["until"]} if reason is Reason.MEETS else "",
        address,
    ]
    return "\n".join(part for part in parts if part) + "\n"
