"""The desk may set the number of the next publication forward: after a backup is restored, what was published since
has higher numbers than the database knows, and none may be given twice.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import DESK, execute

ID = "2026-11-22T20:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "publication after restore"


async def forwards() -> MigrationManager:
    """May run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(f"GRANT UPDATE ON SEQUENCE publication_seq TO {DESK}")

    manager.add_raw(run)
    return manager
