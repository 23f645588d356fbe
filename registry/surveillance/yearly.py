"""Reports of years as they were signed: for the receipt, the file and the letter. Figures stay those of that day."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.certification import queries as certification
from registry.certification.schemas import Case
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.surveillance.rules import Figures


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """One signed year."""

    id: UUID
    certification: UUID
    due_on: date
    figures: Figures
    done: str
    signed_by: UUID
    name: str
    signed_at: datetime


async def reports(certification_id: UUID) -> list[Reported]:
    """The reports of a certificate, the newest first. For pages that have said who may read about it."""
    return [_read(row) for row in await fetch(
        "SELECT * FROM annual_report WHERE certification = $1 ORDER BY due_on DESC, signed_at DESC", certification_id
    )]  # fmt: skip


async def report(actor: Actor, report_id: UUID, now: datetime) -> tuple[Case, Reported]:
    """A report and its case; whoever may not see the case finds neither."""
    rows = await fetch("SELECT * FROM annual_report WHERE id = $1", report_id)
    if not rows:
        raise NotFound("report-of-year-not-found")
    return await certification.case(actor, rows[0]["certification"], now), _read(rows[0])


def _read(row: dict[str, object]) -> Reported:
    values = {name: row[name] for name in Reported.__struct_fields__}
    values["figures"] = msgspec.json.decode(str(row["figures"]), type=Figures)
    return msgspec.convert(values, Reported)
