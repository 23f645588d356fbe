"""The life of a seal by properties: nothing comes back, and whoever folds the log learns every state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Conflict
from registry.seals import rules
from registry.seals.log import KEPT, Event
from registry.seals.rules import AFTER, FINAL, LIVE, LOGGED, Act, after, as_logged, bits, due, fold, printable
from registry.seals.snapshot import State

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ACTS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([*Act, *sorted(KEPT)])), max_size=25)


def test_nothing_leads_out_of_a_final_state() -> None:
    assert not [state for state, _ in AFTER if state in FINAL] and set(State) == LIVE | FINAL
    for state in FINAL:
        for act in Act:
            with pytest.raises(Conflict, match="seal-act-not-possible"):
                after(state, act)


def history(acts: list[tuple[int, Act | str]]) -> tuple[dict[int, State], list[dict[str, Any]]]:
    """Four seals on whose behalf acts are tried; those that are possible make leaves. Renewals and new signatures are
    among them: they change the credential and never the state."""
    leaves: list[dict[str, Any]] = [
        {"t": Event.ISSUED, "seal": f"s{n}", "status": n, "vc": f"v{n}", "from": "a", "until": "b"} for n in range(4)
    ]
    states, last = dict.fromkeys(range(4), State.VALID), {n: n for n in range(4)}
    said = {n: dict(leaf) for n, leaf in enumerate(leaves)}
    for n, act in acts:
        if isinstance(act, Act):
            if (states[n], act) not in AFTER:
                continue
            states[n] = after(states[n], act)
            leaves.append(said[n] | {"t": LOGGED[act], "prev": last[n]})
        elif states[n] in LIVE:
            said[n]["vc"] += "+"
            said[n]["until"] += "b" if act == Event.RENEWED else ""
            leaves.append(said[n] | {"t": act, "prev": last[n], "state": str(states[n])})
        else:
            continue
        last[n] = len(leaves) - 1
    return states, leaves


@given(ACTS)
def test_whoever_folds_the_log_knows_every_state_and_both_lists(acts: list[tuple[int, Act | str]]) -> None:
    states, leaves = history(acts)
    folded, wrong = fold(leaves)
    assert wrong == []
    assert {n: folded[f"s{n}"].state for n in states} == {n: as_logged(state) for n, state in states.items()}
    lists = bits((folded[f"s{n}"].state, n) for n in states)
    assert lists == bits(((state, n) for n, state in states.items()))
    assert lists["revocation"].isdisjoint(lists["suspension"])


@given(ACTS, st.data())
def test_a_leaf_left_out_or_said_twice_is_noticed(acts: list[tuple[int, Act | str]], data: st.DataObject) -> None:
    _, leaves = history(acts)
    if len(leaves) < 6:
        return
    place = data.draw(st.integers(4, len(leaves) - 2))
    later = [leaf for leaf in leaves[place + 1 :] if leaf["seal"] == leaves[place]["seal"]]
    assert fold([*leaves, leaves[place]])[1]
    if later:
        assert fold(leaves[:place] + leaves[place + 1 :])[1]


@pytest.mark.parametrize(
    ("before", "leaf"),
    [
        ([(0, Act.SUSPEND)], {"t": Event.RESIGNED, "state": "valid"}),
        ([(0, Act.SUSPEND)], {"t": Event.RENEWED, "state": "valid", "until": "c"}),
        ([(0, Act.WITHDRAW)], {"t": Event.RESIGNED, "state": "withdrawn"}),
        ([(0, Act.END)], {"t": Event.RENEWED, "state": "valid", "until": "c"}),
        ([], {"t": Event.RESIGNED, "state": "valid", "until": "c"}),
        ([], {"t": Event.RENEWED, "state": "valid", "until": "b"}),
        ([], {"t": Event.RENEWED, "state": "valid", "from": "A", "until": "c"}),
        ([], {"t": Event.RENEWED, "until": "c"}),
    ],
)
def test_neither_a_renewal_nor_a_new_signature_moves_a_state_or_a_date_it_may_not(
    before: list[tuple[int, Act | str]], leaf: dict[str, Any]
) -> None:
    _, leaves = history(before)
    last = max(number for number, one in enumerate(leaves) if one["seal"] == "s0")
    honest = leaves[0] | {"vc": "new", "prev": last}
    assert fold([*leaves, honest | leaf])[1]


@pytest.mark.parametrize("event", sorted(KEPT))
@pytest.mark.parametrize("kept", sorted(LIVE))
def test_the_last_leaf_alone_says_what_a_renewed_or_signed_again_seal_may_show(event: str, kept: State) -> None:
    own = rules.Leaf("", "s", "v", "until", 1)
    last = rules.Leaf(event, "s", "v", "until", 1, kept)
    shown = {state: rules.logged(state, own, last) for state in State}
    assert shown[State.SUSPENDED] is State.SUSPENDED
    assert shown[State.VALID] is kept  # a row that says more is shown as the log has it
    assert all(shown[state] is state for state in FINAL)


def test_two_seals_on_one_index_are_noticed() -> None:
    _, leaves = history([])
    assert fold([*leaves, {**leaves[0], "seal": "other"}])[1]


def test_only_what_is_valid_today_is_printed() -> None:
    until = NOW + timedelta(days=1)
    assert printable(State.VALID, until, NOW) and printable(State.VALID, until, until)
    assert not printable(State.VALID, until, until + timedelta(seconds=1))
    assert not any(printable(state, until, NOW) for state in State if state is not State.VALID)


def test_a_publication_is_due_after_a_change_or_when_the_copy_would_look_old() -> None:
    assert due(3, 2, NOW, NOW) and due(0, 0, None, NOW)
    assert not due(3, 3, NOW, NOW + rules.REFRESH - timedelta(seconds=1)) and due(3, 3, NOW, NOW + rules.REFRESH)


def test_a_seal_begins_with_its_decision_and_never_a_day_before_it_is_logged() -> None:
    assert rules.begins(NOW, NOW + timedelta(hours=23)) == NOW
    assert rules.begins(NOW, NOW + timedelta(days=40)) == NOW + timedelta(days=40)
    assert rules.begins(NOW + timedelta(days=1), NOW) == NOW + timedelta(days=1)
