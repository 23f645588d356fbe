"""What of a holder ends soon, and the warning that is due: certificates, surveillance, training, an open file."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.certification import deadlines
from registry.certification import queries as certification
from registry.certification import rules as certifying
from registry.certification.rules import State
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.schemes import queries as schemes
from registry.surveillance import rules


class Soon(msgspec.Struct, frozen=True, kw_only=True):
    """Something of a holder that ends, and the warning that is due."""

    client: UUID | None
    certification: UUID | None
    organisation: UUID
    name: str
    ending: rules.Ending
    ends_on: date
    days: int


async def due(now: datetime) -> list[Soon]:
    """Every warning that is due today and was not sent."""
    rows = await fetch(
        "SELECT c.id, c.name, coalesce(CASE c.kind WHEN 'group' THEN c.association END, c.client) AS holder,"
        " c.last_on, c.surveillance_on, c.zone, c.scheme_version FROM certification c WHERE c.state = 'granted'"
        " AND c.valid_until > $1 AND least(c.last_on, c.surveillance_on) <= ($1 + interval '62 days')::date",
        now,
    )
    found = []
    for row in rows:
        days = (await schemes.version(row["scheme_version"])).parameters.training.warn_days
        today = day_of(now, row["zone"])
        for kind, ends_on in ((rules.Ending.VALIDITY, row["last_on"]),
                              (rules.Ending.SURVEILLANCE, row["surveillance_on"])):  # fmt: skip
            same = kind is rules.Ending.SURVEILLANCE and ends_on == row["last_on"]
            if not same and (due := rules.warning(ends_on, today, days)):
                found.append(Soon(client=None, certification=row["id"], organisation=row["holder"], name=row["name"],
                                  ending=kind, ends_on=ends_on, days=due))  # fmt: skip
    return await _unsent([*found, *await _training_ends(now), *await _silences(now)])


async def _silences(now: datetime) -> list[Soon]:
    """Files that wait for their holder: its days to answer, and the day on which silence closes them."""
    rows = await fetch(
        "SELECT c.*, coalesce(CASE c.kind WHEN 'group' THEN c.association END, c.client) AS holder FROM certification c"
        " WHERE c.state = ANY($1)",
        [str(state) for state in certifying.UNDECIDED],
    )
    found = []
    for row in rows:
        asked = await certification.parameters(row["scheme_version"])
        state, assessed = State(row["state"]), row["self_assessed_at"] is not None or not asked.self_assessment
        if not certifying.silent(state, assessed):
            continue
        closes = deadlines.lapses_at(row["heard_at"] or row["moved_at"], asked.silence_days)
        days: dict[rules.Ending, tuple[date, tuple[int, ...]]] = {
            rules.Ending.SILENCE: (day_of(closes, row["zone"]), deadlines.LAPSE_NOTICES)
        }
        if state is State.RETURNED:
            answer_by = deadlines.answer_by(day_of(row["moved_at"], row["zone"]), asked.answer_days)
            days[rules.Ending.ANSWER] = (answer_by, deadlines.ANSWER_NOTICES)
        for kind, (ends_on, notices) in days.items():
            if now < closes and (due := rules.warning(ends_on, day_of(now, row["zone"]), notices)):
                found.append(Soon(client=None, certification=row["id"], organisation=row["holder"], name=row["name"],
                                  ending=kind, ends_on=ends_on, days=due))  # fmt: skip
    return found


async def _training_ends(now: datetime) -> list[Soon]:
    """Businesses with a certificate some of whose people's training ends within the warning's days."""
    rows = await fetch(
        "SELECT r.client, k.name, k.zone, c.scheme_version, min(r.expires_on) AS ends_on FROM training_record r"
        " JOIN worker w ON w.id = r.worker AND w.left_on IS NULL JOIN client k ON k.id = r.client"
        " JOIN scope_unit s ON s.client = r.client AND s.state = 'covered'"
        " JOIN certification c ON c.id = s.certification AND c.state = 'granted' AND c.valid_until > $1"
        " WHERE r.expires_on BETWEEN $1::date AND ($1 + interval '62 days')::date AND NOT EXISTS (SELECT"
        "  FROM training_record n WHERE n.worker = r.worker AND n.module = r.module AND n.expires_on > r.expires_on)"
        " GROUP BY r.client, k.name, k.zone, c.scheme_version",
        now,
    )
    found = []
    for row in rows:
        days = (await schemes.version(row["scheme_version"])).parameters.training.warn_days
        if due := rules.warning(row["ends_on"], day_of(now, row["zone"]), days):
            found.append(Soon(client=row["client"], certification=None, organisation=row["client"], name=row["name"],
                              ending=rules.Ending.TRAINING, ends_on=row["ends_on"], days=due))  # fmt: skip
    return found


async def _unsent(found: Iterable[Soon]) -> list[Soon]:
    wanted = list(found)
    rows = await fetch(
        "SELECT coalesce(certification, client) AS about, ending, ends_on, days FROM warned WHERE ends_on >= $1",
        min((one.ends_on for one in wanted), default=date.max),
    )
    sent = {(row["about"], row["ending"], row["ends_on"], row["days"]) for row in rows}
    return [one for one in wanted if (one.certification or one.client, one.ending, one.ends_on, one.days) not in sent]
