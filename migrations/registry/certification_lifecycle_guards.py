"""What the database itself refuses of the whole lifecycle, whoever asks (invariants I1, I3-I7, I10; four eyes)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T01:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "certification lifecycle guards"

APPEND_ONLY = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
NEVER_DELETED = """
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
# Columns of a row that may be written once, after the row itself; everything else of it never changes.
WRITTEN_ONCE = """
CREATE OR REPLACE FUNCTION {table}_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.{once} IS NOT NULL OR to_jsonb(NEW) - '{{{columns}}}'::text[] <> to_jsonb(OLD) - '{{{columns}}}'::text[] THEN
    RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE ON {table}
  FOR EACH ROW EXECUTE FUNCTION {table}_written_once();
"""

TIES = """
CREATE INDEX IF NOT EXISTS proposal_standing ON proposal (certification) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS consultation_standing ON consultation (certification) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS annual_report_once ON annual_report (certification, due_on);
CREATE UNIQUE INDEX IF NOT EXISTS warned_once ON warned
  (coalesce(certification, client), ending, ends_on, days);
CREATE INDEX IF NOT EXISTS training_session_by_facilitator ON training_session (facilitator);

-- I3: who works or worked for the holder, its association or its scope, inspects or trained it, within tie_months.
CREATE OR REPLACE FUNCTION tied_to_case(person uuid, case_id uuid, at timestamptz, judging boolean)
RETURNS boolean LANGUAGE sql STABLE AS $$
  WITH c AS (
    SELECT c.id, c.association, (at AT TIME ZONE c.zone)::date AS today, make_interval(months =>
      coalesce((v.content::jsonb -> 'parameters' ->> 'tie_months')::int, 24)) AS months
    FROM certification c JOIN scheme_version v ON v.id = c.scheme_version WHERE c.id = case_id),
  o AS (SELECT client AS id FROM scope_unit WHERE certification = case_id
        UNION SELECT association FROM c WHERE association IS NOT NULL),
  t AS (
    SELECT ended_at::date AS until FROM role_held WHERE account = person AND organisation IN (SELECT id FROM o)
      AND role IN ('association_admin', 'inspector', 'representative')
    UNION ALL
    SELECT max(k.checked_on) FROM internal_check k JOIN certification kc ON kc.id = k.certification
      WHERE k.checked_by = person AND kc.association IN (SELECT id FROM o) HAVING count(*) > 0
    UNION ALL
    SELECT started_at::date FROM training_session WHERE facilitator = person AND state <> 'cancelled'
      AND clients && (SELECT array_agg(id) FROM o)
    UNION ALL
    SELECT r.until FROM (SELECT DISTINCT ON (organisation, bond) * FROM tie WHERE tie.person = tied_to_case.person
      AND organisation IN (SELECT id FROM o) ORDER BY organisation, bond, recorded_at DESC) r
    UNION ALL
    SELECT e.visited_on FROM evaluation e JOIN certification ec ON ec.id = e.certification
      WHERE judging AND person = ANY (e.evaluators) AND ec.id <> case_id
        AND coalesce(ec.client, ec.association) IN (SELECT id FROM o))
  SELECT EXISTS (SELECT FROM t, c WHERE t.until IS NULL OR (t.until + c.months)::date > c.today);
$$;

CREATE OR REPLACE FUNCTION evaluation_is_impartial() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE person uuid;
BEGIN
  IF NEW.scheme_version <> (SELECT scheme_version FROM certification WHERE id = NEW.certification) THEN
    RAISE EXCEPTION 'a case is evaluated by the version it was opened under' USING ERRCODE = 'check_violation'; END IF;
  FOREACH person IN ARRAY NEW.evaluators LOOP
    IF tied_to_case(person, NEW.certification, NEW.recorded_at, false) THEN
      RAISE EXCEPTION 'who is tied to the holder may not evaluate it' USING ERRCODE = 'check_violation'; END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER impartial BEFORE INSERT ON evaluation
  FOR EACH ROW EXECUTE FUNCTION evaluation_is_impartial();

CREATE OR REPLACE FUNCTION review_is_impartial() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF evaluated_case(NEW.reviewed_by, NEW.certification) THEN
    RAISE EXCEPTION 'who evaluated a case may not review it' USING ERRCODE = 'check_violation'; END IF;
  IF tied_to_case(NEW.reviewed_by, NEW.certification, NEW.reviewed_at, true) THEN
    RAISE EXCEPTION 'who is tied to the holder may not review it' USING ERRCODE = 'check_violation'; END IF;
  IF NOT EXISTS (SELECT FROM evaluation WHERE id = NEW.evaluation AND certification = NEW.certification) THEN
    RAISE EXCEPTION 'a review is of an evaluation of its own case' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
"""

