"""What was signed is never changed; its end is written once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-21T21:32:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "commitments guards"

GUARDS = """
CREATE OR REPLACE FUNCTION commitment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR OLD.ended_at IS NOT NULL
     OR to_jsonb(NEW) - '{ended_at,ended_by,end_reason}'::text[]
     <> to_jsonb(OLD) - '{ended_at,ended_by,end_reason}'::text[] THEN
    RAISE EXCEPTION 'a signed commitment is never changed' USING ERRCODE = 'restrict_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER kept BEFORE UPDATE OR DELETE ON commitment FOR EACH ROW EXECUTE FUNCTION commitment_kept();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON commitment
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
