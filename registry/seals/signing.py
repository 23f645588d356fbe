"""What our keys put their name to, and what we take for our own when we read it back.

Through a change of keys three things have to hold: whoever reads with yesterday's did.json finds signatures it knows,
whoever reads with today's does too, and what a compromised key signed is nobody's.
"""

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from registry.core.crypto import verified
from registry.core.keyring import TRUSTED, Held, KeyState
from registry.seals import did, jose, note
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.snapshot import KeyFact

if TYPE_CHECKING:
    from registry.seals.publication import Press


def document(press: "Press") -> dict[str, Any]:
    """did.json."""
    return did.published(press.issuer.did, press.issuer.origin, press.log_name, press.keys.held())


def digest(press: "Press") -> str:
    """SHA-256 of did.json's bytes, hex: what the leaves of keys say."""
    return hashlib.sha256(msgspec.json.encode(document(press))).hexdigest()


def checkpoint(press: "Press", tree: Checkpoint) -> str:
    """The signed note. A log's key is what witnesses and doors have pinned, so it is never swapped in silence: from the
    announcement of the next one until 30 days after the change, both sign."""
    active = press.keys.log
    signed = note.sign_note(tree.text(), press.log_name, active.public_bytes(), active.sign)
    for held in press.keys.held("log", {KeyState.ANNOUNCED, KeyState.RETIRING}):
        other = press.keys.signer(held)
        more = note.sign_note(tree.text(), press.log_name, other.public_bytes(), other.sign)
        signed += more.removeprefix(f"{tree.text()}\n")
    return signed


def read_checkpoint(press: "Press", signed: str) -> Checkpoint | None:
    """What was published last; None when only a key that was dropped signed it, so that it says nothing. Raises
    Untrusted when none of our keys ever did."""
    for held in _latest_first(press, "log"):
        try:
            text = note.open_note(signed, press.log_name, held.public, verified)
        except Untrusted:
            continue
        return note.parse_checkpoint(text, press.log_name) if held.state in TRUSTED else None
    raise Untrusted("the log did not sign this")


def ours(press: "Press", role: str, states: frozenset[KeyState] = TRUSTED) -> jose.Verify:
    """By our keys of a role in these states."""
    keys = {f"{press.issuer.did}#{held.kid}": held.public for held in press.keys.held(role, states)}
    return jose.verifier(keys, verified)


def by_key_in_use(press: "Press", role: str, jws: str) -> bool:
    """Whether the key in use signed it, and not the one before. Its signature was checked already."""
    return jose.header(jws).kid.partition("#")[2] in {held.kid for held in press.keys.held(role, {KeyState.ACTIVE})}


def dropped(press: "Press", jws: str, role: str) -> bool:
    """Whether it was signed by a key of ours that nobody trusts any more."""
    try:
        jose.read(jws, ours(press, role, frozenset(KeyState) - TRUSTED), jose.header(jws).typ)
    except Untrusted:
        return False
    return True


def facts(press: "Press") -> tuple[KeyFact, ...]:
    """What pages may tell of our keys."""
    return tuple(
        KeyFact(held.role, held.kid, str(held.state), held.since, held.compromised_at) for held in press.keys.held()
    )


def _latest_first(press: "Press", role: str) -> list[Held]:
    """Those one may trust before those one may not, so that an overlap is read by the good one."""
    return sorted(press.keys.held(role), key=lambda held: held.state not in TRUSTED)
