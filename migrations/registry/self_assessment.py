"""What a business says of itself before a team is planned. Cases planned before go on as they are."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "self-assessment"

TABLES = """
ALTER TABLE certification ADD COLUMN IF NOT EXISTS self_assessed_at timestamptz;
CREATE TABLE IF NOT EXISTS self_assessment (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL REFERENCES certification ON DELETE RESTRICT,
  version integer NOT NULL,
  scheme_version uuid NOT NULL,
  answers jsonb NOT NULL,
  assessed_by uuid NOT NULL,
  name varchar(200) NOT NULL,
  assessed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS self_assessment_version ON self_assessment (certification, version);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON self_assessment
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON self_assessment
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(TABLES)

    manager.add_raw(run)
    return manager
