"""Answers that an officer hands in at the desk, signed on the office's own machine: what the agents' door takes.

An officer's sign-in says who may speak for an office here; the signature says that the office did.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec

from registry.access.actor import Actor
from registry.core.context import Context
from registry.core.errors import Invalid
from registry.reports import answers
from registry.reports.schemas import Acknowledge, Answer, Conclude, Imported, NewReply, Progressed, Unreadable

LONGEST = 150_000
_TAKEN: dict[str, tuple[Any, Callable[..., Awaitable[None]]]] = {
    "acknowledged": (Acknowledge, answers.acknowledge),
    "unreadable": (Unreadable, answers.unreadable),
    "progress": (Progressed, answers.progress),
    "outcome": (Conclude, answers.conclude),
    "replies": (NewReply, answers.reply),
    "imported": (Imported, answers.imported),
}


async def take(actor: Actor, now: datetime, context: Context, pasted: str) -> None:
    """Do what the answer says; Invalid `answer-not-readable`, or what its verb refuses. Never without a signature."""
    if len(pasted) > LONGEST:
        raise Invalid("answer-not-readable", fields={"answer": "answer-not-readable"})
    try:
        answer = msgspec.json.decode(pasted, type=Answer)
        kind, act = _TAKEN[answer.what]
        data = msgspec.convert(answer.data, kind)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Invalid("answer-not-readable", fields={"answer": "answer-not-readable"}) from error
    if not data.signature:
        raise Invalid("answer-not-readable", fields={"answer": "answer-not-readable"})
    await act(actor, now, context, answer.envelope, data)
