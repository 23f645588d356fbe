"""Publishing a version: the only write there is."""

from datetime import UTC, datetime
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.db import execute, fetch
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.schemes import content, rules
from registry.schemes.schemas import Publish
from registry.schemes.tables import SchemeVersion
from registry.trail import service as trail


@verb(Permission.SCHEMES_PUBLISH)
async def publish(actor: Actor, now: datetime, data: Publish) -> UUID:
    """Publish a text for good and answer its id. The same text again is the same version, and nothing happens."""
    text = content.encode(data.content)
    sha256 = content.fingerprint(text)
    await execute(
        "INSERT INTO scheme (id, key, created_at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING",
        uuid7(), data.content.key, now,
    )  # fmt: skip
    # The row lock makes two publishers take turns, so that both see what the other published.
    (scheme,) = await fetch("SELECT id FROM scheme WHERE key = $1 FOR UPDATE", data.content.key)
    before = await fetch(
        "SELECT id, number, sha256, effective_on, published_at FROM scheme_version WHERE scheme = $1", scheme["id"]
    )
    for row in before:
        if row["sha256"] == sha256:
            return UUID(str(row["id"]))

    today = now.astimezone(UTC).date()
    rules.publishable(data.content, sha256, data.effective_on, today, [rules.Published(**row) for row in before])

    version = SchemeVersion(
        id=uuid7(), scheme=scheme["id"], number=data.content.number, content=text.decode(), sha256=sha256,
        effective_on=data.effective_on, published_at=now, published_by=actor.id, published_name=actor.name,
    )  # fmt: skip
    await version.save()
    await trail.record(actor, now, "schemes.published", version.id, scheme=data.content.key, sha256=sha256,
                       number=data.content.number, effective_on=data.effective_on)  # fmt: skip
    await outbox.announce("schemes.published", now, version=str(version.id))
    return version.id
