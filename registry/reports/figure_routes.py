"""/desk/figures: what strangers read about reports, and nothing more. The exact counts are on no page."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.di import NamedDependency

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.core.db import REPORTS_DB
from registry.core.i18n import N_
from registry.core.pages import Page, RailEntry, page
from registry.reports import counts, figures
from registry.reports.figure_words import WORDS


@get("/desk/figures")
async def shown(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Page:
    """The published quarters, and the day from which the running one may be published."""
    actor.require(Permission.REPORTS_GATE)
    following = figures.after(figures.quarter(now.date())) + figures.WAIT
    return page(
        "reports/figures.html", quarters=await counts.published(REPORTS_DB), words=WORDS, median=figures.MEDIAN,
        following=following,
    )  # fmt: skip


ROUTES: list[Any] = [shown]
RAIL = [RailEntry(Permission.REPORTS_GATE, N_("Figures about reports"), "/desk/figures", place=71)]
