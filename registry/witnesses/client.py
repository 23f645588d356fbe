"""Asking one witness (C2SP tlog-witness, add-checkpoint).

    old <size>, proof lines, an empty line, the checkpoint   ->   200 lines · 409 its size · 422 · 403 · 404

Nothing a witness answers is believed: a line counts when its key signed it, a larger tree when our own key did.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence

import httpx
import msgspec

from registry.core import outgoing
from registry.core.crypto import verified
from registry.core.outgoing import Said
from registry.seals import note
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint, Line
from registry.seals.policy import Witness

PATIENCE = 10.0
"""Seconds for a whole answer: whoever sends a letter every four seconds would hold up all the others."""
LONGEST = 256 << 10
TRIES = 3
"""One with the size we remember, one with the size the witness tells, one more for a line that broke."""
TROUBLES = (httpx.HTTPError, httpx.InvalidURL, OSError)

Prove = Callable[[int], Awaitable[Sequence[bytes]]]  # old size -> consistency proof to the checkpoint's


class Answer(msgspec.Struct, frozen=True):
    """What came of asking. `line` is its verified cosignature; `evidence` what it refused and why, to be kept."""

    witness: Witness
    line: Line | None = None
    seconds: int = 0
    trouble: str = ""
    ahead: int = 0  # size of a larger tree that carries our own signature
    evidence: str = ""


def request(old: int, proof: Sequence[bytes], signed: str) -> str:
    """The body of add-checkpoint."""
    lines = "".join(f"{b64encode(step).decode()}\n" for step in proof)
    return f"old {old}\n{lines}\n{signed}"


async def ask(
    http: httpx.AsyncClient, witness: Witness, old: int, signed: str, ours: tuple[str, bytes], prove: Prove
) -> Answer:
    """Have a checkpoint cosigned. `old`: the size it is thought to have seen; `ours`: the log's name and public key."""
    checkpoint = note.read_checkpoint(signed, *ours, verified)
    old, answer = min(old, checkpoint.size), Answer(witness, trouble="no answer")
    for _ in range(TRIES):
        body = request(old, await prove(old) if 0 < old < checkpoint.size else (), signed)
        try:
            told = await _said(http, "POST", f"{witness.url.rstrip('/')}/add-checkpoint", body.encode())
        except TROUBLES as error:
            answer = Answer(witness, trouble=type(error).__name__)
            continue
        if told.status == httpx.codes.CONFLICT and (seen := _size(told)) is not None and seen != old:
            if seen > checkpoint.size:
                return await _ahead(http, witness, seen, checkpoint, ours)
            old = seen
        elif told.status >= 500:
            answer = Answer(witness, trouble=f"HTTP {told.status}")
        else:
            return _answer(witness, told, checkpoint, signed, body)
    return answer


def _answer(witness: Witness, told: Said, checkpoint: Checkpoint, signed: str, body: str) -> Answer:
    if told.status == httpx.codes.UNPROCESSABLE_ENTITY:
        evidence = f"{witness.key.vkey()}\n{witness.url}\n\n{body}\nHTTP 422\n{told.text}"
        return Answer(witness, trouble="it saw another history of this log", evidence=evidence)
    if told.status != httpx.codes.OK:
        known = {403: "it does not know our key", 404: "it does not know this log"}
        return Answer(witness, trouble=known.get(told.status, f"HTTP {told.status}"))
    try:
        _, lines = note.split(f"{checkpoint.text()}\n{told.text}")
        own = [line for line in lines if line.by(witness.key)]
        seconds = note.cosigned_at(note.with_lines(signed, own), witness.key, verified) if own else None
    except Untrusted as error:
        return Answer(witness, trouble=str(error))
    if seconds is None:
        return Answer(witness, trouble="its answer holds no cosignature of its key")
    return Answer(witness, own[-1], seconds)


async def _ahead(
    http: httpx.AsyncClient, witness: Witness, seen: int, checkpoint: Checkpoint, ours: tuple[str, bytes]
) -> Answer:
    """It says that it saw more than there is. Only its copy with our own signature proves that."""
    signed = await latest(http, witness, checkpoint.origin)
    trouble = f"it says that it saw {seen} entries"
    try:
        theirs = note.read_checkpoint(signed, *ours, verified) if signed else None
    except Untrusted:
        theirs = None
    if theirs is None or theirs.size <= checkpoint.size:
        return Answer(witness, trouble=trouble)
    return Answer(witness, trouble=f"{trouble}, with our signature", ahead=theirs.size, evidence=signed)


async def latest(http: httpx.AsyncClient, witness: Witness, origin: str) -> str:
    """The checkpoint a witness shows for a log, unverified; empty when it shows none or does not answer."""
    try:
        told = await _said(http, "GET", witness.shows(origin))
    except TROUBLES:
        return ""
    return told.text if told.status == httpx.codes.OK else ""


async def _said(http: httpx.AsyncClient, method: str, address: str, content: bytes | None = None) -> Said:
    """An answer, no longer than an honest one and within PATIENCE."""
    return await outgoing.ask(http, method, address, most=LONGEST, within=PATIENCE, content=content)


def _size(told: Said) -> int | None:
    text = told.text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
