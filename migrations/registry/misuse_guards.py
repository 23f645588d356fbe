"""Steps and evidence of a misuse are only ever added; a publication has a letter, and its five days, behind it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T02:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "misuse guards"

APPEND_ONLY = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
GUARDS = """
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON misuse FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON misuse
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE UNIQUE INDEX IF NOT EXISTS misuse_one_removal ON misuse (certification) WHERE certification IS NOT NULL;
ALTER TABLE misuse DROP CONSTRAINT IF EXISTS misuse_published;
ALTER TABLE misuse ADD CONSTRAINT misuse_published CHECK (published_on IS NULL OR published_on > stop_by);
ALTER TABLE misuse DROP CONSTRAINT IF EXISTS misuse_stop_by;
ALTER TABLE misuse ADD CONSTRAINT misuse_stop_by CHECK (stop_by IS NULL OR stop_by <= warned_on + 5);
ALTER TABLE misuse DROP CONSTRAINT IF EXISTS misuse_closed;
ALTER TABLE misuse ADD CONSTRAINT misuse_closed CHECK ((state = 'closed') = (outcome IS NOT NULL));
ALTER TABLE complaint DROP CONSTRAINT IF EXISTS complaint_elsewhere_keeps_no_words;
ALTER TABLE complaint ADD CONSTRAINT complaint_elsewhere_keeps_no_words CHECK (
  outcome IS DISTINCT FROM 'elsewhere' OR (text = '' AND named = '' AND answer = ''));
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for table in ("misuse_step", "misuse_evidence"):
            await execute(APPEND_ONLY.format(table=table))
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
