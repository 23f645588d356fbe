"""What the pages show of a finding: its line in the list, and its whole file."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from audit.checklists import queries as checklists
from audit.findings import queries, rules, words
from audit.findings.rules import State
from audit.findings.tables import Finding, FindingProof
from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.accounts import queries as accounts
from registry.core import i18n
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.core.ids import read
from registry.schemes import queries as schemes


class Line(msgspec.Struct, frozen=True):
    """One finding of the list, with the name of the business or unit it is about."""

    row: Finding
    name: str
    late: bool
    plan_late: bool


async def lines(actor: Actor, now: datetime, *, waiting: bool) -> list[Line]:
    """The findings an actor may see, the most pressing first."""
    found = await queries.listed(actor, waiting=waiting)
    named, today = await names_of(found), queries.today(now)
    return [
        Line(
            row, named.get(row.unit or row.holder, ""), queries.late(row, today),
            row.plan_on is not None and row.plan_on < today and State(row.state) in rules.WAITS_FOR_CLIENT)
        for row in found
    ]  # fmt: skip


async def names_of(found: Iterable[Finding]) -> dict[UUID, str]:
    """Names of the holders and units these findings are about."""
    ids = list({id for row in found for id in (row.unit, row.holder) if id is not None})
    rows = await fetch(
        "SELECT id, name FROM client WHERE id = ANY($1) UNION ALL SELECT id, name FROM association WHERE id = ANY($1)"
        " UNION ALL SELECT id, plate FROM vehicle WHERE id = ANY($1)"
        " UNION ALL SELECT id, name FROM establishment WHERE id = ANY($1)",
        ids,
    )
    return {row["id"]: row["name"] for row in rows}


async def values(actor: Actor, now: datetime, row: Finding) -> dict[str, Any]:
    """Everything the page of one finding shows."""
    today, asked = queries.today(now), await _asked(row)
    past, proofs = await queries.history(row.id), await queries.proofs(row.id)
    can = queries.allowed(actor, row)
    return {
        "row": row, "can": can, "today": today, "late": queries.late(row, today), "lines": past,
        "name": (await names_of([row])).get(row.unit or row.holder, ""), "files": [_kept(one) for one in proofs],
        "question": asked["question"], "criterion": asked["criterion"], "names": await _people(row, past),
        "draft": await _draft(row), "own_visit": Role.AUDITOR in actor.roles and actor.id in row.team,
        "METHOD_OPTIONS": [(key, i18n._(text)) for key, text in words.METHODS.items()],
    }  # fmt: skip


async def _asked(row: Finding) -> dict[str, str]:
    (case,) = await fetch("SELECT scheme_version FROM certification WHERE id = $1", row.certification)
    question = (await checklists.questions(case["scheme_version"]))[row.question]
    version = await schemes.version(case["scheme_version"])
    criterion = next(one for one in version.criteria if one.id == row.criterion)
    language = i18n.language()
    return {"question": question.text[language],
            "criterion": f"{criterion.name[language]}. {criterion.sentence[language]}"}  # fmt: skip


async def _people(row: Finding, past: list[dict[str, Any]]) -> dict[UUID, str]:
    ids = [*row.team, *(line["row"].by for line in past)]
    return await accounts.called(ids)


async def _draft(row: Finding) -> dict[str, Any]:
    """What the form begins with: the draft, or the answer before when the finding was opened again."""
    kept = await queries.draft(row.id) or await queries.standing_action(row.id)
    names = ("correction", "cause", "action", "responsible", "proof", "disagreement")
    if kept is None:
        return dict.fromkeys((*names, "due_on"), "") | {"at": None}
    due = kept.due_typed or (kept.due_on.strftime("%d/%m/%Y") if kept.due_on else "")
    return {name: getattr(kept, name) for name in names} | {"due_on": due, "at": kept.at}


def _kept(one: FindingProof) -> dict[str, Any]:
    return {"id": one.id, "url": f"/audit/proofs/{one.id}", "name": one.name, "at": one.at,
            "content_type": one.content_type, "sha256": one.sha256, "note": ""}  # fmt: skip


def identity(text: Any) -> UUID:
    """An id a form carries. What is no id of ours is not there."""
    found = read(text)
    if found is None:
        raise NotFound("finding-not-found")
    return found
