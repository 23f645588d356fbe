"""Erasure keys that belong to nothing: of a filing that was cut off before its row was committed, or of a body that is
gone. They open nothing that we have, and are taken away so that they open nothing that somebody else may have.

Never the key of a stored envelope. Whoever files holds the key's lock until the row is there for all to see; here it is
taken alone, and only then is the row looked for. A key without any row also waits until the oldest backup is gone: a
database that was put back to last week must not cost the reports of this week their keys.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch
from registry.reports.service import key_lock, shred
from registry.reports.steps import record

BACKUPS = timedelta(days=36)
"""reporting.md 5.10: no backup is older than 35 days."""
AT_ONCE = 1000


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def sweep(actor: Actor, now: datetime, context: Context) -> int:
    """Take away what belongs to nothing. Returns how many keys went."""
    folder, gone = context.config.erasure_folder, 0
    names = sorted(path.name for path in folder.iterdir() if named(path.name)) if folder.exists() else []
    for at in range(0, len(names), AT_ONCE):
        part = names[at : at + AT_ONCE]
        rows = await fetch(
            "SELECT id::text FROM reports.envelope WHERE id = ANY($1::text[]::uuid[]) AND body IS NOT NULL",
            part,
            engine=REPORTS_DB,
        )
        for name in set(part) - {row["id"] for row in rows}:
            gone += await _taken(context, now, folder / name)
    return gone


async def _taken(context: Context, now: datetime, path: Path) -> bool:
    lock = await fetch("SELECT pg_try_advisory_xact_lock($1) AS ours", key_lock(path.name), engine=REPORTS_DB)
    if not lock[0]["ours"]:  # somebody files under it at this very moment
        return False
    rows = await fetch("SELECT body FROM reports.envelope WHERE id = $1", UUID(path.name), engine=REPORTS_DB)
    try:
        since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    if any(row["body"] is not None for row in rows) or (not rows and now - since < BACKUPS):
        return False
    await record(UUID(path.name), "reports.key_erased", now, None)
    await shred(context, path.name)
    return True


def named(name: str) -> bool:
    """Whether a file is the key of an envelope: its name is the envelope's id, written in the one way there is."""
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
