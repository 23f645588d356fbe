"""Prints of many seals: what was asked for, and how far it is."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "print jobs"

TABLE = """
CREATE TABLE IF NOT EXISTS print_job (
  id uuid PRIMARY KEY,
  asked_by uuid NOT NULL,
  association uuid,
  client uuid,
  title varchar(250) NOT NULL DEFAULT '',
  language varchar(2) NOT NULL DEFAULT '',
  layout varchar(20) NOT NULL DEFAULT '',
  seals jsonb NOT NULL DEFAULT '[]',
  total integer NOT NULL DEFAULT 0 CHECK (total > 0),
  done integer NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND total),
  state varchar(10) NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
  asked_at timestamptz NOT NULL,
  leased_until timestamptz,
  ended_at timestamptz,
  CHECK ((association IS NULL) <> (client IS NULL))
);
CREATE INDEX IF NOT EXISTS print_job_asked_by ON print_job (asked_by);
CREATE INDEX IF NOT EXISTS print_job_state ON print_job (state);
"""


async def forwards() -> MigrationManager:
    """May run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(TABLE)

    manager.add_raw(run)
    return manager
