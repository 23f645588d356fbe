"""The life of a seal, and what the log says of it. Pure.

17030 and domain.md 2: a seal says the case's state times its own unit's; withdrawal is final; expiry needs no job.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from registry.certification.rules import UNDECIDED
from registry.certification.rules import State as CaseState
from registry.core.errors import Conflict
from registry.core.phrase import Phrase
from registry.seals.log import KEPT, KEY_EVENTS, Event
from registry.seals.snapshot import State


class Act(StrEnum):
    """What can be done to a seal. Nothing leads out of a final state."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    WITHDRAW = "withdraw"
    REPLACE = "replace"
    END = "end"


AFTER: dict[tuple[State, Act], State] = {
    (State.VALID, Act.SUSPEND): State.SUSPENDED,
    (State.SUSPENDED, Act.REINSTATE): State.VALID,
    **{
        (state, act): final
        for state in (State.VALID, State.SUSPENDED)
        for act, final in (
            (Act.WITHDRAW, State.WITHDRAWN),
            (Act.REPLACE, State.REPLACED),
            (Act.END, State.ENDED),
        )
    },
}
LIVE = frozenset({State.VALID, State.SUSPENDED})
FINAL = frozenset(State) - LIVE
HELD = frozenset({CaseState.GRANTED, CaseState.SUSPENDED})
"""Of a unit in its case: it has a seal, valid or not now."""
LOGGED: dict[Act, str] = {
    Act.SUSPEND: Event.SUSPENDED,
    Act.REINSTATE: Event.REINSTATED,
    Act.WITHDRAW: Event.REVOKED,
    Act.REPLACE: Event.REVOKED,
    Act.END: Event.REVOKED,
}
"""The log does not say why a seal was revoked: that a business left is nobody's fault and nobody's business."""

MANIFEST_LIFE = timedelta(days=7)
"""After this a copy proves nothing at all (seals.md 3.3)."""
REFRESH = timedelta(minutes=2)
"""A manifest older than this is signed anew though nothing changed: the pulse by which doors know that we publish."""
BACKDATED = timedelta(hours=24)
"""How far before its leaf a seal may begin (seals.md 4.4)."""
KEEP_SUPERSEDED = timedelta(hours=1)
"""How long a reader may still be fetching the files of an earlier snapshot."""


def after(state: State, act: Act) -> State:
    """The state an act leads to, or a Conflict naming what was possible instead."""
    try:
        return AFTER[state, act]
    except KeyError:
        possible = [one for before, one in AFTER if before is state]
        raise Conflict("seal-act-not-possible", state=state, act=act, possible=possible) from None


class Leaf(msgspec.Struct, frozen=True):
    """What a leaf of the log says of its seal."""

    t: str
    seal: str
    vc: str
    until: str
    status: int
    state: str = ""  # of the leaves that keep one (log.KEPT)
    valid_from: str = msgspec.field(name="from", default="")


SAID: dict[str, frozenset[State]] = {
    Event.ISSUED: frozenset({State.VALID}),
    Event.REINSTATED: frozenset({State.VALID}),
    Event.SUSPENDED: frozenset({State.SUSPENDED}),
    Event.REVOKED: FINAL,
    Event.ERASED: FINAL,
}
"""The states a seal may have after each event of the log."""


def logged(state: State, own: Leaf, last: Leaf | None) -> State | None:
    """What may be shown of a seal's row: never more than the log says; None when the log does not know it.

    Whoever can write the database can write a row, and a row alone must not make a page green: each change of a seal is
    a leaf first. A row that says less than the log is shown as it is, and every audit of the published files tells.
    """
    if last is None or msgspec.structs.replace(own, t=last.t, state=last.state) != last:
        return None
    said = frozenset({State(last.state)}) if last.t in KEPT else SAID[last.t]
    if state in said or state in FINAL:
        return state
    if said == FINAL:
        return State.WITHDRAWN
    # Neither says that it is over: whichever says less.
    return State.SUSPENDED


def fates(units: Iterable[UUID], wanted: Mapping[UUID, CaseState]) -> dict[Act, list[UUID]]:
    """What becomes of seals of a case that another follows, where that one does not keep them: who is in it and lost
    it is withdrawn, who is no part of it has ended, who holds a newer seal by it has a newer sticker. A case that is
    not decided, or that is over by time alone, ends nothing."""
    found: dict[Act, list[UUID]] = {}
    for unit in units:
        standing = wanted.get(unit)
        if standing in HELD:
            found.setdefault(Act.REPLACE, []).append(unit)
        elif standing is CaseState.WITHDRAWN:
            found.setdefault(Act.WITHDRAW, []).append(unit)
        elif standing not in UNDECIDED and standing is not CaseState.EXPIRED:
            found.setdefault(Act.END, []).append(unit)
    return found


def renewed(
    was_from: datetime, was_until: datetime, valid_from: datetime, valid_until: datetime, now: datetime
) -> tuple[datetime, datetime]:
    """The dates of a seal that is renewed: those of the new decision, but never a gap before it that the old one
    covered, and never an earlier end. Raises Conflict when there is nothing to renew."""
    if valid_until <= was_until:
        raise Conflict("seal-renewal-not-later", until=valid_until.date().isoformat())
    return (max(valid_from, was_from) if valid_from <= now else was_from), valid_until


def over(state: State, valid_until: datetime, now: datetime) -> bool:
    """Whether a seal can no longer make a page green, by its state or by its end."""
    return state in FINAL or now > valid_until


