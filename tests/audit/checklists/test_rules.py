"""Checklists: every question that is for a business is asked once, in order, and nothing else is."""

from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from audit.checklists import rules

KINDS = ["all", "lodging", "taxi", "freight", "waterway", "operator", "entertainment", "association"]
VERSION = UUID(int=7)


class Question(msgspec.Struct, frozen=True):
    id: str
    kinds: tuple[str, ...]
    in_unit: bool = False
    text: dict[str, str] = {}


class Criterion(msgspec.Struct, frozen=True):
    id: str
    questions: tuple[Question, ...]
    group_only: bool = False


questions = st.builds(
    Question,
    id=st.uuids().map(str),
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True).map(tuple),
    in_unit=st.booleans(),
    text=st.fixed_dictionaries({"es": st.text(max_size=5)}),
)
schemes = st.lists(
    st.builds(
        Criterion,
        id=st.uuids().map(str),
        questions=st.lists(questions, max_size=5).map(tuple),
        group_only=st.booleans(),
    ),
    max_size=6,
)


@given(schemes, st.sampled_from(KINDS[1:]))
def test_a_business_is_asked_all_that_is_for_its_kind_once_and_in_order(scheme: list[Criterion], kind: str) -> None:
    asked = rules.for_business(scheme, kind)
    every = [question.id for criterion in scheme for question in criterion.questions]
    assert asked == [id for id in every if id in set(asked)]
    for criterion in scheme:
        for question in criterion.questions:
            wanted = not criterion.group_only and bool({"all", kind} & set(question.kinds))
            assert (question.id in asked) is wanted


@given(schemes, st.sampled_from(["taxi", "waterway", "lodging"]))
def test_in_a_group_nothing_for_its_members_is_lost_between_office_and_sample(
    scheme: list[Criterion], kind: str
) -> None:
    everywhere = set(rules.for_office(scheme)) | set(rules.for_member(scheme, kind))
    assert set(rules.for_business(scheme, kind)) <= everywhere


@given(schemes, st.sampled_from(["taxi", "lodging"]), st.booleans())
def test_a_checklist_is_the_same_each_time_and_another_when_a_word_changes(
    scheme: list[Criterion], kind: str, group: bool
) -> None:
    first = rules.frozen(VERSION, scheme, kind, group=group)
    assert first == rules.frozen(VERSION, scheme, kind, group=group)
    assert first.hash != rules.frozen(UUID(int=8), scheme, kind, group=group).hash
    reworded = [
        Criterion(
            one.id,
            tuple(Question(q.id, q.kinds, q.in_unit, {"es": q.text["es"] + "!"}) for q in one.questions),
            one.group_only,
        )
        for one in scheme
    ]
    changed = rules.frozen(VERSION, reworded, kind, group=group)
    assert (changed.hash == first.hash) == (not first.place and not first.unit)


@given(schemes, st.sampled_from(["taxi", "lodging"]))
def test_grouping_by_criterion_keeps_every_question(scheme: list[Criterion], kind: str) -> None:
    asked = rules.for_business(scheme, kind)
    assert [id for _, ids in rules.grouped(asked, scheme) for id in ids] == asked
