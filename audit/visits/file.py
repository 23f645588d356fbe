"""What the pages show of a visit: its line, its file, one section of the checklist, the meetings, the report."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from audit.checklists import queries as checklists
from audit.checklists.queries import Asked
from audit.findings import rules as finding_rules
from audit.findings.tables import Finding
from audit.visits import form, queries, rules, summary
from audit.visits.rules import Item, Reply, State
from audit.visits.schemas import Standing
from audit.visits.tables import Visit, VisitSample
from audit.visits.words import DRAWN_FOR, GRADES, REPLIES
from registry.access.actor import Actor
from registry.accounts import queries as accounts
from registry.certification.facts import Grade
from registry.certification.requirements import score
from registry.clients import queries as clients
from registry.core import i18n
from registry.core.errors import NotFound
from registry.core.i18n import _
from registry.schemes import queries as schemes
from registry.schemes.schemas import Version

GROUPS = (("open", State.OPENED), ("closed", State.CLOSED), ("planned", State.PLANNED), ("finished", State.REPORTED))


class Line(msgspec.Struct, frozen=True):
    """One visit of the list."""

    visit: Visit
    seen: int
    of: int
    units: int


class File(msgspec.Struct, frozen=True):
    """A visit with everything its rules look at, read once."""

    visit: Visit
    version: Version
    units: list[VisitSample]
    items: list[Item]
    stands: dict[Item, Standing]
    found: list[Finding]
    labels: dict[UUID, str]

    @property
    def progress(self) -> rules.Progress:
        return rules.progress(self.items, self.stands)

    @property
    def blank(self) -> list[Item]:
        return rules.unanswered(self.items, self.stands)

    def of(self, place: str) -> list[Item]:
        """The items of one page: a criterion at the place, or one unit."""
        return [item for item in self.items if _page(item) == place]


def _page(item: Item) -> str:
    """Which page of the visit asks an item; the same word is the end of its address."""
    return f"units/{item.unit}" if item.unit else f"criteria/{item.question.partition('.')[0]}"


async def lines(actor: Actor, finished: int) -> list[Line]:
    """An auditor's visits, with how far each is and so many finished. Four statements, however many visits."""
    visits = await queries.mine(actor, finished)
    ids = [visit.id for visit in visits]
    seen, units = await queries.answered_counts(ids), await queries.sample_sizes(ids)
    result = []
    for visit in visits:
        asked = queries.checklist(visit)
        size = units.get(visit.id, 0)
        result.append(Line(visit, seen.get(visit.id, 0), len(asked.place) + size * len(asked.unit), size))
    return result


async def of(visit: Visit) -> File:
    """The whole file of a visit."""
    units = await queries.sample(visit.id)
    found = await queries.found(visit.id)
    return File(
        visit, await schemes.version(visit.scheme_version), units, queries.items(visit, units),
        await queries.standing(visit.id), found, await _labels(unit.unit for unit in units))  # fmt: skip


async def _labels(unit_ids: Iterable[UUID]) -> dict[UUID, str]:
    return {unit.id: unit.plate or unit.name for unit in await clients.units(unit_ids=list(unit_ids), retired=True)}


def words(text: Any) -> str:
    """A text of the scheme in the reader's language."""
    return str(text.get(i18n.language()) or next(iter(text.values())))


def criteria(file: File) -> list[dict[str, Any]]:
    """The criteria asked at the place, each with one mark per question."""
    result = []
    for criterion in file.version.criteria:
        items = file.of(f"criteria/{criterion.id}")
        if items:
            marks = [item in file.stands for item in items]
            result.append({"id": criterion.id, "name": words(criterion.name), "marks": marks, "seen": sum(marks),
                           "of": len(marks)})  # fmt: skip
    return result


def sample(file: File) -> list[dict[str, Any]]:
    """The sampled units, first those still to be seen."""
    result = []
    for unit in file.units:
        items = file.of(f"units/{unit.unit}")
        result.append({
            "id": unit.unit, "label": file.labels.get(unit.unit, "?"), "drawn_for": drawn_for(unit.drawn_for),
            "replaces": file.labels.get(unit.replaces, "?") if unit.replaces else "", "reason": unit.reason,
            "seen": sum(item in file.stands for item in items), "of": len(items),
            "grades": [one.grade for one in file.found if one.unit == unit.unit],
        })  # fmt: skip
    return sorted(result, key=lambda row: row["seen"] == row["of"])


def drawn_for(reason: str) -> str:
    """Why the draw took a unit, in words; a stratum by its own name."""
    kind, _colon, name = reason.partition(":")
    return _(DRAWN_FOR[kind]) if kind in DRAWN_FOR else name or reason


