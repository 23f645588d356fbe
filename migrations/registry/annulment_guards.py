"""A decision is annulled only where an appeals panel ruled so, or stayed it, and never by whoever took it.

The two functions of the lifecycle are the same as before, and know this act as well.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T02:06:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "annulment guards"

GUARDS = """
CREATE OR REPLACE FUNCTION annulment_is_ruled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.act = 'annul' AND NOT EXISTS (SELECT FROM appeal a JOIN decision d ON d.id = a.decision
      WHERE a.decision = NEW.answers AND a.certification = NEW.certification AND d.decided_by <> NEW.decided_by
        AND (a.state = 'to_carry_out' OR (a.state = 'seated' AND a.stayed_at IS NOT NULL))) THEN
    RAISE EXCEPTION 'a decision is annulled where a panel ruled so, by another person'
      USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ruled BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION annulment_is_ruled();

CREATE OR REPLACE FUNCTION state_follows_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = OLD.state THEN RETURN NEW; END IF;
  IF OLD.state IN ('declined', 'cancelled', 'lapsed', 'refused', 'withdrawn', 'superseded', 'ended') THEN
    RAISE EXCEPTION '% is final', OLD.state USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state IN ('granted', 'refused', 'suspended', 'withdrawn') AND NOT EXISTS (
    SELECT FROM decision d WHERE d.certification = NEW.id AND CASE
      WHEN NEW.state = 'granted' AND OLD.state = 'suspended' THEN d.act IN ('reinstate', 'lift', 'annul') AND
        d.decided_at >= (
        SELECT max(s.decided_at) FROM decision s WHERE s.certification = NEW.id AND s.act = 'suspend')
      WHEN NEW.state = 'granted' THEN d.act = 'grant'
        AND d.valid_from = NEW.valid_from AND d.valid_until = NEW.valid_until
      WHEN NEW.state = 'refused' THEN d.act = 'refuse'
      WHEN NEW.state = 'suspended' THEN d.act = 'suspend'
      ELSE d.act = 'withdraw' END) THEN
    RAISE EXCEPTION 'no decision stands behind this state' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = 'superseded' AND NOT EXISTS (SELECT FROM certification n JOIN decision d ON d.certification = n.id
      AND d.act = 'grant' WHERE n.renews = NEW.id) THEN
    RAISE EXCEPTION 'no renewal was granted that supersedes this' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION unit_follows_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE version uuid;
BEGIN
  IF (NEW.certification, NEW.unit_id, NEW.client) IS DISTINCT FROM (OLD.certification, OLD.unit_id, OLD.client) THEN
    RAISE EXCEPTION 'a unit stays in its case' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = OLD.state OR NEW.state = 'ended' AND OLD.state <> 'withdrawn' THEN RETURN NEW; END IF;
  IF OLD.state IN ('withdrawn', 'ended') THEN
    RAISE EXCEPTION 'a unit that is % never comes back', OLD.state USING ERRCODE = 'check_violation'; END IF;
  IF NOT EXISTS (SELECT FROM decision d WHERE d.certification = NEW.certification AND NEW.unit_id = ANY (d.units)
      AND d.act = ANY (CASE NEW.state WHEN 'suspended' THEN '{suspend}'::text[] WHEN 'withdrawn' THEN '{withdraw}'
      ELSE CASE OLD.state WHEN 'pending' THEN '{grant,extend}'::text[] ELSE '{reinstate,lift,annul}' END END)) THEN
    RAISE EXCEPTION 'no decision about this unit stands behind its state' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = 'covered' AND OLD.state = 'pending' THEN
    SELECT scheme_version INTO version FROM certification WHERE id = NEW.certification;
    IF NOT EXISTS (SELECT FROM commitment WHERE client = NEW.client AND scheme_version = version
                   AND ended_at IS NULL) THEN
      RAISE EXCEPTION 'nobody is covered who has not signed under the same version'
        USING ERRCODE = 'check_violation'; END IF;
  END IF;
  RETURN NEW;
END $$;
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
