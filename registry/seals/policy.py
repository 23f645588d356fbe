"""Whose word makes a checkpoint believable: logs, witnesses and a quorum, as C2SP tlog-policy text. Pure.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>…
    quorum <name>|none

The same file serves the register (which witnesses to ask, at their urls) and whoever verifies (which to believe).
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import msgspec

from registry.core.errors import Invalid
from registry.seals import note
from registry.seals.note import COSIGNED, ED25519, ML_DSA_44, Key

T = TypeVar("T")
NONE = "none"
MOST = 64
"""Logs, witnesses and groups of each kind; the specification asks for 32."""


class Log(msgspec.Struct, frozen=True):
    key: Key
    url: str = ""


class Witness(msgspec.Struct, frozen=True):
    name: str  # within the policy only; the key has its own
    key: Key
    url: str = ""  # submission prefix of tlog-witness, taken for the monitoring prefix too

    def shows(self, origin: str) -> str:
        """Where it shows the newest checkpoint of a log that it cosigned."""
        return f"{self.url.rstrip('/')}/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"


class Group(msgspec.Struct, frozen=True):
    name: str
    least: int
    members: tuple[str, ...]


class Policy(msgspec.Struct, frozen=True):
    logs: tuple[Log, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    def met(self, cosigned: Collection[str]) -> bool:
        """Whether these witnesses, by their names in the policy, are enough."""
        held = {NONE, *cosigned}
        for group in self.groups:  # each refers to earlier ones only
            if sum(member in held for member in group.members) >= group.least:
                held.add(group.name)
        return self.quorum in held

    def knows(self, name: str, public: bytes) -> bool:
        """Whether a log is one to accept; a policy that lists none leaves that to who holds it."""
        return not self.logs or any((log.key.name, log.key.public) == (name, public) for log in self.logs)

    def text(self) -> str:
        """As a file."""
        lines = [f"log {log.key.vkey()} {log.url}" for log in self.logs]
        lines += [f"witness {one.name} {one.key.vkey()} {one.url}" for one in self.witnesses]
        lines += [f"group {group.name} {group.least} {' '.join(group.members)}" for group in self.groups]
        return "".join(f"{line.strip()}\n" for line in [*lines, f"quorum {self.quorum}"])


def cosigners(signed: str, policy: Policy, verify: note.Verify) -> dict[str, int]:
    """The policy's witnesses that cosigned this note, and when. Lines of others, and of types unknown here, are
    ignored; a line that claims a known key and does not hold is Untrusted."""
    found = {}
    for witness in policy.witnesses:
        if (seconds := note.cosigned_at(signed, witness.key, verify)) is not None:
            found[witness.name] = seconds
    return found


def read(text: str) -> Policy:
    """Raises Invalid("policy-not-understood") with the number of the line and what is wrong with it."""
    drafted = _Draft()
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if any((ord(letter) < 0x20 and letter != "\t") or letter == "\x7f" for letter in line):
            raise Invalid("policy-not-understood", line=number, why="control character")
        if not words or words[0].startswith("#"):
            continue
        try:
            _LINES[words[0]](drafted, words[1:])
        except KeyError as error:
            raise Invalid("policy-not-understood", line=number, why=f"unknown: {error.args[0]}") from error
        except ValueError as error:
            raise Invalid("policy-not-understood", line=number, why=str(error)) from error
    if drafted.quorum is None:
        raise Invalid("policy-not-understood", line=0, why="no quorum line")
    return Policy(tuple(drafted.logs), tuple(drafted.witnesses), tuple(drafted.groups), drafted.quorum)


class _Draft:
    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None

    def names(self) -> set[str]:
        return {one.name for one in self.witnesses} | {group.name for group in self.groups}

    def new(self, name: str) -> str:
        if name == NONE or name in self.names():
            raise ValueError(f"{name} is taken")
        return name


def _log(draft: _Draft, words: list[str]) -> None:
    vkey, url = _two(words)
    key = _key(vkey, {ED25519, ML_DSA_44}, [log.key for log in draft.logs])
    draft.logs = _more(draft.logs, Log(key, url))


def _witness(draft: _Draft, words: list[str]) -> None:
    if len(words) < 2:
        raise ValueError("a witness has a name and a key")
    vkey, url = _two(words[1:])
    key = _key(vkey, {COSIGNED, ML_DSA_44}, [one.key for one in draft.witnesses])
    draft.witnesses = _more(draft.witnesses, Witness(draft.new(words[0]), key, url))


def _group(draft: _Draft, words: list[str]) -> None:
    if len(words) < 3:
        raise ValueError("a group has a name, a threshold and members")
    name, least, *members = words
    named = [member for group in draft.groups for member in group.members]
    if any(member not in draft.names() or member in named for member in members) or len(set(members)) < len(members):
        raise ValueError("a member is unknown, or stands in a group already")
    count = {"all": len(members), "any": 1}.get(least) or (int(least) if re.fullmatch("[1-9][0-9]*", least) else 0)
    if not 1 <= count <= len(members):
        raise ValueError(f"{least} of {len(members)}")
    draft.groups = _more(draft.groups, Group(draft.new(name), count, tuple(members)))


def _quorum(draft: _Draft, words: list[str]) -> None:
    if len(words) != 1 or draft.quorum is not None or words[0] not in draft.names() | {NONE}:
        raise ValueError("one quorum, a name defined before")
    draft.quorum = words[0]


_LINES: Mapping[str, Callable[[_Draft, list[str]], None]] = {
    "log": _log, "witness": _witness, "group": _group, "quorum": _quorum,
}  # fmt: skip


def _two(words: list[str]) -> tuple[str, str]:
    if not 1 <= len(words) <= 2:
        raise ValueError("a key and at most one url")
    return words[0], words[1] if len(words) == 2 else ""


def _key(text: str, kinds: set[bytes], others: list[Key]) -> Key:
    key = note.read_vkey(text)
    if key.kind not in kinds:
        raise ValueError("a key of another kind")
    if any(other.public == key.public for other in others):
        raise ValueError("the same key twice")
    return key


def _more(known: list[T], one: T) -> list[T]:
    if len(known) >= MOST:
        raise ValueError("too many")
    return [*known, one]
