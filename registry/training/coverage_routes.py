"""Coverage by post: of one business, of those an association or officer sees, and what stood out in sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.core.calendar import day_of
from registry.core.pages import page, see_other
from registry.schemes import queries as schemes
from registry.training import overview, queries, rules, words

HERE = "/desk/training"


@get(HERE)
async def training(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], q: FromQuery[str] = ""
) -> Response[Any]:
    """Whoever trains goes to their sessions, a business to its own page; others see the list."""
    actor.require(Permission.TRAINING_VIEW)
    if actor.may(Permission.TRAINING_HOLD):
        return see_other(HERE + "/sessions")
    mine = actor.organisations(Role.REPRESENTATIVE)
    if len(mine) == 1 and actor.roles == {Role.REPRESENTATIVE}:
        return see_other(f"{HERE}/of/{next(iter(mine))}")
    rows, total, meeting = await overview.listed(actor, now, q)
    version = await schemes.current(queries.SCHEME, now)
    flagged = await queries.flagged() if Role.OFFICER in actor.roles else []
    return page(
        "training/list.html", rows=rows, total=total, meeting=meeting, q=q, floors=version.parameters, flagged=flagged,
        SIGNALS=words.SIGNALS, small=version.parameters.training.small_group,
    )  # fmt: skip


@get(HERE + "/of/{client_id:uuid}")
async def of_client(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID]
) -> Response[Any]:
    """Percentages by post for everybody who may see the business; names for itself, its trainers and its auditors."""
    client = await queries.client(actor, client_id)
    version = await schemes.current(queries.SCHEME, now)
    training = version.parameters.training
    named = queries.names(actor, client_id)
    people = (await queries.people([client_id], now, version)).get(client_id, []) if named else []
    today = day_of(now, client["zone"])
    soon = [one for one in people if one.trained_until and (one.trained_until - today).days < training.warn_days[0]]
    soon.sort(key=lambda one: (one.trained_until or today, one.name))
    return page(
        "training/client.html", client=client, coverage=(await queries.coverage([client_id], now, version))[client_id],
        floors=version.parameters, training=training, named=named, people=people, today=today, soon=soon,
        lacking=[one for one in people if one.lacks], shown=rules.shown_percent, version=version,
        may_hold=actor.may(Permission.TRAINING_HOLD), POSTS=words.POSTS, SHIFTS=words.SHIFTS,
        may_roster=client_id in actor.organisations(Role.REPRESENTATIVE),
    )  # fmt: skip


COVERAGE = [training, of_client]
