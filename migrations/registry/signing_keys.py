"""The keys that sign for the house: one in use for each role, and none that is forgotten or comes back."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T03:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "signing keys"

STEPS = """
CREATE TABLE IF NOT EXISTS signing_key (
  kid VARCHAR(43) PRIMARY KEY, role VARCHAR(10) NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT '',
  jwk JSONB NOT NULL DEFAULT '{}', state VARCHAR(12) NOT NULL DEFAULT '',
  announced_at TIMESTAMP WITH TIME ZONE NOT NULL, active_at TIMESTAMP WITH TIME ZONE,
  replaced_at TIMESTAMP WITH TIME ZONE, retired_at TIMESTAMP WITH TIME ZONE, compromised_at TIMESTAMP WITH TIME ZONE
);
CREATE UNIQUE INDEX IF NOT EXISTS signing_key_in_use ON signing_key (role) WHERE state = 'active';

CREATE OR REPLACE FUNCTION key_is_one_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kid, NEW.role, NEW.jwk, NEW.announced_at) IS DISTINCT FROM (OLD.kid, OLD.role, OLD.jwk, OLD.announced_at) THEN
    RAISE EXCEPTION 'a key is what it was announced as' USING ERRCODE = 'check_violation'; END IF;
  IF OLD.state = 'compromised' AND NEW.state <> OLD.state
     OR OLD.state = 'retired' AND NEW.state NOT IN ('retired', 'compromised') THEN
    RAISE EXCEPTION 'a key that retired never signs again' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER one_way BEFORE UPDATE ON signing_key FOR EACH ROW EXECUTE FUNCTION key_is_one_way();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON signing_key FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(STEPS)

    manager.add_raw(run)
    return manager
