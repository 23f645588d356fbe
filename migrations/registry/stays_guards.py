"""What the database itself refuses of suspensions, stays and renewals: a state that nothing decided leads to, the end
of one suspension by what answers another, and a unit that comes back by the way (I4, I6; ISO/IEC 17065, 7.11).

`state_follows_decision` and `unit_follows_decision` take the place of those of annulment_guards.py.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T13:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "stays guards"

ROOTS = """
-- The suspension that a decision confirms or repeats; of any other decision, itself.
CREATE OR REPLACE FUNCTION decision_root(of_decision uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT coalesce(u.repeats, u.id) FROM decision d
    JOIN decision u ON u.id = CASE WHEN d.act = 'confirm' THEN d.answers ELSE d.id END WHERE d.id = of_decision
$$;

-- Whether d ends s: a reinstatement, or what lifts or annuls this very suspension.
CREATE OR REPLACE FUNCTION ends_suspension(d decision, s decision) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT d.act = 'reinstate' OR d.act IN ('lift', 'annul') AND decision_root(d.answers) = coalesce(s.repeats, s.id)
$$;

CREATE OR REPLACE FUNCTION repeats_a_suspension() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.repeats IS NOT NULL AND (NEW.act <> 'suspend' OR NOT EXISTS (
      WITH RECURSIVE line AS (SELECT id, renews FROM certification WHERE id = NEW.certification
        UNION SELECT c.id, c.renews FROM certification c JOIN line ON c.id = line.renews)
      SELECT FROM decision d JOIN line ON line.id = d.certification
      WHERE d.id = NEW.repeats AND d.act = 'suspend' AND d.repeats IS NULL
        AND coalesce(d.cause, 'other') = NEW.cause)) THEN
    RAISE EXCEPTION 'what is repeated is a suspension of this certificate or one it renews, for the same cause'
      USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER repeats BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION repeats_a_suspension();
CREATE OR REPLACE TRIGGER repeats BEFORE INSERT ON proposal FOR EACH ROW EXECUTE FUNCTION repeats_a_suspension();

CREATE OR REPLACE FUNCTION annulment_is_ruled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.act = 'annul' AND (
    NOT EXISTS (SELECT FROM decision d WHERE d.id = NEW.answers AND d.certification = NEW.certification)
    OR NOT EXISTS (SELECT FROM appeal a WHERE decision_root(a.decision) = decision_root(NEW.answers) AND CASE
      WHEN NEW.provisional THEN a.state = 'seated' AND a.stayed_at IS NOT NULL ELSE a.state = 'to_carry_out' END)
    OR EXISTS (SELECT FROM decision d WHERE d.decided_by = NEW.decided_by AND d.act <> 'annul'
      AND (d.id = NEW.answers OR d.id = decision_root(NEW.answers) OR d.repeats = decision_root(NEW.answers)
        OR d.act = 'confirm' AND decision_root(d.id) = decision_root(NEW.answers)))) THEN
    RAISE EXCEPTION 'a decision is annulled where a panel ruled so, by another person'
      USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
"""

STATES = """
CREATE OR REPLACE FUNCTION state_follows_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last decision;
BEGIN
  IF NEW.state = OLD.state THEN RETURN NEW; END IF;
  IF OLD.state IN ('declined', 'cancelled', 'lapsed', 'refused', 'withdrawn', 'superseded', 'ended') THEN
    RAISE EXCEPTION '% is final', OLD.state USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = 'granted' AND OLD.state = 'suspended' THEN
    SELECT * INTO last FROM decision WHERE certification = NEW.id AND act = 'suspend' AND units = '{}'
      ORDER BY decided_at DESC, id DESC LIMIT 1;
    IF NOT EXISTS (SELECT FROM decision d WHERE d.certification = NEW.id AND d.units = '{}'
        AND d.decided_at >= last.decided_at AND ends_suspension(d, last)) THEN
      RAISE EXCEPTION 'no decision ends this suspension' USING ERRCODE = 'check_violation'; END IF;
  ELSIF NEW.state IN ('granted', 'refused', 'suspended', 'withdrawn') AND NOT EXISTS (
    SELECT FROM decision d WHERE d.certification = NEW.id AND CASE NEW.state
      WHEN 'granted' THEN d.act = 'grant' AND d.valid_from = NEW.valid_from AND d.valid_until = NEW.valid_until
      WHEN 'refused' THEN d.act = 'refuse'
      WHEN 'suspended' THEN OLD.state = 'granted' AND d.act = 'suspend' AND d.units = '{}' AND NOT EXISTS (
        SELECT FROM decision e WHERE e.certification = NEW.id AND e.units = '{}' AND e.decided_at > d.decided_at
          AND ends_suspension(e, d))
      ELSE OLD.state IN ('granted', 'suspended') AND d.act = 'withdraw' AND d.units = '{}' END) THEN
    RAISE EXCEPTION 'no decision stands behind this state' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = 'superseded' AND NOT EXISTS (SELECT FROM certification n JOIN decision d ON d.certification = n.id
      AND d.act = 'grant' WHERE n.renews = NEW.id) THEN
    RAISE EXCEPTION 'no renewal was granted that supersedes this' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION taken_out(of_case uuid, unit uuid, since timestamptz) RETURNS boolean LANGUAGE sql STABLE
AS $$
  SELECT EXISTS (SELECT FROM step WHERE certification = of_case AND act IN ('withdraw', 'reduce', 'uncover')
    AND unit = ANY (units) AND taken_at >= since)
$$;

CREATE OR REPLACE FUNCTION unit_follows_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last decision; asked timestamptz; version uuid; previous uuid; opened timestamptz;
BEGIN
  IF (NEW.certification, NEW.unit_id, NEW.client) IS DISTINCT FROM (OLD.certification, OLD.unit_id, OLD.client) THEN
    RAISE EXCEPTION 'a unit stays in its case' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = OLD.state THEN RETURN NEW; END IF;
  SELECT max(taken_at) INTO asked FROM step WHERE certification = NEW.certification AND act = 'ask_extension'
    AND NEW.unit_id = ANY (units);
  IF OLD.state IN ('withdrawn', 'ended') THEN
    IF NEW.state <> 'pending' OR asked IS NULL OR asked < (SELECT max(taken_at) FROM step
        WHERE certification = NEW.certification AND act IN ('withdraw', 'reduce', 'uncover')
          AND NEW.unit_id = ANY (units)) THEN
      RAISE EXCEPTION 'a unit that is % comes back only when it is asked for again', OLD.state
        USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.state = 'ended' THEN
    IF NOT EXISTS (SELECT FROM decision d WHERE d.certification = NEW.certification AND d.act = 'reduce'
        AND NEW.unit_id = ANY (d.units)) AND NOT EXISTS (SELECT FROM step s WHERE s.certification = NEW.certification
        AND s.act = 'uncover' AND NEW.unit_id = ANY (s.units)) THEN
      RAISE EXCEPTION 'nothing says why this unit is no longer covered' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.state = 'covered' AND OLD.state = 'suspended' THEN
    SELECT * INTO last FROM decision WHERE certification = NEW.certification AND act = 'suspend'
      AND NEW.unit_id = ANY (units) ORDER BY decided_at DESC, id DESC LIMIT 1;
    IF NOT EXISTS (SELECT FROM decision d WHERE d.certification = NEW.certification AND NEW.unit_id = ANY (d.units)
        AND d.decided_at >= last.decided_at AND ends_suspension(d, last)) THEN
      RAISE EXCEPTION 'no decision ends the suspension of this unit' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT FROM decision d WHERE d.certification = NEW.certification AND NEW.unit_id = ANY (d.units)
      AND CASE NEW.state
        WHEN 'suspended' THEN OLD.state = 'covered' AND d.act = 'suspend' AND NOT EXISTS (SELECT FROM decision e
          WHERE e.certification = NEW.certification AND NEW.unit_id = ANY (e.units) AND e.decided_at > d.decided_at
            AND ends_suspension(e, d))
        WHEN 'withdrawn' THEN OLD.state <> 'pending' AND d.act = 'withdraw'
        WHEN 'covered' THEN OLD.state = 'pending' AND d.act IN ('grant', 'extend')
          AND (asked IS NULL OR d.decided_at >= asked)
        ELSE false END) THEN
    RAISE EXCEPTION 'no decision about this unit stands behind its state' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = 'covered' THEN
    SELECT scheme_version, renews, applied_at INTO version, previous, opened FROM certification
      WHERE id = NEW.certification;
    IF previous IS NOT NULL AND asked IS NULL AND taken_out(previous, NEW.unit_id, opened) THEN
      RAISE EXCEPTION 'what was taken out by name since does not come back by a renewal'
        USING ERRCODE = 'check_violation'; END IF;
    IF NOT EXISTS (SELECT FROM commitment WHERE client = NEW.client AND scheme_version = version
                   AND ended_at IS NULL) THEN
      RAISE EXCEPTION 'nobody is covered who has not signed under the same version'
        USING ERRCODE = 'check_violation'; END IF;
  END IF;
  RETURN NEW;
