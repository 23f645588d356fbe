"""Reads: the policy file, what each witness last said, and what stands published."""

from datetime import datetime

import msgspec

from registry.config import Config
from registry.core.context import Context
from registry.core.crypto import verified
from registry.core.db import fetch
from registry.core.errors import Invalid
from registry.seals import note, policy, publication
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.policy import Log, Policy
from registry.witnesses import rules
from registry.witnesses.rules import Known, Standing


class Published(msgspec.Struct, frozen=True):
    """The newest checkpoint, as it stands."""

    signed: str
    checkpoint: Checkpoint


def policy_of(config: Config) -> Policy:
    """The witnesses of this house; nobody when no file is named. Raises Invalid when it cannot be read."""
    if config.witnesses is None:
        return Policy()
    try:
        return policy.read(config.witnesses.read_text())
    except OSError as error:
        raise Invalid("policy-not-understood", line=0, why=error.strerror or type(error).__name__) from error


def for_verifiers(context: Context) -> Policy:
    """The policy a verifier may begin with: our log's key, and the witnesses we ask."""
    origin = (context.config.seal_origin or context.config.origin).rstrip("/")
    name, public = ours(context)
    own = Log(note.Key(name, note.ED25519, public), f"{origin}/log")
    return msgspec.structs.replace(policy_of(context.config), logs=(own,))


def ours(context: Context) -> tuple[str, bytes]:
    """The log's name and public key."""
    return publication.log_name(context.config), context.keys.log.public_bytes()


async def published(context: Context, key: str = "checkpoint") -> Published | None:
    """A checkpoint of ours, or None before the first publication, or when the key that signed it was dropped since."""
    try:
        signed = (await context.published.get(key)).decode()
        return Published(signed, note.read_checkpoint(signed, *ours(context), verified))
    except (KeyError, Untrusted):
        return None


async def known() -> dict[str, Known]:
    """By verifier key."""
    rows = await fetch("SELECT vkey, size, cosigned_at, tried_at, failures, trouble FROM log_witness")
    return {row["vkey"]: Known(**{name: row[name] for name in Known.__struct_fields__}) for row in rows}


async def standing(context: Context, now: datetime) -> Standing | None:
    """What the witnesses say of what is published; None before the first publication."""
    believed, newest = policy_of(context.config), await published(context)
    if newest is None:
        return None
    whole = await published(context, "checkpoint.cosigned")
    cosigned = policy.cosigners(newest.signed, believed, verified)
    size = newest.checkpoint.size if believed.met(cosigned) else whole.checkpoint.size if whole else 0
    remembered = await known()
    mine = [remembered[one.key.vkey()] for one in believed.witnesses if one.key.vkey() in remembered]
    return rules.standing(believed, cosigned, size, mine, now)
