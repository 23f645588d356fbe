"""A seal touches the list of those who have only signed when it comes and when it stops counting; else not."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T05:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "seals listing marks"

STEP = """
CREATE OR REPLACE FUNCTION seal_unpublished() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held CONSTANT text[] := '{valid,suspended,withdrawn}';
BEGIN
  INSERT INTO unpublished (region, place, seal) VALUES (NEW.region, seal_place(NEW.code), NEW.id);
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.region, OLD.code) IS DISTINCT FROM (NEW.region, NEW.code) THEN
      INSERT INTO unpublished (region, place, seal) VALUES (OLD.region, seal_place(OLD.code), NEW.id); END IF;
    IF (OLD.state = ANY (held)) = (NEW.state = ANY (held)) AND OLD.client = NEW.client THEN RETURN NULL; END IF;
  END IF;
  -- Who holds a seal is no longer listed as one that has only signed.
  INSERT INTO unpublished (region, place) SELECT l.region, 0 FROM committed_listing l WHERE l.client = NEW.client;
  RETURN NULL;
END $$;
"""


async def forwards() -> MigrationManager:
    """The statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(STEP)

    manager.add_raw(run)
    return manager
