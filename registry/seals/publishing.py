"""Who may publish now, and what witnesses say of what was: the verbs behind `log_head` that are no publication."""

from datetime import datetime

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.db import execute
from registry.trail import service as trail

_PUBLISHING = 7_261_040  # advisory lock: one publication at a time


async def alone() -> None:
    """Wait until nobody else publishes; until the end of this transaction nobody else will."""
    await execute("SELECT pg_advisory_xact_lock($1)", _PUBLISHING)


@verb(Permission.SEALS_PUBLISH)
async def witnessed(actor: Actor, now: datetime, size: int, cosigners: int, at: datetime) -> None:
    """Enough witnesses cosigned the tree of this size; the next manifest says so."""
    done = await execute(
        "UPDATE log_head SET cosigned_size = $1, cosigners = $2, cosigned_at = $3 WHERE cosigned_size <= $1",
        size, cosigners, at,
    )  # fmt: skip
    if done == "UPDATE 1":
        await trail.record(actor, now, "seals.witnessed", None, size=size, cosigners=cosigners)


@verb(Permission.SEALS_PUBLISH)
async def warned(actor: Actor, now: datetime, size: int) -> None:
    """A witness holds a tree of this size with our signature and ours is smaller: nothing is signed until it is not."""
    if await execute("UPDATE log_head SET ahead = $1 WHERE ahead < $1", size) == "UPDATE 1":
        await trail.record(actor, now, "seals.warned", None, size=size)
