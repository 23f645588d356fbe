"""A register of a million seals: more than one status list, and what a publication has to touch.

`unpublished` is filled by the database itself, so that no change of a seal, by whichever verb or hand, is published
later than the next publication, and none of what did not change is read again.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T05:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "seals at scale"

# seal_place: the first 16 bits that decide in which shard of its region a seal stands: snapshot.place() in SQL.
STEPS = """
ALTER TABLE seal DROP CONSTRAINT IF EXISTS seal_status_index;
ALTER TABLE seal ADD CONSTRAINT seal_status_index CHECK (status_index >= 0);

CREATE OR REPLACE FUNCTION seal_place(code varchar) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT get_byte(d, 0) * 256 + get_byte(d, 1) FROM (SELECT sha256(decode(rtrim(translate(encode(substring(
    sha256('\\x72657367756172646f2d7365616c0a'::bytea || decode(code, 'escape')) FROM 1 FOR 16), 'base64'),
    '+/', '-_'), '='), 'escape')) AS d) AS digest
$$;
CREATE INDEX IF NOT EXISTS seal_by_place ON seal (region, seal_place(code));
CREATE INDEX IF NOT EXISTS log_entry_by_seal ON log_entry (seal, number) WHERE seal IS NOT NULL;

CREATE TABLE IF NOT EXISTS unpublished (
  id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY, region VARCHAR(10) NOT NULL, place INTEGER NOT NULL, seal UUID
);
CREATE TABLE IF NOT EXISTS bound_file (name VARCHAR(60) PRIMARY KEY, data BYTEA NOT NULL, sha256 VARCHAR(64) NOT NULL);
ALTER TABLE log_head ADD COLUMN IF NOT EXISTS lists_at TIMESTAMP WITH TIME ZONE;

CREATE OR REPLACE FUNCTION seal_unpublished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unpublished (region, place, seal) VALUES (NEW.region, seal_place(NEW.code), NEW.id);
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.region, OLD.code) IS DISTINCT FROM (NEW.region, NEW.code) THEN
      INSERT INTO unpublished (region, place, seal) VALUES (OLD.region, seal_place(OLD.code), NEW.id); END IF;
  END IF;
  -- Who holds a seal is no longer listed as one that has only signed.
  INSERT INTO unpublished (region, place) SELECT l.region, 0 FROM committed_listing l WHERE l.client = NEW.client;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER unpublished AFTER INSERT OR UPDATE ON seal
  FOR EACH ROW EXECUTE FUNCTION seal_unpublished();

CREATE OR REPLACE FUNCTION listing_unpublished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN INSERT INTO unpublished (region, place) VALUES (OLD.region, 0); END IF;
  IF TG_OP <> 'DELETE' THEN INSERT INTO unpublished (region, place) VALUES (NEW.region, 0); END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER unpublished AFTER INSERT OR UPDATE OR DELETE ON committed_listing
  FOR EACH ROW EXECUTE FUNCTION listing_unpublished();

-- What was published before this migration stays published; what was waiting then still waits.
INSERT INTO unpublished (region, place) SELECT DISTINCT s.region, seal_place(s.code) FROM seal s
  WHERE s.log_index >= (SELECT size FROM log_head);
INSERT INTO unpublished (region, place) SELECT DISTINCT region, 0 FROM committed_listing;
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(STEPS)

    manager.add_raw(run)
    return manager
