"""Warnings, on their own beat: 60, 30 and 7 days before something ends; of a file nobody answers, 30 and 7 days before
it closes. What ends, ends without them.
"""

import asyncio
import contextlib
import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.certification import file
from registry.core import i18n
from registry.core.context import Context
from registry.core.i18n import N_, _
from registry.surveillance import ending, service, yearly
from registry.surveillance.rules import Ending
from registry.surveillance.words import FIGURES

log = logging.getLogger(__name__)

SUBJECTS = {
    Ending.VALIDITY: N_("%(name)s: the certificate ends on %(day)s"),
    Ending.SURVEILLANCE: N_("%(name)s: the surveillance of the year is due on %(day)s"),
    Ending.TRAINING: N_("%(name)s: the training of some people ends on %(day)s"),
    Ending.ANSWER: N_("%(name)s: the registry waits for your answer before the end of %(day)s"),
    Ending.SILENCE: N_("%(name)s: without a word from you the file closes on %(day)s"),
}
NEXT = {
    Ending.VALIDITY: N_(
        "Ask for the renewal now: decided in time, the certificate goes on without a gap. If it ends, take the seal"
        " down within 5 days."
    ),
    Ending.SURVEILLANCE: N_("Hand in the report of the year. If it stays open for too long, a decider may suspend."),
    Ending.TRAINING: N_("Plan a refresher with your trainer. From that day, training that has ended does not count."),
    Ending.ANSWER: N_("Complete the application in its file. Later the registry may decline it."),
    Ending.SILENCE: N_(
        "The file says what it waits for: the rest of the application, your answers about yourselves, or the"
        " corrections. Any answer keeps it open. If it closes, you may apply again when you wish."
    ),
}


async def warn(context: Context, now: datetime) -> int:
    """Send every warning that is due and was not sent; returns how many. Twice is once."""
    due = await ending.due(now)
    for soon in due:
        for person in await file.speaking_for(soon.organisation):
            with i18n.speaking(person["language"]):
                day = i18n.long_day(soon.ends_on)
                subject = _(SUBJECTS[soon.ending], name=soon.name, day=day)
                parts = (
                    _("Good day, %(person)s.", person=person["name"]),
                    _("In %(days)s days or less, on %(day)s:", days=soon.days, day=day),
                    subject + ".",
                    _(NEXT[soon.ending]),
                    f"{context.config.origin}/desk/steps",
                )
            about = soon.certification or soon.client
            key = f"warned-{about}-{soon.ending}-{soon.ends_on}-{soon.days}-{person['id']}"
            await context.mail.send(person["email"], subject, "\n\n".join(parts), key=key)
        await service.keep_warned(SYSTEM, now, soon)
    return len(due)


async def tell_reported(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """The receipt of a year's report, with its figures, to everybody who speaks for its holder."""
    case, one = await yearly.report(SYSTEM, UUID(payload["report"]), now)
    for person in await file.speaking_for(case.holder):
        with i18n.speaking(person["language"]):
            figures = "\n".join(
                f"{_(label)}: {i18n.number(getattr(one.figures, name))}" for name, label in FIGURES.items()
            )
            until = i18n.long_day(one.due_on)
            subject = _("Receipt: %(name)s, report of the year until %(day)s", name=case.name, day=until)
            text = _(
                "Good day, %(person)s.\n\n%(signer)s signed the report of the year on %(moment)s, file %(number)s."
                "\n\n%(figures)s\n\nA reviewer looks at it. This letter is its receipt; all of it is here:\n%(url)s",
                person=person["name"], signer=one.name, moment=i18n.moment(one.signed_at, case.zone),
                number=case.number, figures=figures,
                url=f"{context.config.origin}/desk/surveillance/reports/{one.id}",
            )  # fmt: skip
        await context.mail.send(person["email"], subject, text, key=f"reported-{one.id}-{person['id']}")


async def keep_warning(context: Context, stopping: asyncio.Event, beat: float = 3600.0) -> None:
    """Until asked to stop: look every hour; a house that stood still for a day warns when it wakes."""
    while not stopping.is_set():
        try:
            await warn(context, context.clock())
        except Exception as error:  # a letter that cannot go now goes at the next beat
            log.warning("warnings wait: %s", type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), beat)