def findings(file: File, found: Sequence[Finding], now: datetime) -> list[dict[str, Any]]:
    """Findings with the unit they are about and the dates they get if the visit closes today."""
    terms, today = summary.terms(file.version), queries.today(file.visit, now)
    return [{"row": one, "unit": file.labels.get(one.unit, "") if one.unit else "",
             "due": finding_rules.due(Grade(one.grade), today, terms)} for one in found]  # fmt: skip


def following(file: File, after: str = "") -> tuple[str, str]:
    """Address and words of the next page with something blank, after this one and then from the start."""
    pages: list[str] = list(dict.fromkeys(_page(item) for item in file.items))
    turned = pages[pages.index(after) + 1 :] + pages[: pages.index(after)] if after in pages else pages
    blank = {_page(item) for item in file.blank}
    page = next((page for page in turned if page in blank), "")
    if not page:
        return f"/audit/visits/{file.visit.id}", ""
    kind, _slash, id = page.partition("/")
    label = id if kind == "criteria" else file.labels.get(UUID(id), id)
    return f"/audit/visits/{file.visit.id}/{page}", label


def address(file: File, item: Item) -> str:
    """Where an item is asked."""
    return f"/audit/visits/{file.visit.id}/{_page(item)}#{item.question}"


async def asked(file: File, place: str) -> list[Asked]:
    """The questions of one page, in order. A page this visit does not have is not there."""
    known = await checklists.questions(file.visit.scheme_version)
    found = [known[item.question] for item in file.of(place)]
    if not found:
        raise NotFound("visit-not-found")
    return found


def fields(file: File, place: str) -> dict[str, str]:
    """What stands, as the fields of the page's form."""
    stands = {item.question: file.stands[item].draft for item in file.of(place) if item in file.stands}
    known = msgspec.json.decode(file.visit.figures, type=dict[str, float])
    return form.shown((item.question for item in file.of(place)), stands, known)


async def questions(file: File, place: str, unit: UUID | None, now: datetime) -> list[dict[str, Any]]:
    """The questions of one page as it draws them."""
    terms, known = summary.terms(file.version), msgspec.json.decode(file.visit.figures, type=dict[str, float])
    evidence = await queries.evidence(file.visit.id)
    who = await accounts.called({one.by for one in file.stands.values()})
    result = []
    for question in await asked(file, place):
        one = file.stands.get(Item(question.id, unit))
        result.append({
            "id": question.id, "text": words(question.text), "evidence": words(question.evidence),
            "type": question.type, "counted": question.counted and unit is None, "on_failure": question.on_failure,
            "known": f"{known[question.id]:g}" if question.id in known else None,
            "over": one.id if one else "", "due": _terms(terms),
            "standing": {"words": said(one), "who": who.get(one.by, "?"), "at": one.at} if one else None,
            "files": [_kept(row) for row in evidence if (row.question, row.unit) == (question.id, unit)],
        })  # fmt: skip
    return result


def said(one: Standing) -> str:
    """An answer in a few words."""
    return _(GRADES[one.draft.grade] if one.draft.grade else REPLIES[one.draft.reply])


def _terms(terms: dict[Grade, finding_rules.Terms]) -> str:
    major, minor = terms[Grade.MAJOR], terms[Grade.MINOR]
    return _("Major nonconformity: plan in %(a)s days, closed in %(b)s. Minor nonconformity: %(c)s and %(d)s.",
             a=major.plan_days, b=major.close_days, c=minor.plan_days, d=minor.close_days)  # fmt: skip


def _kept(row: Any) -> dict[str, Any]:
    return {"url": f"/audit/evidence/{row.id}", "name": row.name, "note": row.note, "at": row.at,
            "content_type": row.content_type, "sha256": row.sha256}  # fmt: skip


async def kept(visit_id: UUID) -> list[dict[str, Any]]:
    """All evidence of a visit."""
    return [_kept(row) for row in await queries.evidence(visit_id)]


def results(file: File) -> dict[str, Any]:
    """What the visit comes to: reading, criteria with their shares, recommendation."""
    reading, tallies, recommendation = summary.read(file.version, file.items, file.stands, file.found, len(file.units))
    named = {criterion.id: words(criterion.name) for criterion in file.version.criteria}
    rows = [{"id": one.criterion, "name": named[one.criterion], "conform": one.conform, "planned": one.planned,
             "assessed": one.assessed, "not_applicable": one.not_applicable,
             "share": int(score(one)) if one.assessed else None} for one in tallies]  # fmt: skip
    return {"reading": reading, "criteria": rows, "recommendation": recommendation,
            "floor": file.version.parameters.criterion_floor,
            "waits": any(finding_rules.State(one.state) in finding_rules.OPEN and one.grade != Grade.OBSERVATION
                         for one in file.found)}  # fmt: skip


def not_evaluable(file: File) -> list[str]:
    """Questions nobody could evaluate, which the closing meeting names."""
    return sorted({item.question for item, one in file.stands.items() if one.draft.reply is Reply.NOT_EVALUABLE})
