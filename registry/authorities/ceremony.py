"""Verbs of the key ceremony: a key is recorded, its fingerprint read back, a test envelope opened; later it may end.

The ceremony is a call with two officers of the authority and one of ours (reporting.md 5.3). Keys are made on the
authority's own offline machine (`registry authority keygen`); we are given the public halves in a file. So the
fingerprints are read to us over another channel, and each holder opens a test envelope before the call ends.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import pyrage

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.authorities import rules
from registry.authorities.directory import aloud, mark
from registry.authorities.rules import Use
from registry.authorities.schemas import Challenge, Proof, PublicKey, ReadBack
from registry.authorities.service import there
from registry.core import crypto
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from registry.trail import service as trail


@verb(Permission.AUTHORITIES_MANAGE)
async def record_key(actor: Actor, now: datetime, authority: UUID, data: PublicKey) -> Challenge:
    """Record a public key and make the test that only its holder can pass."""
    await there(authority)
    if data.use is Use.SIGNING:
        _signing_key(data.public)
    task, kept = _task(data.use, data.public)
    if await fetch("SELECT 1 FROM authority_key WHERE public = $1", data.public):
        raise Conflict("key-already-recorded", fields={"public": "key-already-recorded"})
    key = uuid7()
    await execute(
        "INSERT INTO authority_key (id, authority, use, public, holder, recorded_at, challenge, task, tasked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6)",
        key,
        authority,
        data.use,
        data.public,
        data.holder,
        now,
        kept,
        task,
    )
    await trail.record(actor, now, "authorities.key_recorded", authority, key=str(key), use=str(data.use))
    return Challenge(key, data.use, data.public, task)


@verb(Permission.AUTHORITIES_MANAGE)
async def ask_again(actor: Actor, now: datetime, key: UUID) -> None:
    """A new test for a key that was not proven in its call."""
    found = await _key(key)
    if found["proven_at"] or found["revoked_at"]:
        raise Conflict("key-needs-no-test")
    task, kept = _task(Use(found["use"]), found["public"])
    await execute(
        "UPDATE authority_key SET task = $2, challenge = $3, tasked_at = $4 WHERE id = $1", key, task, kept, now
    )
    await trail.record(actor, now, "authorities.key_asked", found["authority"], key=str(key))


@verb(Permission.AUTHORITIES_MANAGE)
async def prove_key(actor: Actor, now: datetime, data: Proof) -> None:
    """Accept a key whose holder opened (or signed) its test in this call. Without this it never stands in the
    directory."""
    found = await _key(data.key)
    rules.in_time(found["tasked_at"] or found["recorded_at"], now)
    if not _proves(Use(found["use"]), found["public"], bytes(found["challenge"]), data.answer):
        raise Invalid("key-not-proven", fields={"answer": "key-not-proven"})
    await execute("UPDATE authority_key SET proven_at = $2, task = '' WHERE id = $1", data.key, now)
    await trail.record(actor, now, "authorities.key_proven", found["authority"], key=str(data.key))


@verb(Permission.AUTHORITIES_MANAGE)
async def read_back(actor: Actor, now: datetime, data: ReadBack) -> None:
    """Note that the holder read the fingerprint of a key to us over another channel than the key came by, and that it
    is the fingerprint of the key we have. Invalid `fingerprint-differs` when it is not: somebody changed the key."""
    found = await _key(data.key)
    if not crypto.same(_digits(data.fingerprint).encode(), _digits(aloud(found["public"])).encode()):
        raise Invalid("fingerprint-differs", fields={"fingerprint": "fingerprint-differs"})
    await execute(
        "UPDATE authority_key SET read_back_at = $2, read_back_over = $3, read_back_by = $4 WHERE id = $1",
        data.key,
        now,
        data.channel,
        data.reader,
    )
    await trail.record(
        actor, now, "authorities.key_read_back", found["authority"], key=str(data.key), over=str(data.channel)
    )


@verb(Permission.AUTHORITIES_MANAGE)
async def revoke_key(actor: Actor, now: datetime, key: UUID, reason: str) -> None:
    """Take a key out of the next directory. Until that is signed and loaded, the old one is still served."""
    rows = await fetch(
        "UPDATE authority_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING authority", key, now
    )
    if not rows:
        raise NotFound("key-not-found")
    await trail.record(actor, now, "authorities.key_revoked", rows[0]["authority"], key=str(key), reason=reason)


def is_key(text: str) -> bool:
    """Whether it is a public key of the ceremony: of age, or of Ed25519."""
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        return _is_signing(text)
    return True


def is_secret(text: str) -> bool:
    """Whether a private key, or a piece of one, is in a text: such a text is never shown again."""
    tidy = text.upper()
    return "AGE-SECRET-KEY-" in tidy or "PRIVATE KEY" in tidy


def _is_signing(text: str) -> bool:
    try:
        return len(text) == 43 and len(crypto.unb64url(text)) == 32
    except ValueError:
        return False


def _sealed(secret: str, recipient: str) -> bytes:
    try:
        return bytes(pyrage.encrypt(secret.encode(), [pyrage.x25519.Recipient.from_str(recipient)]))
    except pyrage.RecipientError as error:
        raise Invalid("key-not-age", fields={"public": "key-not-age"}) from error


def _signing_key(public: str) -> None:
    if not _is_signing(public):
        raise Invalid("key-not-ed25519", fields={"public": "key-not-ed25519"})


def _proves(use: Use, public: str, challenge: bytes, answer: str) -> bool:
    if use is not Use.SIGNING:
        return crypto.same(crypto.sha256(answer.strip().encode()), challenge)
    try:
        signature = crypto.unb64url(answer.strip())
    except ValueError:
        return False
    return crypto.verified(crypto.unb64url(public), signature, challenge)


def _task(use: Use, public: str) -> tuple[str, bytes]:
    """A new test for a key (`working.WfbYu6kFPA.YWdl…`: what for, whose, and what is to be opened), and what is kept to
    tell a good answer: of what is inside an envelope only a hash."""
    secret, whose = crypto.token(20), f"{use}.{mark(public)}"
    if use is Use.SIGNING:
        return f"{whose}.{secret}", secret.encode()
    return f"{whose}.{crypto.b64url(_sealed(secret, public))}", crypto.sha256(secret.encode())


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


async def _key(key: UUID) -> dict[str, Any]:
    rows = await fetch("SELECT * FROM authority_key WHERE id = $1 FOR UPDATE", key)
    if not rows:
        raise NotFound("key-not-found")
    return rows[0]
