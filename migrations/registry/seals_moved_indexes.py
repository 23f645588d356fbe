"""Both status lists from nothing in seconds: the seals that ever moved are found without reading the others."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T05:03:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "seals moved indexes"

STEP = """
CREATE INDEX IF NOT EXISTS seal_not_valid ON seal (id) WHERE state <> 'valid';
CREATE INDEX IF NOT EXISTS log_entry_moved ON log_entry (seal) WHERE event IN ('seal.suspended', 'seal.revoked');
"""


async def forwards() -> MigrationManager:
    """The statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(STEP)

    manager.add_raw(run)
    return manager
