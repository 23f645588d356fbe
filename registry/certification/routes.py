"""The desks of officer, reviewer, decider and internal inspector, and the file of a case that all of them share."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.certification import (
    assessing,
    case_routes,
    dossier,
    intake_routes,
    objection_routes,
    planning,
    queries,
    rules,
    ties_routes,
    words,
)
from registry.certification.rules import State
from registry.certification.schemas import Case
from registry.core.i18n import N_
from registry.core.pages import RailEntry, page

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]

QUEUES: dict[str, tuple[str, str, frozenset[State], str]] = {
    "applications": (N_("Applications"), Permission.CERTIFICATION_ACCEPT, frozenset({State.APPLIED}),
                     N_("No application waits. New ones appear here by themselves.")),
    "planning": (N_("Planning"), Permission.CERTIFICATION_PLAN, frozenset({State.ACCEPTED}),
                 N_("Nothing waits to be planned. Accepted applications come here, objections to a team, and"
                    " evaluations that grew too old.")),
    "reviews": (N_("Reviews"), Permission.CERTIFICATION_REVIEW, frozenset({State.EVALUATED}),
                N_("No evaluation waits for a review. They come here when the audit team has reported.")),
    "decisions": (N_("Decisions"), Permission.CERTIFICATION_DECIDE, frozenset({State.REVIEWED}),
                  N_("No case waits for a decision. Reviewed cases come here.")),
}  # fmt: skip
"""Address, title, who works it, the states that wait there, and what an empty one says."""
VIEWS: tuple[tuple[str, str, frozenset[State]], ...] = (
    ("open", N_("On their way"), rules.UNDECIDED),
    ("in-force", N_("In force"), rules.IN_FORCE),
    ("over", N_("Over"), rules.FINAL),
)
PAGE = 50
_WORKED_BY = dict(zip(QUEUES, (Role.OFFICER, Role.OFFICER, Role.REVIEWER, Role.DECIDER), strict=True))


@get("/desk/certifications")
async def cases(
    actor: Who, now: Now, view: FromQuery[str] = "", q: FromQuery[str] = "", start: FromQuery[int] = 0
) -> Response[Any]:
    """Unless a view is asked for, the first that has a file: a certified business begins with its certificate."""
    actor.require(Permission.CERTIFICATION_VIEW)
    found: list[Case] = []
    shown = wanted = [one for one in VIEWS if one[0] == view] or list(VIEWS)
    while wanted and not found:
        (view, _, states), *wanted = wanted
        found = await queries.cases(actor, now, () if q else states, q.strip(), PAGE + 1, max(0, start))
    view = view if found else shown[0][0]
    return page("certification/cases.html", cases=found[:PAGE], more=len(found) > PAGE, start=start, view=view, q=q,
                views=VIEWS, words=words)  # fmt: skip


@get([f"/desk/certifications/{name}" for name in QUEUES])
async def queue(request: Request[Any, Any, Any], actor: Who, now: Now) -> Response[Any]:
    title, permission, states, empty = QUEUES[request.url.path.rsplit("/", 1)[-1]]
    actor.require(Permission(permission))
    planned = permission == Permission.CERTIFICATION_PLAN
    found = await (planning.to_plan(actor, now) if planned else queries.cases(actor, now, states, limit=200))
    return page("certification/queue.html", title=title, cases=found, empty_words=empty, words=words, now=now)


def _waiting(*states: State) -> Callable[[Actor, datetime], Awaitable[int]]:
    async def count(actor: Actor, now: datetime) -> int:
        return await (planning.waiting(actor, now) if State.ACCEPTED in states else queries.waiting(actor, states))

    return count


async def _returned(actor: Actor, now: datetime) -> int:
    return await queries.waiting(actor, [State.RETURNED]) if actor.may(Permission.CERTIFICATION_APPLY) else 0


async def _unchecked(actor: Actor, now: datetime) -> int:
    return await dossier.unchecked(actor, now)


@get("/desk/checks")
async def groups(actor: Who, now: Now) -> Response[Any]:
    actor.require(Permission.CERTIFICATION_CHECK)
    return page("certification/groups.html", cases=await dossier.groups(actor, now), words=words)


RAIL = [
    *(RailEntry(permission, title, f"/desk/certifications/{name}", _waiting(*states),
                home=frozenset({_WORKED_BY[name]}))
      for name, (title, permission, states, _) in QUEUES.items()),
    RailEntry(Permission.CERTIFICATION_CHECK, N_("Internal checks"), "/desk/checks", _unchecked,
              home=frozenset({Role.INSPECTOR})),
    RailEntry(Permission.CERTIFICATION_VIEW, N_("Certification files"), "/desk/certifications", _returned),
    RailEntry(Permission.CERTIFICATION_DECLARE, N_("My declared ties"), "/desk/ties"),
    RailEntry(Permission.CERTIFICATION_PLAN, N_("What auditors know"), "/desk/auditors"),
]  # fmt: skip
ROUTES = [
    *assessing.ROUTES, *case_routes.ROUTES, *intake_routes.ROUTES, *objection_routes.ROUTES, *ties_routes.ROUTES, cases,
    queue, groups,
]  # fmt: skip
