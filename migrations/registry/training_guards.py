"""A record is never changed, nor the attendance of a session that is over."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-21T21:33:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "training guards"

GUARDS = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON training_record
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON training_record
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE INDEX IF NOT EXISTS training_record_of_worker ON training_record (worker, expires_on);
CREATE INDEX IF NOT EXISTS worker_by_card ON worker (card_no) WHERE card_no IS NOT NULL;
CREATE INDEX IF NOT EXISTS training_session_clients ON training_session USING gin (clients);

CREATE OR REPLACE FUNCTION attendance_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NOT EXISTS (SELECT FROM training_session WHERE id = NEW.session AND state = 'open') THEN
    RAISE EXCEPTION 'attendance is written while its session is open' USING ERRCODE = 'restrict_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER open_only BEFORE INSERT OR UPDATE OR DELETE ON attendance
  FOR EACH ROW EXECUTE FUNCTION attendance_open();

CREATE OR REPLACE FUNCTION session_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
    RAISE EXCEPTION 'a session that is over is never changed' USING ERRCODE = 'restrict_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER kept BEFORE UPDATE OR DELETE ON training_session
  FOR EACH ROW EXECUTE FUNCTION session_kept();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
