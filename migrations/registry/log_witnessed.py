"""What the log's witnesses said, and what the newest manifest says of it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T04:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "log witnessed"

STEPS = """
CREATE TABLE IF NOT EXISTS log_witness (
  vkey VARCHAR(2000) PRIMARY KEY, name VARCHAR(200) NOT NULL DEFAULT '', size BIGINT NOT NULL DEFAULT 0,
  cosigned_at TIMESTAMP WITH TIME ZONE, tried_at TIMESTAMP WITH TIME ZONE, failures INTEGER NOT NULL DEFAULT 0,
  trouble TEXT NOT NULL DEFAULT ''
);
ALTER TABLE log_head ADD COLUMN IF NOT EXISTS cosigned_size BIGINT NOT NULL DEFAULT 0;
ALTER TABLE log_head ADD COLUMN IF NOT EXISTS cosigned_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE log_head ADD COLUMN IF NOT EXISTS cosigners INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log_head ADD COLUMN IF NOT EXISTS ahead BIGINT NOT NULL DEFAULT 0;
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(STEPS)

    manager.add_raw(run)
    return manager
