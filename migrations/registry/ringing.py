"""Urgent reports ring a telephone: duty numbers that were read back, whom to ring, and when a number was last rung.

Replaces reports.file (an urgent envelope has a row of reports.ring in the same transaction) and reports.chain_event
(the first ring follows at once upon the report: the log keeps its day, not its minute).
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import REPORTS, execute

ID = "2026-11-26T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "ringing"

TABLES = """
ALTER TABLE authority_contact ADD COLUMN IF NOT EXISTS number_confirmed_at TIMESTAMP WITH TIME ZONE;
CREATE TABLE IF NOT EXISTS reports.ring (
  id UUID PRIMARY KEY NOT NULL, envelope UUID NOT NULL, authority UUID NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, times INTEGER NOT NULL DEFAULT 0,
  done_at TIMESTAMP WITH TIME ZONE, trouble VARCHAR(80) NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS reports_ring_once ON reports.ring (envelope, authority);
CREATE INDEX IF NOT EXISTS reports_ring_due ON reports.ring (authority, due_at) WHERE done_at IS NULL;
CREATE TABLE IF NOT EXISTS reports.rung (
  number VARCHAR(16) PRIMARY KEY NOT NULL DEFAULT '', at TIMESTAMP WITH TIME ZONE NOT NULL
);
"""

FILE = """
DO $do$ DECLARE said text := pg_get_functiondef('reports.file(jsonb, bytea)'::regprocedure);
BEGIN
  IF position('reports.ring' IN said) = 0 THEN
    EXECUTE replace(said, '  INSERT INTO reports.event ',
      '  IF (d->>''urgent'')::boolean THEN
    INSERT INTO reports.ring (id, envelope, authority, due_at) VALUES (gen_random_uuid(), envelope, chain[1], hour);
  END IF;
  INSERT INTO reports.event ');
  END IF;
  IF position('reports.ring' IN pg_get_functiondef('reports.file(jsonb, bytea)'::regprocedure)) = 0 THEN
    RAISE EXCEPTION 'reports.file keeps an envelope otherwise';
  END IF;
END $do$;
DO $do$ DECLARE said text := pg_get_functiondef('reports.chain_event()'::regprocedure);
BEGIN
  EXECUTE replace(said, '(''reports.sealed'', ''reports.notified'')',
    '(''reports.sealed'', ''reports.notified'', ''reports.rung'')');
  IF position('reports.rung' IN pg_get_functiondef('reports.chain_event()'::regprocedure)) = 0 THEN
    RAISE EXCEPTION 'reports.chain_event forgets otherwise';
  END IF;
END $do$;
"""

GRANTS = f"""
REVOKE ALL ON reports.ring, reports.rung FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON reports.ring TO {REPORTS};
GRANT SELECT, INSERT, UPDATE, DELETE ON reports.rung TO {REPORTS};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (TABLES, FILE, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
