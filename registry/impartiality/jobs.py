"""The committee and the deciders hear of a broken glass at once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core import i18n
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.i18n import _
from registry.impartiality import queries


async def tell_glass(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    broken = await queries.glass(UUID(payload["glass"]))
    agreed = broken.agreed_at is not None
    people = await fetch(
        "SELECT DISTINCT a.id, a.name, a.email, a.language FROM account a JOIN role_held h ON h.account = a.id"
        " WHERE a.state = 'active' AND h.ended_at IS NULL AND h.role IN ('impartiality', 'decider') ORDER BY a.id"
    )
    for person in people:
        with i18n.speaking(person["language"]):
            subject = _("The glass was broken: %(name)s", name=broken.holder)
            said = _(
                "%(second)s agreed: %(first)s may sign in file %(number)s today, though they evaluated the holder"
                " before.",
                second=broken.second_name, first=broken.name, number=broken.number,
            ) if agreed else _(
                "%(first)s asks to sign in file %(number)s, though they evaluated the holder before. Without a second"
                " decider within a day nothing is lifted.", first=broken.name, number=broken.number,
            )  # fmt: skip
            text = _(
                "Good day, %(person)s.\n\n%(said)s\n\nThe reason and every step are here:\n%(url)s",
                person=person["name"], said=said, url=f"{context.config.origin}/desk/impartiality",
            )  # fmt: skip
        key = f"glass-{broken.id}-{'agreed' if agreed else 'broken'}-{person['id']}"
        await context.mail.send(person["email"], subject, text, key=key)
