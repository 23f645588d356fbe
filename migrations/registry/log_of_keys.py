"""Leaves about keys are few among a million: found by an index of their own at each publication."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T03:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the log of keys"


async def forwards() -> MigrationManager:
    """The statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute("CREATE INDEX IF NOT EXISTS log_entry_of_keys ON log_entry (number) WHERE seal IS NULL")

    manager.add_raw(run)
    return manager
