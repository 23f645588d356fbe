"""Reading notices: officers look into the misuse of seals."""

from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.notices.rules import State


class Notice(msgspec.Struct, frozen=True):
    id: UUID
    about: str
    code: str
    seen: str
    told_on: datetime
    state: str
    outcome: str
    alike: int
    """How many notices about this code are open, this one included."""


SELECT = """
SELECT n.id, n.about, n.code, n.seen, n.told_on, n.state, n.outcome,
       (SELECT count(*) FROM mismatch_notice o WHERE o.code = n.code AND o.state = 'open') AS alike
  FROM mismatch_notice n
"""


async def visible_to(actor: Actor, state: State, limit: int = 200) -> list[Notice]:
    """The newest first; nothing for anyone else."""
    if not actor.may(Permission.NOTICES_ANSWER):
        return []
    rows = await fetch(SELECT + " WHERE n.state = $1 ORDER BY n.told_on DESC, n.id LIMIT $2", state, limit)
    return [Notice(**row) for row in rows]


async def one(actor: Actor, id: UUID) -> Notice:
    """Raises NotFound, also to whoever may not see it."""
    rows = await fetch(SELECT + " WHERE n.id = $1", id) if actor.may(Permission.NOTICES_ANSWER) else []
    if not rows:
        raise NotFound("notice-not-found")
    return Notice(**rows[0])


async def waiting(actor: Actor, now: datetime) -> int:
    """For the desk's rail."""
    if not actor.may(Permission.NOTICES_ANSWER):
        return 0
    return int((await fetch("SELECT count(*) AS n FROM mismatch_notice WHERE state = 'open'"))[0]["n"])