def begins(valid_from: datetime, now: datetime) -> datetime:
    """When a seal that is issued now begins: with its decision; but who joins a case later, or was suspended when it
    was granted, holds no seal for the time before. Whoever watches the log takes more than a day for backdating."""
    return valid_from if now - valid_from < BACKDATED else now


def printable(state: State, valid_until: datetime, now: datetime) -> bool:
    """Only what is valid today is printed; a sticker that is not would be a false statement from the first day."""
    return state is State.VALID and now <= valid_until


def due(changed: int, shown: int, published_at: datetime | None, now: datetime) -> bool:
    """Whether there is anything to publish: a change, a copy that would soon look old, or one that a clock which was
    put right since dated later than now, and that no door believes."""
    return changed != shown or published_at is None or not timedelta() <= now - published_at < REFRESH


class Fold(msgspec.Struct):
    """What the log says of one seal, leaf by leaf."""

    state: State
    status: int
    vc: str
    valid_from: str
    valid_until: str
    first: int
    last: int
    erased: bool = False  # nothing shows it any more, and its bits stay


_FOLDED = {
    Event.SUSPENDED: (State.VALID, State.SUSPENDED),
    Event.REINSTATED: (State.SUSPENDED, State.VALID),
}


def follow(known: Fold | None, number: int, leaf: dict[str, Any]) -> tuple[Fold | None, list[str]]:
    """What a seal is after one more leaf about it, and what about that leaf could not honestly follow."""
    event = leaf["t"]
    if event == Event.ISSUED:
        wrong: list[str] = [Phrase("issued twice")] if known else []
        return Fold(State.VALID, leaf["status"], leaf["vc"], leaf["from"], leaf["until"], number, number), wrong
    if known is None or leaf.get("prev") != known.last or leaf["status"] != known.status:
        return known, [Phrase("%(event)s of a seal that does not lead there", event=event)]
    wrong = _not_followed(leaf, known)
    dates = {"vc": leaf["vc"], "valid_from": leaf["from"], "valid_until": leaf["until"]} if event in KEPT else {}
    states = {Event.REVOKED: State.WITHDRAWN, Event.SUSPENDED: State.SUSPENDED, Event.REINSTATED: State.VALID}
    # A final state is one-way whatever a leaf says.
    state = known.state if known.state in FINAL else states.get(event, known.state)
    erased = known.erased or event == Event.ERASED
    return msgspec.structs.replace(known, state=state, last=number, erased=erased, **dates), wrong


def _not_followed(leaf: dict[str, Any], known: Fold) -> list[str]:
    event = leaf["t"]
    if known.erased:
        return [Phrase("%(event)s of a seal that was erased", event=event)]
    if event == Event.ERASED:
        return [] if known.state in FINAL else [_not_of(event, known)]
    if event in KEPT:
        return _not_kept(leaf, known)
    allowed = known.state in LIVE if event == Event.REVOKED else _FOLDED.get(event, (None,))[0] is known.state
    same = (leaf["vc"], leaf["from"], leaf["until"]) == (known.vc, known.valid_from, known.valid_until)
    wrong = [] if allowed else [_not_of(event, known)]
    return wrong if same else [*wrong, Phrase("%(event)s with another credential or other dates", event=event)]


def _not_of(event: str, known: Fold) -> str:
    return Phrase("%(event)s of a seal that is %(state)s", event=event, state=Phrase(str(known.state)))


def fold(leaves: Iterable[dict[str, Any]]) -> tuple[dict[str, Fold], list[str]]:
    """The seals of a log by their commitment, and every leaf that could not honestly follow the ones before it.

    Whoever holds the leaves can compute both status lists and every state: that is what makes a quiet change show.
    """
    seals: dict[str, Fold] = {}
    wrong: list[str] = []
    indexes: dict[int, str] = {}
    for number, leaf in enumerate(leaves):
        if leaf["t"] in KEY_EVENTS:
            continue
        folded, why = follow(seals.get(leaf["seal"]), number, leaf)
        if leaf["t"] == Event.ISSUED and indexes.setdefault(leaf["status"], leaf["seal"]) != leaf["seal"]:
            why = [*why, Phrase("on a status index in use")]
        wrong += [f"{number}: {one}" for one in why]
        if folded:
            seals[leaf["seal"]] = folded
    return seals, wrong


def _not_kept(leaf: dict[str, Any], known: Fold) -> list[str]:
    """What a leaf that keeps a seal's state may not do: move it, wake what is over, shorten it, or re-date it."""
    event, wrong = leaf["t"], list[str]()
    if leaf.get("state") != known.state or known.state not in LIVE:
        said, state = str(leaf.get("state")), Phrase(str(known.state))
        wrong.append(Phrase("%(event)s as %(said)s of a seal that is %(state)s", event=event, said=said, state=state))
    same = (leaf["from"], leaf["until"]) == (known.valid_from, known.valid_until)
    if event == Event.RESIGNED and not same:
        wrong.append(Phrase("%(event)s with other dates", event=event))
    if event == Event.RENEWED and not (leaf["from"] >= known.valid_from and leaf["until"] > known.valid_until):
        wrong.append(Phrase("%(event)s without a later end", event=event))
    return wrong


def bits(seals: Iterable[tuple[State, int]]) -> dict[str, set[int]]:
    """The set bits of both status lists."""
    lists: dict[str, set[int]] = {"revocation": set(), "suspension": set()}
    for state, index in seals:
        if state in FINAL:
            lists["revocation"].add(index)
        elif state is State.SUSPENDED:
            lists["suspension"].add(index)
    return lists


def as_logged(state: State) -> State:
    """Why a seal was revoked stands in the snapshot only; the log knows that it was."""
    return State.WITHDRAWN if state in FINAL else state
