"""What holders answered between two versions of an evaluation."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T11:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "answered findings"

TABLES = """
CREATE TABLE IF NOT EXISTS answered_finding (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL REFERENCES certification ON DELETE RESTRICT,
  finding uuid NOT NULL,
  answered_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS answered_finding_certification ON answered_finding (certification);
CREATE UNIQUE INDEX IF NOT EXISTS answered_finding_once ON answered_finding (finding, answered_at);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON answered_finding
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON answered_finding
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(TABLES)

    manager.add_raw(run)
    return manager
