"""Files of a report: kept in the transaction of their envelope, never changed, gone with its body and never before.

`reports.file_with` calls `reports.file` as it is and adds nothing where that kept nothing.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import PUBLIC, REPORTS, execute

ID = "2026-11-25T01:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "attachment guards"

SHAPE = """
CREATE UNIQUE INDEX IF NOT EXISTS reports_attachment_once ON reports.attachment (envelope, number);
ALTER TABLE reports.attachment ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE reports.attachment DROP CONSTRAINT IF EXISTS attachment_of_an_envelope;
ALTER TABLE reports.attachment ADD CONSTRAINT attachment_of_an_envelope
  FOREIGN KEY (envelope) REFERENCES reports.envelope (id);
ALTER TABLE reports.attachment DROP CONSTRAINT IF EXISTS attachment_bounded;
ALTER TABLE reports.attachment ADD CONSTRAINT attachment_bounded
  CHECK (number BETWEEN 1 AND 3 AND length(body) BETWEEN 1048576 AND 11534336);

-- What cannot be read is not packed smaller: STORAGE EXTERNAL saves the trying.
CREATE OR REPLACE FUNCTION reports.attachment_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN RAISE EXCEPTION 'an attachment never changes' USING ERRCODE = 'check_violation'; END IF;
  IF EXISTS (SELECT FROM reports.envelope e WHERE e.id = OLD.envelope AND e.body IS NOT NULL) THEN
    RAISE EXCEPTION 'its envelope is kept' USING ERRCODE = 'check_violation'; END IF;
  RETURN OLD;
END $$;
CREATE OR REPLACE TRIGGER attachment_stays BEFORE UPDATE OR DELETE ON reports.attachment
  FOR EACH ROW EXECUTE FUNCTION reports.attachment_stays();

CREATE OR REPLACE FUNCTION reports.attachments_go() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM reports.attachment a WHERE a.envelope = NEW.id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER attachments_go AFTER UPDATE OF body ON reports.envelope FOR EACH ROW
  WHEN (OLD.body IS NOT NULL AND NEW.body IS NULL) EXECUTE FUNCTION reports.attachments_go();
"""

FILE = """
CREATE OR REPLACE FUNCTION reports.file_with(d jsonb, body bytea, files bytea[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE said jsonb := reports.file(d, body);
BEGIN
  IF said->>'done' = 'stored' THEN
    INSERT INTO reports.attachment (id, envelope, number, body)
      SELECT gen_random_uuid(), (d->>'id')::uuid, turn, file FROM unnest(files) WITH ORDINALITY AS t(file, turn);
  END IF;
  RETURN said;
END $$;
"""

GRANTS = f"""
REVOKE ALL ON reports.attachment FROM PUBLIC;
REVOKE ALL ON FUNCTION reports.attachment_stays(), reports.attachments_go(),
  reports.file_with(jsonb, bytea, bytea[]) FROM PUBLIC;
GRANT SELECT ON reports.attachment TO {REPORTS};
GRANT EXECUTE ON FUNCTION reports.file_with(jsonb, bytea, bytea[]) TO {PUBLIC}, {REPORTS};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (SHAPE, FILE, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
