"""A verb is one thing an actor may do: permitted once, and all of it happens or none of it.

    @verb(Permission.COMMITMENTS_SIGN)
    async def sign(actor: Actor, now: datetime, client_id: UUID, data: Sign) -> UUID: ...

    await sign(actor, now, client_id, data, once=form_id)

`once` is the id that whoever asks made for this one act (a form's hidden field, a tablet's event). The same id again
gives the first answer and does nothing, also when the first answer was lost on the way and when both arrive together.
Verbs may call verbs; the outer one owns the transaction.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.core.db import DB, Database, execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden

P = ParamSpec("P")
R = TypeVar("R", covariant=True)

VERBS: dict[str, Permission] = {}
"""Every verb of the house by its full name, for the house tests."""

REFUSED: list[Callable[[Actor, datetime, str, Forbidden, UUID | None], Awaitable[None]]] = []
"""Who is told of a refusal for lack of right, after the verb's transaction is gone: the trail (trail/service.py)."""


class Verb(Protocol[P, R]):
    """A permitted function with `once`."""

    async def __call__(self, actor: Actor, now: datetime, *args: P.args, **kwargs: P.kwargs) -> R: ...


def verb(
    permission: Permission, *, engine: Database = DB
) -> Callable[[Callable[Concatenate[Actor, datetime, P], Awaitable[R]]], Callable[..., Awaitable[R]]]:
    """Make a function a verb. `engine` is another database role's for rooms that keep apart (reports)."""

    def wrap(function: Callable[Concatenate[Actor, datetime, P], Awaitable[R]]) -> Callable[..., Awaitable[R]]:
        name = f"{function.__module__}.{function.__name__}"
        VERBS[name] = permission

        @wraps(function)
        async def permitted(actor: Actor, now: datetime, *args: Any, once: UUID | None = None, **kwargs: Any) -> R:
            try:
                actor.require(permission)
                async with transaction(engine):
                    if once is None:
                        return await function(actor, now, *args, **kwargs)
                    return await _once(function, name, once, engine, actor, now, *args, **kwargs)
            except Forbidden as refusal:
                subject = next((one for one in args if isinstance(one, UUID)), None)  # what they tried it on
                for tell in REFUSED if engine is DB else ():
                    await tell(actor, now, name, refusal, subject)
                raise

        return permitted

    return wrap


async def _once(
    function: Callable[..., Awaitable[R]],
    name: str,
    once: UUID,
    engine: Database,
    actor: Actor,
    now: datetime,
    *args: Any,
    **kwargs: Any,
) -> R:
    # The primary key makes a second call wait here until the first has committed or failed.
    claimed = await fetch(
        "INSERT INTO verb_done (id, verb, actor, at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING id",
        once,
        name,
        actor.id,
        now,
        engine=engine,
    )
    if not claimed:
        (done,) = await fetch("SELECT verb, actor, result FROM verb_done WHERE id = $1", once, engine=engine)
        if done["verb"] != name or done["actor"] != actor.id:
            raise Conflict("once-id-used-elsewhere")
        return cast(R, _answer(done["result"]))
    result = await function(actor, now, *args, **kwargs)
    if not isinstance(result, UUID | str | None):
        raise TypeError(f"{name} called with once must answer None, a UUID or a string")
    if result is not None:
        kept = f"uuid:{result}" if isinstance(result, UUID) else f"text:{result}"
        await execute("UPDATE verb_done SET result = $2 WHERE id = $1", once, kept, engine=engine)
    return result


def _answer(kept: str | None) -> UUID | str | None:
    if kept is None:
        return None
    kind, _, value = kept.partition(":")
    return UUID(value) if kind == "uuid" else value
