"""Hotlines published before the manifest answered for them are published once more, so that readers trust them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T05:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "hotlines bound"

STEP = """
INSERT INTO outbox_message (id, event, payload, announced_at, due_at, attempts, done_jobs, state)
  SELECT gen_random_uuid(), 'authorities.hotline_checked', '{}', now(), now(), 0, '{}', 'waiting'
  WHERE EXISTS (SELECT FROM hotline) AND NOT EXISTS (SELECT FROM bound_file WHERE name = 'hotlines.json');
"""


async def forwards() -> MigrationManager:
    """The statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(STEP)

    manager.add_raw(run)
    return manager