END $$;

-- Looked at when the transaction ends: the renewal covers a unit first and suspends it then.
CREATE OR REPLACE FUNCTION suspension_is_carried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM scope_unit n JOIN certification c ON c.id = n.certification JOIN scope_unit o
      ON o.certification = c.renews AND o.unit_id = n.unit_id AND o.state = 'suspended'
      WHERE n.id = NEW.id AND n.state = 'covered' AND NOT EXISTS (SELECT FROM decision d
        WHERE d.certification = c.id AND n.unit_id = ANY (d.units) AND d.act IN ('reinstate', 'lift', 'annul'))) THEN
    RAISE EXCEPTION 'no renewal ends a suspension by the way' USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS carried ON scope_unit;
CREATE CONSTRAINT TRIGGER carried AFTER UPDATE OF state ON scope_unit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.state = 'covered' AND OLD.state = 'pending') EXECUTE FUNCTION suspension_is_carried();
"""

PROPOSALS = """
-- What a panel left standing is not put aside for nothing: it was carried out, is over, was annulled or stayed again,
-- or an auditor has seen that its cause is gone.
CREATE OR REPLACE FUNCTION proposal_again_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.repeats IS NULL OR NEW.ended_at IS NULL OR OLD.ended_at IS NOT NULL THEN RETURN NEW; END IF;
  IF EXISTS (SELECT FROM certification c WHERE c.id = NEW.certification AND c.state NOT IN ('granted', 'suspended'))
    OR EXISTS (SELECT FROM decision d WHERE d.act = 'suspend' AND d.repeats = NEW.repeats
      AND d.certification = NEW.certification AND d.decided_at >= NEW.proposed_at)
    OR EXISTS (SELECT FROM decision d WHERE d.act = 'annul' AND NOT d.provisional
      AND decision_root(d.answers) = NEW.repeats)
    OR EXISTS (SELECT FROM appeal a WHERE a.state = 'seated' AND a.stayed_at IS NOT NULL
      AND decision_root(a.decision) = NEW.repeats)
    OR EXISTS (SELECT FROM cause_verification v JOIN decision d ON d.id = NEW.repeats
      AND v.verified_at >= d.decided_at WHERE v.certification IN (NEW.certification, d.certification))
    OR NEW.units <> '{}' AND NOT EXISTS (SELECT FROM scope_unit s WHERE s.certification = NEW.certification
      AND s.unit_id = ANY (NEW.units) AND s.state IN ('covered', 'suspended')) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'what a panel left standing waits for a decider' USING ERRCODE = 'check_violation';
END $$;
CREATE OR REPLACE TRIGGER again BEFORE UPDATE ON proposal FOR EACH ROW EXECUTE FUNCTION proposal_again_ends();
"""

CAUSES = """
-- A cause is verified of the case, or of the units that come back: one is not the other.
CREATE OR REPLACE FUNCTION reinstated_as_verified() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.act = 'reinstate' AND NOT EXISTS (SELECT FROM cause_verification v WHERE v.certification = NEW.certification
      AND v.verified_by <> NEW.decided_by AND (v.units = NEW.units OR v.units @> NEW.units AND NEW.units <> '{}')
      AND v.verified_at >= coalesce((SELECT max(d.decided_at) FROM decision d WHERE d.certification = NEW.certification
        AND d.act = 'suspend' AND (d.units = '{}' AND NEW.units = '{}' OR d.units && NEW.units)), '-infinity')) THEN
    RAISE EXCEPTION 'a suspension ends when an auditor saw that its cause is gone'
      USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER verified BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION reinstated_as_verified();
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for part in (ROOTS, STATES, PROPOSALS, CAUSES):
            await execute(part)

    manager.add_raw(run)
    return manager
