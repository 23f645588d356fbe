"""Evidence of misuse is only ever added, but that its picture and note go, once, a year after its case was closed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T22:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "misuse evidence guards"

GOES = """
CREATE OR REPLACE FUNCTION evidence_goes_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.gone_on IS NULL AND NEW.gone_on IS NOT NULL AND NEW.note = ''
      AND to_jsonb(NEW) - 'gone_on' - 'note' = to_jsonb(OLD) - 'gone_on' - 'note'
      AND EXISTS (SELECT FROM misuse m WHERE m.id = OLD.misuse AND m.state = 'closed'
        AND m.closed_on + interval '12 months' <= NEW.gone_on) THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'evidence is only added, and goes a year after its case was closed'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON misuse_evidence
  FOR EACH ROW EXECUTE FUNCTION evidence_goes_once();
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GOES)

    manager.add_raw(run)
    return manager
