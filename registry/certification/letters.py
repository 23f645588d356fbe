"""What people are told of a decision, each in their language: what it is, what follows, what now, how to appeal.

The holder reads the reason in its own letter; its association, the team and the impartiality committee read the
decision and not the reason; the public reads neither.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from registry.certification import file, queries, rules
from registry.certification.rules import Act, State
from registry.certification.schemas import Case
from registry.certification.words import ACTS, CAUSES
from registry.core import i18n
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.i18n import N_, _

FOLLOWS: dict[Act, str] = {
    Act.GRANT: N_("The seal is valid from today, and its page says so to everybody. Keep the promises of the term."),
    Act.REFUSE: N_("There is no seal. You may apply again when what was missing is there."),
    Act.SUSPEND: N_("The seal is not valid for now: cover it or take it off within 5 days. The public reads that it is"
                    " suspended, and not why. When the cause is gone, ask the audit team to look at it."),
    Act.CONFIRM: N_("A second person looked at the suspension and confirmed it. The seal stays suspended until an"
                    " auditor has seen that the cause is gone."),
    Act.LIFT: N_("A second person looked at the suspension and did not confirm it. The seal is valid again."),
    Act.REINSTATE: N_("An auditor saw that the cause is gone. The seal is valid again, with the same last day."),
    Act.ANNUL: N_("An appeals panel ruled that the decision was wrong, and it is annulled. What it had suspended is"
                  " valid again, what it had taken out may be asked for again; nobody may hold it against you."),
    Act.WITHDRAW: N_("The seal is not valid any more: take it off within 5 days and send a photograph of the place"
                     " without it. You may apply again after 12 months."),
    Act.EXTEND: N_("What you asked for is covered from today, until the same last day."),
    Act.REDUCE: N_("What was named is no longer covered: take its seal off within 5 days. The rest stays as it is."),
    Act.END: N_("The certificate ended at its holder's wish. Take the seal off within 5 days."),
}  # fmt: skip
"""What the holder has to know after each act, and do."""
STAYED = N_("An appeals panel stayed the suspension: the seal is valid again until the panel has ruled.")
ANNULLED_WHEN_OVER: dict[State, str] = {
    **dict.fromkeys((State.REFUSED, State.WITHDRAWN), N_(
        "An appeals panel ruled that the decision was wrong, and it is annulled. It stays in the books with its"
        " annulment beside it, and no seal comes back by itself: you may apply again at once.")),
    **dict.fromkeys((State.SUPERSEDED, State.EXPIRED, State.ENDED), N_(
        "An appeals panel ruled that the decision was wrong, and it is annulled. The certificate it was about is over,"
        " so no seal changes by it; what goes on from it in a renewed certificate is valid again. Nobody may hold it"
        " against you.")),
}  # fmt: skip
AGAIN = N_("This repeats an earlier decision about you: a stay of it is over, or the certificate was renewed meanwhile."
           " An appeal is against that first one.")  # fmt: skip


def follows(act: Act, standing: State, decision: Mapping[str, Any] | None) -> str:
    """What it means for the holder, after what became of its certificate."""
    if act is Act.ANNUL and decision and decision["provisional"]:
        return STAYED
    if act is Act.ANNUL and standing in ANNULLED_WHEN_OVER:
        return ANNULLED_WHEN_OVER[standing]
    return FOLLOWS.get(act, "")


async def tell(
    context: Context, case: Case, act: Act, at: datetime, key: str, decision: Mapping[str, Any] | None = None
) -> None:
    """A letter to each person it concerns; the same key again is the same letter."""
    days, country = (await queries.parameters(case.scheme_version)).appeal_days, await file.country(case)
    for person in await file.told(case):
        with i18n.speaking(person["language"]):
            subject = _("%(act)s: %(name)s", act=_(ACTS[act]), name=case.name)
            parts = [
                _("Good day, %(person)s.", person=person["name"]),
                _("Decision on %(name)s, file %(number)s: %(act)s, on %(day)s.", name=case.name, number=case.number,
                  act=_(ACTS[act]), day=i18n.long_day(at, case.zone)),
                _(said) if (said := follows(act, case.standing, decision)) else "",
                _(AGAIN) if decision and decision["repeats"] else "",
                *(_reasons(case, decision, country) if decision and person["holder"] else ()),
                _("All of it is in the file:\n%(url)s", url=f"{context.config.origin}/desk/certifications/{case.id}"),
                _("If you do not agree, appeal within %(days)s days: people who took no part in the case decide it.\n"
                  "%(url)s", days=days,
                  url=f"{context.config.origin}/desk/appeals/new?certification={case.id}")
                if decision and person["holder"] and not decision["repeats"] else "",
            ]  # fmt: skip
        text = "\n\n".join(part for part in parts if part)
        await context.mail.send(person["email"], subject, text, key=f"{key}-{person['id']}")


def _reasons(case: Case, decision: Mapping[str, Any], country: str) -> list[str]:
    """The reason as it was signed, its cause, and what an urgent suspension still waits for."""
    said = [_("The reason, in the words of who decided:\n%(reason)s", reason=decision["reason"])]
    if cause := CAUSES.get(decision["cause"] or ""):
        said.insert(0, _("Cause: %(cause)s.", cause=_(cause)))
    if decision["urgent"]:
        by = rules.confirm_by(day_of(decision["decided_at"], case.zone), country)
        said.append(_("It was decided by one person because it could not wait. A second person confirms or lifts it"
                      " before the end of %(day)s.", day=i18n.day(by)))  # fmt: skip
    return said
