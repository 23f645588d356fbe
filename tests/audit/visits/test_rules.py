"""Visits: the states, what every answer owes, and that a blank is never counted as anything."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.visits import rules
from audit.visits.rules import FINAL, REASONS, Act, Draft, Item, Merge, Outcome, Reason, Reply, State
from registry.certification.facts import Grade
from registry.core.errors import Conflict, Invalid

drafts = st.builds(
    Draft,
    reply=st.sampled_from(Reply),
    grade=st.one_of(st.none(), st.sampled_from(Grade)),
    reason=st.one_of(st.none(), st.sampled_from(Reason)),
    note=st.text(max_size=30),
    figure=st.one_of(st.none(), st.floats(-10, 200)),
)
items = st.builds(Item, question=st.sampled_from(["C1.01", "C1.02", "C4.01"]), unit=st.one_of(st.none(), st.uuids()))


@given(st.lists(st.sampled_from(Act), max_size=10))
def test_a_visit_is_reported_only_after_it_was_opened_and_closed(acts: list[Act]) -> None:
    state, done = State.PLANNED, []
    for act in acts:
        try:
            state = rules.after(state, act)
        except Conflict as refused:
            assert refused.code == f"visit-{act}-{state}"
        else:
            done.append(act)
    if state is State.REPORTED:
        assert [act for act in done if act is not Act.ANSWER] == [Act.OPEN, Act.CLOSE, Act.REPORT]


def test_nothing_leaves_a_final_state() -> None:
    assert not [before for before, _ in rules.AFTER if before in FINAL]


@pytest.mark.parametrize("state", [State.PLANNED, State.CLOSED, State.REPORTED])
def test_an_answer_is_taken_only_while_the_visit_is_open(state: State) -> None:
    with pytest.raises(Conflict, match=f"visit-answer-{state}"):
        rules.after(state, Act.ANSWER)


@given(drafts, st.booleans())
def test_an_answer_that_owes_nothing_says_all_it_must(draft: Draft, counted: bool) -> None:
    if rules.owes(draft, counted=counted):
        return
    if draft.reply is Reply.NONCONFORMITY:
        assert draft.grade in rules.NC_GRADES and len(draft.note.strip()) >= 10
    if draft.reply in REASONS:
        assert draft.reason in REASONS[draft.reply]
        assert draft.reason is not Reason.OTHER or len(draft.note.strip()) >= 10
    if counted and draft.reply not in REASONS:
        assert draft.figure is not None


@given(drafts)
def test_tidying_changes_nothing_the_second_time_and_owes_no_more(draft: Draft) -> None:
    once = rules.tidy(draft)
    assert rules.tidy(once) == once
    assert set(rules.owes(once)) <= set(rules.owes(draft))


@given(drafts)
def test_only_nonconformities_and_observations_raise_findings(draft: Draft) -> None:
    if rules.owes(draft):
        return
    assert (rules.grade_of(draft) is not None) == (draft.reply in rules.RAISES_A_FINDING)
    assert (rules.grade_of(draft) is Grade.OBSERVATION) == (draft.reply is Reply.OBSERVATION)


@pytest.mark.parametrize(
    ("draft", "owed"),
    [
        (Draft(Reply.NONCONFORMITY), {"grade": "answer-grade-missing", "note": "answer-seen-missing"}),
        (
            Draft(Reply.NONCONFORMITY, Grade.OBSERVATION, note="The seal is behind a plant."),
            {"grade": "answer-grade-missing"},
        ),
        (Draft(Reply.NOT_APPLICABLE), {"reason": "answer-reason-missing"}),
        (Draft(Reply.NOT_APPLICABLE, reason=Reason.NO_ACCESS), {"reason": "answer-reason-missing"}),
        (Draft(Reply.NOT_EVALUABLE, reason=Reason.OTHER, note="no"), {"note": "answer-reason-words-missing"}),
        (Draft(Reply.OBSERVATION), {"note": "answer-better-missing"}),
        (Draft(Reply.CONFORMS), {}),
        (Draft(Reply.GOOD_PRACTICE), {}),
        (Draft(Reply.CONFORMS, note="x" * 4001), {"note": "text-too-long"}),
    ],
)
def test_every_answer_asks_at_once_for_what_it_owes(draft: Draft, owed: dict[str, str]) -> None:
    assert rules.owes(draft) == owed


@given(st.lists(items), st.lists(items))
def test_progress_counts_what_was_looked_at_and_never_more_than_was_asked(asked: list[Item], done: list[Item]) -> None:
    progress = rules.progress(asked, done)
    assert 0 <= progress.seen <= progress.of == len(set(asked))
    assert progress.left == len(set(rules.unanswered(asked, done)))


@given(st.lists(items, min_size=1, unique=True), st.data())
def test_a_visit_closes_exactly_when_no_question_is_blank(asked: list[Item], data: st.DataObject) -> None:
    done = data.draw(st.lists(st.sampled_from(asked), unique=True))
    if set(done) == set(asked):
        rules.closable(State.OPENED, asked, done)
        return
    with pytest.raises(Conflict) as refused:
        rules.closable(State.OPENED, asked, done)
    assert refused.value.code == "visit-unanswered"
    assert refused.value.details["count"] == len(asked) - len(done)


def test_a_signature_names_somebody_and_a_refusal_to_sign_need_not() -> None:
    rules.signed(Outcome.RECEIVED, "Ana Villafuerte", "Gerente general")
    rules.signed(Outcome.REFUSED, "", "")
    with pytest.raises(Invalid) as refused:
        rules.signed(Outcome.RECEIVED, " ", "")
    assert refused.value.details["fields"] == {"name": "signature-name-missing", "role": "signature-role-missing"}


@given(drafts, st.one_of(st.none(), drafts), st.one_of(st.none(), drafts))
def test_a_form_never_overwrites_in_silence_what_another_person_answered(
    draft: Draft, shown: Draft | None, standing: Draft | None
) -> None:
    outcome = rules.merge(draft, shown, standing)
    if outcome is Merge.SAVE:
        assert standing == shown != draft
    if outcome is Merge.ASK:
        assert draft not in (shown, standing) and standing != shown


def test_two_auditors_who_answer_alike_are_not_asked() -> None:
    alike = Draft(Reply.CONFORMS)
    assert rules.merge(alike, None, alike) is Merge.SKIP
    assert rules.merge(alike, None, None) is Merge.SAVE
    assert rules.merge(alike, None, Draft(Reply.GOOD_PRACTICE)) is Merge.ASK


def test_items_of_units_differ_from_the_office() -> None:
    assert Item("C4.02", UUID(int=1)) != Item("C4.02")
