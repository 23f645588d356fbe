"""What follows a decision: everybody it is about gets a letter. Reasons stay in the file, which only they can open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.certification import file, queries
from registry.certification.words import ACTS
from registry.core import i18n
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.i18n import _


async def tell_decision(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """One letter to each person, in their language; the same decision twice is the same letter."""
    case = await queries.case(SYSTEM, UUID(payload["certification"]), now)
    (decision,) = await fetch("SELECT id, act, decided_at FROM decision WHERE id = $1", UUID(payload["decision"]))
    word = ACTS[decision["act"]]
    for person in await file.told(case):
        with i18n.speaking(person["language"]):
            act = _(word)
            subject = _("%(act)s: %(name)s", act=act, name=case.name)
            text = _(
                "Good day, %(person)s.\n\n"
                "Decision on %(name)s, file %(number)s: %(act)s, on %(day)s.\n\n"
                "The reason, what it means and how to appeal are in the file:\n%(url)s",
                person=person["name"],
                name=case.name,
                number=case.number,
                act=act,
                day=i18n.long_day(decision["decided_at"], case.zone),
                url=f"{context.config.origin}/desk/certifications/{case.id}",
            )
        await context.mail.send(person["email"], subject, text, key=f"decision-{decision['id']}-{person['id']}")
