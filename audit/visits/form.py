"""A section of the checklist as a web form: its fields, and back. Pure.

One question is `C4.01.reply` (with the three grades as answers of their own, so that a nonconformity is one tap),
`.note`, `.reason_…`, `.figure`, `.file`, and two hidden ones: `.id`, made for this answer, and `.over`, the one shown.
"""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from audit.checklists.queries import Asked
from audit.visits import rules
from audit.visits.rules import NC_GRADES, Draft, Reason, Reply
from audit.visits.schemas import AnswerDraft
from registry.certification.facts import Grade
from registry.core.ids import read, uuid7

CHOICES = (
    Reply.CONFORMS.value, Reply.GOOD_PRACTICE.value, *(grade.value for grade in NC_GRADES), Reply.OBSERVATION.value,
    Reply.NOT_APPLICABLE.value, Reply.NOT_EVALUABLE.value,
)  # fmt: skip
REASON_FIELDS = {Reply.NOT_APPLICABLE: "reason_na", Reply.NOT_EVALUABLE: "reason_ne"}
"""Each answer has its own list of reasons on the page, and so its own field."""


class Section(msgspec.Struct, frozen=True):
    """What a form brought: answers that can be saved, and what the others owe, by field."""

    ready: list[AnswerDraft]
    owed: dict[str, str]
    files: dict[str, Any]
    """Question -> the file sent with it."""


def choice(draft: Draft) -> str:
    """The radio button that shows an answer."""
    return draft.grade.value if draft.reply is Reply.NONCONFORMITY and draft.grade else draft.reply.value


def shown(questions: Iterable[str], stands: Mapping[str, Draft], known: Mapping[str, float]) -> dict[str, str]:
    """The fields of a form as drawn the first time: what stands, and the registry's figure to be confirmed."""
    fields: dict[str, str] = {}
    for id in questions:
        draft = stands.get(id)
        figure = draft.figure if draft else known.get(id)
        fields[f"{id}.figure"] = "" if figure is None else f"{figure:g}"
        fields[f"{id}.reply"] = choice(draft) if draft else ""
        fields[f"{id}.note"] = draft.note if draft else ""
        for reply, field in REASON_FIELDS.items():
            fields[f"{id}.{field}"] = draft.reason or "" if draft and draft.reply is reply else ""
    return fields


def section(asked: Iterable[Asked], unit: UUID | None, data: Mapping[str, Any]) -> Section:
    """What the person filled in. A question without an answer is left for later, unless words were typed at it."""
    result = Section([], {}, {})
    for question in asked:
        file = data.get(f"{question.id}.file")
        if getattr(file, "filename", ""):
            result.files[question.id] = file
        typed = {key: str(data.get(f"{question.id}.{key}", "")).replace("\r\n", "\n").strip()
                 for key in ("reply", "note", "figure", "id", "over", *REASON_FIELDS.values())}  # fmt: skip
        if typed["reply"] not in CHOICES:
            if typed["note"]:
                result.owed[f"{question.id}.reply"] = "answer-reply-missing"
            continue
        draft, wrong = _draft(typed)
        counted = unit is None and question.counted
        wrong |= {_field(draft, name): code for name, code in rules.owes(draft, counted=counted).items()} | wrong
        if wrong:
            result.owed.update({f"{question.id}.{name}": code for name, code in wrong.items()})
        else:
            result.ready.append(_answer(question.id, unit, draft, typed))
    return result


def _draft(typed: Mapping[str, str]) -> tuple[Draft, dict[str, str]]:
    grade = Grade(typed["reply"]) if typed["reply"] in set(NC_GRADES) else None
    reply = Reply.NONCONFORMITY if grade else Reply(typed["reply"])
    reason, figure, wrong = None, None, {}
    with contextlib.suppress(ValueError):
        reason = Reason(typed[REASON_FIELDS[reply]]) if reply in REASON_FIELDS else None
    if typed["figure"]:
        try:
            # Costa Rica writes a decimal comma.
            figure = float(typed["figure"].replace("%", "").replace(",", ".").strip())
        except ValueError:
            wrong["figure"] = "answer-figure-impossible"
    return rules.tidy(Draft(reply, grade, reason, typed["note"], figure)), wrong


def _field(draft: Draft, name: str) -> str:
    return REASON_FIELDS.get(draft.reply, name) if name == "reason" else name


def _answer(question: str, unit: UUID | None, draft: Draft, typed: Mapping[str, str]) -> AnswerDraft:
    over: UUID | msgspec.UnsetType | None = read(typed["over"])
    return AnswerDraft(id=identity(typed["id"]), question=question, unit=unit, over=over, reply=draft.reply,
                       grade=draft.grade, reason=draft.reason, note=draft.note, figure=draft.figure)  # fmt: skip


def identity(text: Any) -> UUID:
    """The id a form carries, or a new one where it carries none of ours."""
    return read(text) or uuid7()
