"""Competence down to the canton, kinds of acts, acts abroad, hours; fingerprints read back; owners of hotlines; drills.

Keys that were proven before are not taken as read back: somebody reads their fingerprints before the next directory is
signed. The directory that is served stays as it is.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import DESK, execute

ID = "2026-11-23T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "authorities ceremony"

COLUMNS = """
ALTER TABLE authority ADD COLUMN IF NOT EXISTS offences VARCHAR(24)[] NOT NULL DEFAULT '{}';
ALTER TABLE authority ADD COLUMN IF NOT EXISTS abroad BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE authority ADD COLUMN IF NOT EXISTS hours JSONB;
ALTER TABLE authority ADD COLUMN IF NOT EXISTS timezone VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE authority_competence ALTER COLUMN place TYPE VARCHAR(16);
ALTER TABLE authority_key ADD COLUMN IF NOT EXISTS task TEXT NOT NULL DEFAULT '';
ALTER TABLE authority_key ADD COLUMN IF NOT EXISTS tasked_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE authority_key ADD COLUMN IF NOT EXISTS read_back_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE authority_key ADD COLUMN IF NOT EXISTS read_back_over VARCHAR(12) NOT NULL DEFAULT '';
ALTER TABLE authority_key ADD COLUMN IF NOT EXISTS read_back_by VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE authority_contact ADD COLUMN IF NOT EXISTS ended_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE hotline ALTER COLUMN place TYPE VARCHAR(16);
ALTER TABLE hotline ADD COLUMN IF NOT EXISTS source VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE hotline ADD COLUMN IF NOT EXISTS owner VARCHAR(120) NOT NULL DEFAULT '';
ALTER TABLE hotline ADD COLUMN IF NOT EXISTS owner_email VARCHAR(254) NOT NULL DEFAULT '';
ALTER TABLE hotline ADD COLUMN IF NOT EXISTS asked_on DATE;
UPDATE hotline SET owner = checked_by WHERE owner = '';
CREATE TABLE IF NOT EXISTS authority_warned (
  key VARCHAR(120) PRIMARY KEY NOT NULL DEFAULT '', sent_at TIMESTAMP WITH TIME ZONE NOT NULL
);
"""

# Whoever keeps authorities sees when they were drilled and whether they answered, and nothing else of the schema: a
# drill is ours, and no report changes a line of this.
DRILLS = f"""
CREATE OR REPLACE FUNCTION authority_drills(which uuid, until timestamptz)
RETURNS TABLE (sent_at timestamptz, due_at timestamptz, passed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT d.sent_at, d.due_at, d.passed_at FROM reports.drill d
    WHERE d.authority = which AND d.sent_at <= until
      AND (d.passed_at IS NOT NULL OR d.due_at <= until)
    ORDER BY d.sent_at DESC LIMIT 60
$$;
REVOKE ALL ON FUNCTION authority_drills(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION authority_drills(uuid, timestamptz) TO {DESK};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (COLUMNS, DRILLS):
            await execute(statement)

    manager.add_raw(run)
    return manager
