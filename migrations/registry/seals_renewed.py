"""A seal may be renewed or signed again, and only by a leaf of the log that says so; its code, unit, sticker and status
index never change, and its end never comes nearer.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T03:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "seals that are renewed and signed again"

GUARD = """
CREATE OR REPLACE FUNCTION seal_is_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN ('valid', 'suspended') AND NEW.state <> OLD.state THEN
    RAISE EXCEPTION 'a revoked seal never comes back' USING ERRCODE = 'check_violation'; END IF;
  IF (NEW.code, NEW.unit, NEW.status_index, NEW.serial, NEW.issued_index) IS DISTINCT FROM
     (OLD.code, OLD.unit, OLD.status_index, OLD.serial, OLD.issued_index) OR NEW.valid_until < OLD.valid_until THEN
    RAISE EXCEPTION 'what a seal was issued for never changes' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.log_index < OLD.log_index THEN
    RAISE EXCEPTION 'a seal does not go back in the log' USING ERRCODE = 'check_violation'; END IF;
  IF (NEW.certification, NEW.valid_from, NEW.valid_until, NEW.credential) IS DISTINCT FROM
     (OLD.certification, OLD.valid_from, OLD.valid_until, OLD.credential) AND NOT EXISTS (
       SELECT FROM log_entry e WHERE e.number = NEW.log_index AND e.number > OLD.log_index AND e.seal = NEW.id
         AND (e.event = 'seal.renewed' OR e.event = 'seal.resigned' AND (NEW.certification, NEW.valid_from,
              NEW.valid_until) = (OLD.certification, OLD.valid_from, OLD.valid_until))) THEN
    RAISE EXCEPTION 'what a seal was issued for never changes' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GUARD)

    manager.add_raw(run)
    return manager
