"""Where a seal stands in its region is kept beside it: computed for each row that is read, it cost more than the rest.

The database fills it, so that no hand can put a seal into another shard than its code's.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T05:04:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "seals place"

STEP = """
ALTER TABLE seal ADD COLUMN IF NOT EXISTS place INTEGER;
ALTER TABLE seal DISABLE TRIGGER unpublished;
UPDATE seal SET place = seal_place(code) WHERE place IS NULL;
ALTER TABLE seal ENABLE TRIGGER unpublished;
ALTER TABLE seal ALTER COLUMN place SET NOT NULL;
DROP INDEX IF EXISTS seal_by_place;
CREATE INDEX seal_by_place ON seal (region, place);

CREATE OR REPLACE FUNCTION seal_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.place := seal_place(NEW.code); RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER placed BEFORE INSERT OR UPDATE OF code, place ON seal
  FOR EACH ROW EXECUTE FUNCTION seal_placed();

CREATE OR REPLACE FUNCTION seal_unpublished() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held CONSTANT text[] := '{valid,suspended,withdrawn}';
BEGIN
  INSERT INTO unpublished (region, place, seal) VALUES (NEW.region, NEW.place, NEW.id);
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.region, OLD.place) IS DISTINCT FROM (NEW.region, NEW.place) THEN
      INSERT INTO unpublished (region, place, seal) VALUES (OLD.region, OLD.place, NEW.id); END IF;
    IF (OLD.state = ANY (held)) = (NEW.state = ANY (held)) AND OLD.client = NEW.client THEN RETURN NULL; END IF;
  END IF;
  -- Who holds a seal is no longer listed as one that has only signed.
  INSERT INTO unpublished (region, place) SELECT l.region, 0 FROM committed_listing l WHERE l.client = NEW.client;
  RETURN NULL;
END $$;
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(STEP)

    manager.add_raw(run)
    return manager
