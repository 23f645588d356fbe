"""What the database itself refuses, whoever asks: a log that loses or changes a leaf, a seal that comes back."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-21T21:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "seals guards"

GUARDS = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON log_entry
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON log_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION log_without_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.number <> (SELECT coalesce(max(number) + 1, 0) FROM log_entry) THEN
    RAISE EXCEPTION 'the log has no gaps' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER without_gap BEFORE INSERT ON log_entry FOR EACH ROW EXECUTE FUNCTION log_without_gap();

CREATE OR REPLACE FUNCTION seal_is_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN ('valid', 'suspended') AND NEW.state <> OLD.state THEN
    RAISE EXCEPTION 'a revoked seal never comes back' USING ERRCODE = 'check_violation'; END IF;
  IF (NEW.code, NEW.certification, NEW.unit, NEW.status_index, NEW.serial, NEW.valid_from, NEW.valid_until,
      NEW.credential, NEW.issued_index) IS DISTINCT FROM (OLD.code, OLD.certification, OLD.unit, OLD.status_index,
      OLD.serial, OLD.valid_from, OLD.valid_until, OLD.credential, OLD.issued_index) THEN
    RAISE EXCEPTION 'what a seal was issued for never changes' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.log_index < OLD.log_index THEN
    RAISE EXCEPTION 'a seal does not go back in the log' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER one_way BEFORE UPDATE ON seal FOR EACH ROW EXECUTE FUNCTION seal_is_one_way();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON seal FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE UNIQUE INDEX IF NOT EXISTS seal_one_live ON seal (certification, unit) WHERE state IN ('valid', 'suspended');
ALTER TABLE seal DROP CONSTRAINT IF EXISTS seal_dates;
ALTER TABLE seal ADD CONSTRAINT seal_dates CHECK (valid_from < valid_until);
ALTER TABLE seal DROP CONSTRAINT IF EXISTS seal_status_index;
ALTER TABLE seal ADD CONSTRAINT seal_status_index CHECK (status_index BETWEEN 0 AND 131071);
ALTER TABLE log_tail DROP CONSTRAINT IF EXISTS log_tail_one_row;
ALTER TABLE log_tail ADD CONSTRAINT log_tail_one_row CHECK (id = 1);
ALTER TABLE log_head DROP CONSTRAINT IF EXISTS log_head_one_row;
ALTER TABLE log_head ADD CONSTRAINT log_head_one_row CHECK (id = 1);
INSERT INTO log_tail (id, size, serial, changed) VALUES (1, 0, 0, 0) ON CONFLICT DO NOTHING;
INSERT INTO log_head (id, size, root, seq, changed, superseded) VALUES (1, 0, '', 0, 0, '[]') ON CONFLICT DO NOTHING;
CREATE SEQUENCE IF NOT EXISTS publication_seq;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
