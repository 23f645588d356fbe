"""What Piccolo cannot say about clients: unique keys over two columns, and one open batch for the same bytes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-21T21:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "clients guards"

STATEMENTS = (
    "CREATE UNIQUE INDEX IF NOT EXISTS client_key ON client (key, association)",
    "CREATE INDEX IF NOT EXISTS client_name_key ON client (name_key)",
    "CREATE INDEX IF NOT EXISTS client_by_name ON client (association, state, lower(name), id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS establishment_key ON establishment (client, key)",
    "CREATE UNIQUE INDEX IF NOT EXISTS vehicle_key ON vehicle (client, key)",
    "CREATE INDEX IF NOT EXISTS vehicle_by_key ON vehicle (key)",
    "CREATE UNIQUE INDEX IF NOT EXISTS import_batch_once ON import_batch (association, sha256)"
    " WHERE state NOT IN ('undone', 'discarded')",
    "CREATE UNIQUE INDEX IF NOT EXISTS import_mapping_once ON import_mapping (association, fingerprint)",
    "CREATE UNIQUE INDEX IF NOT EXISTS import_row_once ON import_row (batch, row)",
    "CREATE INDEX IF NOT EXISTS import_row_result ON import_row (batch, result, row)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await execute(statement)

    manager.add_raw(run)
    return manager
