"""V1, for the register's own people: what the pages answered, and what the counts hint at."""

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.core.i18n import N_, ngettext
from registry.core.pages import Page, RailEntry, page
from registry.scans import queries
from registry.scans.rules import UNKNOWN, Hint, Kind
from registry.seals.code import grouped

STATES = {
    "valid": N_("Valid"), "suspended": N_("Suspended"), "withdrawn": N_("Withdrawn"), "expired": N_("Expired"),
    "committed": N_("Not valid yet"), "unknown": N_("Code we do not know"), "mistyped": N_("Code copied wrongly"),
    "cannot_confirm": N_("We could not confirm it"),
}  # fmt: skip


@get("/desk/scans")
async def scans(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Page:
    actor.require(Permission.COMPLAINTS_MARKS)
    hinted = (await queries.remarkable(actor, now)).items()
    hints = [(code, grouped(code), [words(one) for one in some]) for code, some in hinted]
    return page("scans/scans.html", told=await queries.told(actor, now), hints=hints, STATES=STATES, UNKNOWN=UNKNOWN)


def words(hint: Hint) -> tuple[Hint, str]:
    """A hint as a sentence: what was counted, then what it may be."""
    match hint.kind:
        case Kind.REGIONS:
            said = ngettext(
                "Looked up in %(n)s region on one day: perhaps there is a copy.",
                "Looked up in %(n)s regions on one day: perhaps there is a copy.",
                hint.number,
            )
        case Kind.BURST:
            said = ngettext(
                "Looked up %(n)s time in one day, far more than usual: perhaps many copies, perhaps a busy day.",
                "Looked up %(n)s times in one day, far more than usual: perhaps many copies, perhaps a busy day.",
                hint.number,
            )
        case Kind.STILL_SHOWN:
            said = ngettext(
                "Looked up %(n)s time while it was not valid: perhaps the sticker is still on show.",
                "Looked up %(n)s times while it was not valid: perhaps the sticker is still on show.",
                hint.number,
            )
    return hint, said


RAIL = [RailEntry(Permission.COMPLAINTS_MARKS, N_("Look-ups"), "/desk/scans", place=80)]
ROUTES = [scans]
