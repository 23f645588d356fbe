"""A suspension that is carried out again names the first one; an annulment says whether it holds only during a stay."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T13:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "stays undone"

TABLES = """
ALTER TABLE decision ADD COLUMN IF NOT EXISTS repeats uuid;
ALTER TABLE decision ADD COLUMN IF NOT EXISTS provisional boolean NOT NULL DEFAULT false;
ALTER TABLE proposal ADD COLUMN IF NOT EXISTS repeats uuid;
ALTER TABLE certification ADD COLUMN IF NOT EXISTS fled_from uuid;
CREATE INDEX IF NOT EXISTS decision_by_repeated ON decision (repeats) WHERE repeats IS NOT NULL;
CREATE INDEX IF NOT EXISTS decision_by_answered ON decision (answers) WHERE answers IS NOT NULL;
CREATE INDEX IF NOT EXISTS proposal_again ON proposal (repeats) WHERE repeats IS NOT NULL AND ended_at IS NULL;

-- What was annulled before only a stay stood behind it.
ALTER TABLE decision DISABLE TRIGGER append_only;
UPDATE decision SET provisional = true WHERE act = 'annul' AND NOT EXISTS (SELECT FROM appeal a
  WHERE a.decision = decision.answers AND a.state = 'closed' AND a.outcome IN ('upheld', 'partly'));
ALTER TABLE decision ENABLE TRIGGER append_only;
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(TABLES)

    manager.add_raw(run)
    return manager
