"""Reading versions. Their content never changes, so each is decoded once a process."""

from datetime import UTC, date, datetime
from uuid import UUID

from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.schemes import content, rules
from registry.schemes.schemas import Line, Version

_LINES = (
    "SELECT v.id, s.key AS scheme, v.number, v.sha256, v.effective_on, v.published_at, v.published_name"
    " FROM scheme_version v JOIN scheme s ON s.id = v.scheme"
)
_cache: dict[UUID, Version] = {}
_MANY = 200
"""Versions kept decoded; a house has a handful, tests make many."""


class _Row(rules.Published, frozen=True):
    scheme: str
    published_by: str


async def current(scheme_key: str, now: datetime) -> Version:
    """The version in force at an instant. Raises NotFound before the first one takes effect."""
    found = rules.applicable(await _rows(scheme_key), now.astimezone(UTC).date())
    if found is None:
        raise NotFound("scheme-not-found", scheme=scheme_key)
    return await version(found.id)


async def version(version_id: UUID) -> Version:
    """A version by its id. Raises NotFound."""
    if version_id not in _cache:
        rows = await fetch(f"{_LINES.replace('v.id,', 'v.id, v.content,')} WHERE v.id = $1", version_id)
        if not rows:
            raise NotFound("scheme-not-found", scheme=str(version_id))
        row = rows[0]
        while len(_cache) >= _MANY:
            _cache.pop(next(iter(_cache)))
        _cache[version_id] = Version(
            row["id"], row["scheme"], row["number"], row["sha256"], row["effective_on"], row["published_at"],
            content.decode(row["content"]),
        )  # fmt: skip
    return _cache[version_id]


async def superseded_on(version_ids: set[UUID]) -> dict[UUID, date]:
    """For each of these versions that has a successor, the day on which that takes effect."""
    rows = await _rows()
    found: dict[UUID, date] = {}
    for row in rows:
        if row.id in version_ids:
            ended = rules.superseded_on((other for other in rows if other.scheme == row.scheme), row)
            if ended:
                found[row.id] = ended
    return found


async def lines(now: datetime) -> list[Line]:
    """Every version, by scheme, the newest first."""
    rows = await _rows()
    today = now.astimezone(UTC).date()
    answer = []
    for row in sorted(rows, key=lambda row: (row.effective_on, row.published_at), reverse=True):
        same = [other for other in rows if other.scheme == row.scheme]
        applies = rules.applicable(same, today)
        answer.append(
            Line(row.id, row.scheme, (await version(row.id)).name, row.number, row.sha256, row.effective_on,
                 row.published_at, row.published_by, applies is not None and applies.id == row.id,
                 rules.superseded_on(same, row))
        )  # fmt: skip
    return sorted(answer, key=lambda line: line.scheme)


async def _rows(scheme_key: str | None = None) -> list[_Row]:
    rows = await fetch(f"{_LINES} WHERE $1::text IS NULL OR s.key = $1", scheme_key)
    return [_Row(row["id"], row["number"], row["sha256"], row["effective_on"], row["published_at"], row["scheme"],
                 row["published_name"]) for row in rows]  # fmt: skip
