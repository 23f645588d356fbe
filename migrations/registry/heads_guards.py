"""Heads of the reports' event log: who may add one, and how the log is held still while one is taken."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import REPORTS, execute

ID = "2026-11-26T08:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "heads guards"

KEPT = """
ALTER TABLE reports.weekly_head DROP CONSTRAINT IF EXISTS head_whole;
ALTER TABLE reports.weekly_head ADD CONSTRAINT head_whole CHECK (
  length(hash) = 32 AND extract(isodow FROM week) = 1 AND (last IS NULL OR length(salt) = 32));
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports.weekly_head
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON reports.weekly_head
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
"""

SETTLED = """
-- The last event, when no smaller number can appear any more: whoever is writing one is waited for, and not for long,
-- because who writes meanwhile waits as well. As the owner: the role of the reports may lock nothing.
CREATE OR REPLACE FUNCTION reports.settled_events() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog SET lock_timeout = '2s' AS $$
BEGIN
  LOCK TABLE reports.event IN SHARE ROW EXCLUSIVE MODE;
  RETURN (SELECT coalesce(max(id), 0) FROM reports.event);
END $$;
"""

GRANTS = f"""
REVOKE ALL ON reports.weekly_head FROM PUBLIC;
REVOKE ALL ON FUNCTION reports.settled_events() FROM PUBLIC;
GRANT SELECT, INSERT ON reports.weekly_head TO {REPORTS};
GRANT EXECUTE ON FUNCTION reports.settled_events() TO {REPORTS};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (KEPT, SETTLED, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
