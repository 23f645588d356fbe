"""What people are told of a decision, each in their language: what it is, what follows, what now, how to appeal.

The holder reads the reason in its own letter; its association, the team and the impartiality committee read the
decision and not the reason; the public reads neither. What an officer asks or answers on the way to a decision goes to
the holder alone, and to whoever applied for it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.certification import deadlines, file, queries
from registry.certification.impartiality import Objection
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


async def tell_applicant(context: Context, case: Case, act: Act, at: datetime, reason: str) -> None:
    """An application was sent back, with the days to answer; or declined. Whoever applied reads it too."""
    asked = await queries.parameters(case.scheme_version)
    by = deadlines.answer_by(day_of(at, case.zone), asked.answer_days)
    closes = deadlines.lapses_at(at, asked.silence_days)
    people = {row["id"]: row for row in [*await file.speaking_for(case.holder), *await file.applicant(case.id)]}
    for person in people.values():
        with i18n.speaking(person["language"]):
            then = (
                _("Answer in the file before the end of %(day)s. Later the registry may decline the application, and"
                  " without a word from you it closes by itself on %(closes)s.",
                  day=i18n.long_day(by), closes=i18n.long_day(closes, case.zone))
                if act is Act.RETURN
                else _("The file is closed. You may apply again when what was missing is there. It is not a question of"
                       " size, fees or membership; if you think it is, complain to us.")
            )  # fmt: skip
            said = _("The reason, in the words of who decided:\n%(reason)s", reason=reason)
            await _send(context, case, person, ACTS[act], [said, then], f"application-{case.id}-{act}-{at.isoformat()}")


async def tell_team(context: Context, case: Case, names: Sequence[str], assigned_at: datetime) -> None:
    """Who visits and when, before they do, so that the holder may object. Surveillance is not announced by it."""
    assert case.visit_on is not None  # a plan has its day
    for person in await file.speaking_for(case.holder):
        with i18n.speaking(person["language"]):
            parts = [
                _("The team: %(names)s. %(lead)s leads it. The visit is planned for %(day)s.", lead=names[0],
                  names=i18n.listed(list(names)), day=i18n.long_day(case.visit_on)),
                _("If somebody of it worked for you, trained or advised you, competes with you or is close to you, you"
                  " may object once, with your reasons, before the visit begins. It waits for the answer."),
            ]  # fmt: skip
            key = f"team-{case.id}-{assigned_at.isoformat()}"
            await _send(context, case, person, N_("The team that visits you"), parts, key)


async def tell_objection(context: Context, case: Case, said: Objection) -> None:
    """The answer to what the holder said against its team."""
    for person in await file.speaking_for(case.holder):
        with i18n.speaking(person["language"]):
            then = (
                _("The registry shares your reasons: another team is planned, and you will hear who it is.")
                if said.upheld
                else _("The team stays. What you said is kept in the file; reviewer and decider read it.")
            )
            answer = _("The answer, in the words of %(name)s:\n%(answer)s", name=said.answerer, answer=said.answer)
            key = f"objection-{case.id}-{said.answered_at}"
            await _send(context, case, person, N_("Your objection to the team"), [then, answer], key)


async def _send(
    context: Context, case: Case, person: Mapping[str, Any], what: str, parts: Sequence[str], key: str
) -> None:
    """One letter about a case, in the language that is spoken."""
    text = [
        _("Good day, %(person)s.", person=person["name"]),
        _("%(what)s: %(name)s, file %(number)s.", what=_(what), name=case.name, number=case.number),
        *parts,
        _("All of it is in the file:\n%(url)s", url=f"{context.config.origin}/desk/certifications/{case.id}"),
    ]
    subject = _("%(act)s: %(name)s", act=_(what), name=case.name)
    await context.mail.send(person["email"], subject, "\n\n".join(text), key=f"{key}-{person['id']}")


def _reasons(case: Case, decision: Mapping[str, Any], country: str) -> list[str]:
    """The reason as it was signed, its cause, and what an urgent suspension still waits for."""
    said = [_("The reason, in the words of who decided:\n%(reason)s", reason=decision["reason"])]
    if cause := CAUSES.get(decision["cause"] or ""):
        said.insert(0, _("Cause: %(cause)s.", cause=_(cause)))
    if decision["urgent"]:
        by = deadlines.confirm_by(day_of(decision["decided_at"], case.zone), country)
        said.append(_("It was decided by one person because it could not wait. A second person confirms or lifts it"
                      " before the end of %(day)s.", day=i18n.day(by)))  # fmt: skip
    return said
