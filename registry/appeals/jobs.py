"""Letters about an appeal. Each says what happened, who acts next and by when; grounds and reasons stay in the file."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.appeals import queries
from registry.appeals.rules import Act, State
from registry.appeals.schemas import Case
from registry.core import i18n
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.i18n import N_, _

# Who is told of what. `appellant`: everybody who speaks for the holder; `panel`: who sits; the others by role.
TOLD: dict[str, tuple[tuple[str, ...], str]] = {
    Act.LODGE: (
        ("officer", "appellant"),
        N_("It was lodged on %(lodged)s. The registry acknowledges it before the end of %(acknowledge)s."),
    ),
    Act.ACKNOWLEDGE: (
        ("appellant",),
        N_(
            "The registry has it. A panel of people who had no part in the case rules before the end of %(rule)s. The"
            " decision stands meanwhile, unless the panel stays it."
        ),
    ),
    Act.SEAT: (
        ("appellant", "panel"),
        N_("The panel is %(panel)s. Before it hears the appeal, each member declares to have no interest in the case."),
    ),
    Act.STAY: (
        ("appellant", "decider", "impartiality"),
        N_(
            "The panel stayed the decision: it does not hold until the ruling. A decider who had no part in it carries"
            " this out."
        ),
    ),
    Act.LIFT: (
        ("appellant", "decider", "impartiality"),
        N_("The panel ended its stay: the decision stands again until the ruling."),
    ),
    Act.UPHOLD: (
        ("appellant", "officer", "decider", "impartiality"),
        N_("The panel upheld the appeal. A decider who had no part in the decision carries the ruling out."),
    ),
    Act.UPHOLD_PARTLY: (
        ("appellant", "officer", "decider", "impartiality"),
        N_("The panel upheld the appeal in part. A decider who had no part in the decision carries the ruling out."),
    ),
    Act.DISMISS: (
        ("appellant", "officer", "impartiality"),
        N_("The panel dismissed the appeal: the decision stands."),
    ),
    Act.WITHDRAW: (
        ("appellant", "officer", "panel"),
        N_("The appellant took the appeal back: the decision stands."),
    ),
    Act.CARRY_OUT: (("appellant", "officer", "impartiality"), N_("The ruling was carried out.")),
}

AGAIN = N_(
    "What the stay had given back stands before a decider, who suspends it again; until then the public page stays as"
    " it is."
)


async def tell(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """One letter to each person, in their language; the same step twice is the same letter."""
    case, act = await queries.case(SYSTEM, UUID(payload["appeal"])), Act(payload["act"])
    against = await queries.against(case.decision)
    panel = [member.name for member in await queries.panel(case.id)]
    groups, words = TOLD[act]
    again = bool(payload.get("again"))
    for person in await recipients(case, (*groups, "decider") if again else groups, again=again):
        with i18n.speaking(person["language"]):
            said = _(
                words, lodged=i18n.long_day(case.lodged_on), acknowledge=i18n.long_day(case.acknowledge_by),
                rule=i18n.long_day(case.rule_by), panel=i18n.listed(panel),
            )  # fmt: skip
            if again:
                said = f"{said} {_(AGAIN)}"
            subject = _("Appeal %(number)s: %(name)s", number=case.number, name=case.holder_name)
            text = _(
                "Good day, %(person)s.\n\n"
                "Appeal %(number)s of %(name)s, file %(file)s.\n\n"
                "%(said)s\n\n"
                "All of it, with every date, is in the file:\n%(url)s",
                person=person["name"], number=case.number, name=case.holder_name, file=against.number, said=said,
                url=f"{context.config.origin}/desk/appeals/{case.id}",
            )  # fmt: skip
        step = len(await queries.steps(case.id)) if act in (Act.SEAT, Act.STAY, Act.LIFT) else 0
        await context.mail.send(person["email"], subject, text, key=f"appeal-{case.id}-{act}-{step}-{person['id']}")


async def recipients(case: Case, groups: tuple[str, ...], *, again: bool = False) -> list[dict[str, Any]]:
    """Accounts to write to. Deciders get a task only while there is one."""
    roles = [group for group in groups if group not in ("appellant", "panel")]
    if case.state is State.CLOSED and "decider" in roles and not again:
        roles.remove("decider")
    return await fetch(
        "SELECT a.id, a.name, a.email, a.language FROM account a WHERE a.state = 'active' AND ("
        " EXISTS (SELECT FROM role_held h WHERE h.account = a.id AND h.ended_at IS NULL AND (h.role = ANY($1::text[])"
        "  OR ($2 AND h.role IN ('representative', 'association_admin') AND h.organisation = $3)))"
        " OR ($4 AND EXISTS (SELECT FROM panellist p WHERE p.appeal = $5 AND p.person = a.id AND p.ended_at IS NULL)))"
        " ORDER BY a.name, a.id",
        roles, "appellant" in groups, case.holder, "panel" in groups, case.id,
    )  # fmt: skip
