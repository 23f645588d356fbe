"""The knowledge check: which items a session asks, and who passed (domain.md 4). Pure."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from registry.core.errors import Invalid

ITEMS_ONE = 10
"""Items of a check for one module; each further one adds four, its must-pass items among them."""
ITEMS_MORE = 4


class Item(Protocol):
    """What the check needs to know of an item of the bank."""

    @property
    def id(self) -> str: ...
    @property
    def must_pass(self) -> bool: ...


class Module(Protocol):
    """A module with its bank."""

    @property
    def id(self) -> str: ...
    @property
    def items(self) -> Sequence[Item]: ...


def draw(modules: Sequence[Module], session: UUID) -> tuple[str, ...]:
    """The items a session asks, in order: every must-pass item, then the others in turn from each module.

    Drawn from the session's own id, so that it can be drawn again and two sessions seldom ask the same.
    """
    wanted = ITEMS_ONE + ITEMS_MORE * (len(modules) - 1)
    chosen = [item.id for module in modules for item in module.items if item.must_pass]
    banks = [sorted((item.id for item in module.items if not item.must_pass), key=lambda id: _place(session, id))
             for module in modules]  # fmt: skip
    while len(chosen) < wanted and any(banks):
        for bank in banks:
            if bank and len(chosen) < wanted:
                chosen.append(bank.pop())
    return tuple(sorted(chosen, key=lambda id: _place(session, id)))


def _place(session: UUID, item: str) -> bytes:
    return sha256(session.bytes + item.encode()).digest()


def checked(score: int, asked: int) -> None:
    """A score is the number of right answers."""
    if not 0 <= score <= asked:
        raise Invalid("training-score-out-of-range", asked=asked, fields={"score": "training-score-out-of-range"})


def passed(score: int | None, asked: int, must_pass: bool, pass_percent: int) -> bool:
    """Whether a check is passed: enough right answers, and every must-pass item among them."""
    return score is not None and asked > 0 and must_pass and score * 100 >= pass_percent * asked


def needed_to_pass(asked: int, pass_percent: int) -> int:
    """The least number of right answers that passes."""
    return -(-pass_percent * asked // 100)
