"""Signing and ending a commitment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.access.verbs import verb
from registry.clients import queries as people
from registry.clients import service as clients
from registry.commitments import canonical, queries, rules
from registry.commitments.schemas import Sign
from registry.commitments.tables import Commitment
from registry.core.calendar import day_of
from registry.core.db import execute
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from registry.core.storage import Storage, content_key
from registry.outbox import service as outbox
from registry.schemes import queries as schemes
from registry.schemes.schemas import Version
from registry.trail import service as trail


@verb(Permission.COMMITMENTS_SIGN)
async def sign(actor: Actor, now: datetime, client_id: UUID, data: Sign, storage: Storage) -> UUID:
    """Bind a business to the term in force now. The document is in the store before the row refers to it.

    `data.fingerprint`, when given, is of the text that was read: if the name, the roster or the text changed since, the
    signature is refused and the reader sees the new text.
    """
    client = await clients.visible(actor, client_id)
    rules.binds(client_id, actor.organisations(Role.REPRESENTATIVE))
    if client["state"] != "active":
        raise Conflict("commitment-client-left")
    version = await schemes.version(data.scheme_version)
    now_current = await schemes.current(version.scheme, now)
    rules.readable(version.id, now_current.id, data.language, version.languages)
    name, position = rules.named(data.signatory_name, data.signatory_position, power_to_bind=data.power_to_bind)

    today = day_of(now, client["zone"])
    before = (await queries.current([client_id], now)).get(client_id)
    if before:
        standing = rules.Standing(before.signed_at, before.last_on, None, before.replaced_on)
        rules.signable(standing, before.scheme_version == version.id, today)

    read = await reading(client, version, data.language, now)
    fingerprint = canonical.fingerprint(read)
    if data.fingerprint and data.fingerprint != fingerprint:
        raise Conflict("commitment-text-changed")
    signature = canonical.Signature(name, position, data.power, data.method, actor.id, now)
    document = canonical.document(read, signature)
    await storage.put(content_key(document, ".json"), document, content_type="application/json")

    signed = Commitment(
        id=uuid7(), client=client_id, scheme_version=version.id, language=data.language, signatory_name=name,
        signatory_position=position, power=data.power, method=data.method, signed_by=actor.id, signed_at=now,
        last_on=rules.last_day(now, client["zone"], version.parameters.commitment_months),
        sha256=canonical.digest(document), fingerprint=fingerprint,
    )  # fmt: skip
    await signed.save()
    await trail.record(actor, now, "commitments.signed", signed.id, client=client_id, version=version.version,
                       language=data.language, sha256=signed.sha256)  # fmt: skip
    await outbox.announce("commitments.signed", now, commitment=str(signed.id), client=str(client_id))
    return signed.id


async def reading(client: dict[str, Any], version: Version, language: str, now: datetime) -> canonical.Read:
    """What a business reads and signs: the same for the page and for the verb."""
    if language not in version.term:
        raise Invalid("commitment-language", fields={"language": "commitment-language"})
    today = day_of(now, client["zone"])
    workers = (await people.headcounts([client["id"]], today)).get(client["id"], 0)
    name = rules.printable(client["name"])
    return canonical.Read(
        version.scheme, version.version, version.sha256, language, UUID(str(client["id"])), name, client["tax_id"],
        workers, canonical.shown(version.term[language], name, workers),
    )  # fmt: skip


@verb(Permission.COMMITMENTS_SIGN)
async def end(actor: Actor, now: datetime, client_id: UUID, reason: str) -> None:
    """The business takes its word back, in writing. What it was stays on record."""
    await clients.visible(actor, client_id)
    rules.binds(client_id, actor.organisations(Role.REPRESENTATIVE))
    in_force = (await queries.current([client_id], now)).get(client_id)
    if in_force is None:
        raise Conflict("commitment-not-in-force")
    reason = rules.printable(reason)[:2000]
    if len(reason) < 10:
        raise Invalid("commitment-reason-needed", fields={"reason": "commitment-reason-needed"})
    # Every signature still standing ends: an older one must not come back to life when the newest is taken back.
    await execute(
        "UPDATE commitment SET ended_at = $2, ended_by = $3, end_reason = $4 WHERE client = $1 AND ended_at IS NULL",
        client_id, now, actor.id, reason,
    )  # fmt: skip
    await trail.record(actor, now, "commitments.ended", in_force.id, client=client_id)
    await outbox.announce("commitments.ended", now, commitment=str(in_force.id), client=str(client_id))


async def document(commitment: dict[str, Any], storage: Storage) -> canonical.Document:
    """The signed document itself, checked against the hash its row was given."""
    key = f"sha256/{commitment['sha256'][:2]}/{commitment['sha256']}.json"
    try:
        data = await storage.get(key)
    except KeyError:
        raise NotFound("commitment-document-missing") from None
    if canonical.digest(data) != commitment["sha256"]:
        raise Conflict("commitment-document-differs")
    return canonical.opened(data)