DECISIONS = """
CREATE OR REPLACE FUNCTION decision_is_impartial() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE suspended_at timestamptz;
BEGIN
  IF evaluated_case(NEW.decided_by, NEW.certification) THEN
    RAISE EXCEPTION 'who evaluated a case may not decide it' USING ERRCODE = 'check_violation'; END IF;
  IF tied_to_case(NEW.decided_by, NEW.certification, NEW.decided_at, true) THEN
    RAISE EXCEPTION 'who is tied to the holder may not decide about it' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.act IN ('grant', 'refuse') AND NOT EXISTS (
    SELECT FROM certification c
      JOIN evaluation e ON e.certification = c.id AND e.id = NEW.evaluation AND e.scheme_version = c.scheme_version
      JOIN review r ON r.evaluation = e.id AND r.id = NEW.review AND r.certification = c.id
     WHERE c.id = NEW.certification AND c.scheme_version = NEW.scheme_version) THEN
    RAISE EXCEPTION 'a decision needs an evaluation and its review on the same scheme version'
      USING ERRCODE = 'check_violation'; END IF;
  IF (NEW.act IN ('withdraw', 'extend', 'reduce') OR (NEW.act = 'suspend' AND NOT NEW.urgent))
     AND (NEW.proposed_by IS NULL OR NEW.proposed_by = NEW.decided_by) THEN
    RAISE EXCEPTION 'a decision about a certificate takes four eyes' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.act IN ('suspend', 'withdraw') THEN
    IF NEW.cause IS NULL THEN
      RAISE EXCEPTION 'a suspension or withdrawal has a cause' USING ERRCODE = 'check_violation'; END IF;
    IF EXISTS (SELECT FROM consultation WHERE certification = NEW.certification AND ended_at IS NULL
               AND until > NEW.decided_at AND (hold OR NOT NEW.consulted)) THEN
      RAISE EXCEPTION 'an authority is consulted first' USING ERRCODE = 'check_violation'; END IF;
  END IF;
  IF NEW.act IN ('confirm', 'lift') AND NOT EXISTS (SELECT FROM decision d WHERE d.id = NEW.answers
      AND d.certification = NEW.certification AND d.act = 'suspend' AND d.urgent AND d.decided_by <> NEW.decided_by
      AND NOT EXISTS (SELECT FROM decision o WHERE o.answers = d.id)) THEN
    RAISE EXCEPTION 'an urgent suspension is confirmed or lifted once, by another person'
      USING ERRCODE = 'check_violation'; END IF;
  IF NEW.act = 'reinstate' THEN
    SELECT max(decided_at) INTO suspended_at FROM decision WHERE certification = NEW.certification AND act = 'suspend'
      AND (units = NEW.units OR NEW.units = '{}' AND units = '{}' OR units && NEW.units);
    IF NOT EXISTS (SELECT FROM cause_verification WHERE certification = NEW.certification
                   AND verified_at >= coalesce(suspended_at, '-infinity') AND (units = '{}' OR units @> NEW.units
                   AND NEW.units <> '{}') AND verified_by <> NEW.decided_by) THEN
      RAISE EXCEPTION 'a suspension ends when an auditor saw that its cause is gone'
        USING ERRCODE = 'check_violation'; END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION state_follows_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = OLD.state THEN RETURN NEW; END IF;
  IF OLD.state IN ('declined', 'cancelled', 'lapsed', 'refused', 'withdrawn', 'superseded', 'ended') THEN
    RAISE EXCEPTION '% is final', OLD.state USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state IN ('granted', 'refused', 'suspended', 'withdrawn') AND NOT EXISTS (
    SELECT FROM decision d WHERE d.certification = NEW.id AND CASE
      WHEN NEW.state = 'granted' AND OLD.state = 'suspended' THEN d.act IN ('reinstate', 'lift') AND d.decided_at >= (
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

CREATE OR REPLACE FUNCTION case_keeps_its_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.number, NEW.kind, NEW.client, NEW.scheme, NEW.scheme_version, NEW.applied_at, NEW.renews) IS DISTINCT FROM
     (OLD.number, OLD.kind, OLD.client, OLD.scheme, OLD.scheme_version, OLD.applied_at, OLD.renews) THEN
    RAISE EXCEPTION 'what a case was opened for never changes' USING ERRCODE = 'check_violation'; END IF;
  IF OLD.valid_from IS NOT NULL AND (NEW.valid_from, NEW.valid_until) IS DISTINCT FROM
     (OLD.valid_from, OLD.valid_until) THEN
    RAISE EXCEPTION 'the dates of a certificate never change' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER opened_for BEFORE UPDATE ON certification
  FOR EACH ROW EXECUTE FUNCTION case_keeps_its_version();

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
      ELSE CASE OLD.state WHEN 'pending' THEN '{grant,extend}'::text[] ELSE '{reinstate,lift}' END END)) THEN
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
CREATE OR REPLACE TRIGGER decided BEFORE UPDATE ON scope_unit
  FOR EACH ROW EXECUTE FUNCTION unit_follows_decision();
"""

ADDED_ONLY = ("cause_verification", "annual_report", "warned")
KEPT = ("certification", "scope_unit", "assignment", "proposal", "consultation", "change_notice")
ONCE = {
    "proposal": ("ended_at", "ended_at,ended_by,end_reason"),
    "consultation": ("ended_at", "ended_at"),
    "change_notice": ("answered_at", "evaluate,answer,answered_by,answered_at"),
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for table in ADDED_ONLY:
            await execute(APPEND_ONLY.format(table=table))
        for table in KEPT:
            await execute(NEVER_DELETED.format(table=table))
        for table, (once, columns) in ONCE.items():
            await execute(WRITTEN_ONCE.format(table=table, once=once, columns=columns))
        await execute(TIES)
        await execute(DECISIONS)

    manager.add_raw(run)
    return manager
