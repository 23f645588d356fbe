"""The one verb: putting the witnesses' lines under the checkpoint they cosigned."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.context import Context
from registry.core.crypto import verified
from registry.core.db import execute
from registry.seals import note, policy, publishing
from registry.trail import service as trail
from registry.witnesses import queries, rules
from registry.witnesses.client import Answer

logger = logging.getLogger(__name__)
TEXT = "text/plain; charset=utf-8"


@verb(Permission.SEALS_PUBLISH)
async def keep(actor: Actor, now: datetime, context: Context, signed: str, answers: Sequence[Answer]) -> None:
    """Keep what witnesses answered about the checkpoint `signed`.

    Under the publisher's lock, so that `checkpoint` is the one that was asked about when it is rewritten, with the same
    size and root and more lines. If it has grown in the meantime, the lines of the smaller tree may still complete
    `checkpoint.cosigned`, which never goes back either.
    """
    await publishing.alone()
    for answer in answers:
        await _remember(context, now, answer, note.split(signed)[0])
        if answer.evidence:
            await trail.record(actor, now, "witnesses.refused", None, witness=answer.witness.name, ahead=answer.ahead)
    if lines := [answer.line for answer in answers if answer.line]:
        newest = await queries.published(context)
        cosigned = note.with_lines(signed, lines)
        if newest and note.split(newest.signed)[0] == note.split(signed)[0]:
            cosigned = note.with_lines(newest.signed, lines)
            await context.published.put("checkpoint", cosigned.encode(), content_type=TEXT)
        await _complete(actor, now, context, cosigned)
        await trail.record(actor, now, "witnesses.cosigned", None, witnesses=[one.name for one in lines])
    if ahead := max((answer.ahead for answer in answers), default=0):
        await publishing.warned(actor, now, ahead)


async def _complete(actor: Actor, now: datetime, context: Context, cosigned: str) -> None:
    """Enough of them: this is the checkpoint that proofs carry, and the manifest says so from its next pulse on."""
    believed = queries.policy_of(context.config)
    times = policy.cosigners(cosigned, believed, verified)
    size = note.parse_checkpoint(note.split(cosigned)[0], queries.ours(context)[0]).size
    before = await queries.published(context, "checkpoint.cosigned")
    if not times or not believed.met(times) or (before and before.checkpoint.size > size):
        return
    await context.published.put("checkpoint.cosigned", cosigned.encode(), content_type=TEXT)
    await publishing.witnessed(actor, now, size, len(times), datetime.fromtimestamp(min(times.values()), UTC))


async def _kept(context: Context, now: datetime, of: str, data: bytes) -> None:
    """Evidence, once: what a witness refuses again and again counts from its first day."""
    digest = hashlib.sha256(data).hexdigest()
    if not [key async for key in context.storage.list(f"{rules.EVIDENCE}{of}/") if digest in key]:
        await context.storage.put(rules.evidence_key(of, now.date(), digest), data, content_type=TEXT)


@verb(Permission.SEALS_PUBLISH)
async def forget_evidence(actor: Actor, now: datetime, context: Context) -> None:
    """Delete what witnesses refused years ago. What was kept under names without a day counts from today."""
    gone = 0
    for key in [key async for key in context.storage.list(rules.EVIDENCE)]:
        since = rules.evidence_since(key)
        if since is None:
            _, of, name = key.removeprefix("evidence/").split("/", 2)
            dated = rules.evidence_key(of, now.date(), name.removesuffix(".txt"))
            await context.storage.put(dated, await context.storage.get(key), content_type=TEXT)
            await context.storage.delete(key)
        elif rules.evidence_outlived(since, now.date()):
            await context.storage.delete(key)
            gone += 1
    if gone:
        await trail.record(actor, now, "witnesses.evidence_forgotten", None, pieces=gone)


async def _remember(context: Context, now: datetime, answer: Answer, text: str) -> None:
    witness = answer.witness
    if answer.trouble:
        logger.log(
            logging.ERROR if answer.evidence else logging.WARNING, "witness %s: %s", witness.name, answer.trouble
        )
    if answer.evidence:
        await _kept(context, now, witness.key.id.hex(), answer.evidence.encode())
    size = int(text.split("\n")[1]) if answer.line else 0
    at = datetime.fromtimestamp(answer.seconds, UTC) if answer.line else None
    await execute(
        "INSERT INTO log_witness AS w (vkey, name, size, cosigned_at, tried_at, failures, trouble)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (vkey) DO UPDATE SET name = $2,"
        " size = greatest(w.size, $3), cosigned_at = greatest(w.cosigned_at, $4), tried_at = $5,"
        " failures = CASE WHEN $6 = 0 THEN 0 ELSE w.failures + 1 END, trouble = $7",
        witness.key.vkey(), witness.name, size, at, now, 0 if answer.line else 1, answer.trouble,
    )  # fmt: skip
