"""A published version is never changed: PostgreSQL refuses it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-21T21:31:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "schemes guards"

GUARDS = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON scheme_version
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON scheme_version
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
