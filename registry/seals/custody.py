"""The life of a key that signs for the house (seals.md 5): states, acts, and how long each has to last. Pure.

    announced --48 h--> active --(another takes its place)--> retiring --30 days--> retired
    any of them -> compromised, at once

Nothing printed depends on a key, so no sticker ever changes for one.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from registry.core.errors import Conflict, Invalid
from registry.core.keyring import ROLES, KeyState


class KeyAct(StrEnum):
    ACTIVATE = "activate"
    REPLACE = "replace"  # of the one that was in use, by the one that is activated
    RETIRE = "retire"
    COMPROMISE = "compromise"


S, A = KeyState, KeyAct
AFTER: dict[tuple[KeyState, KeyAct], KeyState] = {
    (S.ANNOUNCED, A.ACTIVATE): S.ACTIVE,
    (S.ACTIVE, A.REPLACE): S.RETIRING,
    (S.RETIRING, A.RETIRE): S.RETIRED,
    (S.ANNOUNCED, A.RETIRE): S.RETIRED,  # never used
    **{(state, A.COMPROMISE): S.COMPROMISED for state in S if state is not S.COMPROMISED},
}

ANNOUNCED_FOR = timedelta(hours=48)
"""Clients keep did.json for at most 24 hours; twice that, and everybody knows the key before its first signature."""
NEEDED_FOR = timedelta(days=30)
"""What somebody downloaded last holds for so long after its key was replaced."""


def after(state: KeyState, act: KeyAct) -> KeyState:
    """The state an act leads to, or a Conflict."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Conflict("key-act-not-possible", state=state, act=act) from None


def known_long_enough(announced_at: datetime, now: datetime, *, emergency: bool) -> None:
    """Raise Conflict while readers may still hold a did.json without this key."""
    if not emergency and now < (possible := announced_at + ANNOUNCED_FOR):
        raise Conflict("key-not-known-long-enough", possible_at=possible.strftime("%Y-%m-%d %H:%M UTC"))


def needed_no_more(replaced_at: datetime, now: datetime, *, emergency: bool) -> None:
    """Raise Conflict while what this key signed is still to hold."""
    if not emergency and now < (possible := replaced_at + NEEDED_FOR):
        raise Conflict("key-still-needed", possible_at=possible.strftime("%Y-%m-%d %H:%M UTC"))


def usable(role: str, alg: str) -> None:
    """Raise Invalid where a key cannot serve its use: signed notes know Ed25519 only (C2SP signed-note)."""
    if role not in ROLES:
        raise Invalid("key-role-unknown", role=role)
    if role == "log" and alg != "EdDSA":
        raise Invalid("key-log-not-ed25519")


def not_before(compromised_at: datetime, now: datetime) -> None:
    """Raise Invalid for a compromise in the future."""
    if compromised_at > now:
        raise Invalid("key-compromised-later")
