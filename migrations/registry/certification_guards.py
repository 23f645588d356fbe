"""What the database itself refuses, whoever asks (ISO/IEC 17065, 7.5, 7.6, 7.12; invariants I1, I4, I5, I7)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-21T21:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "certification guards"

APPEND_ONLY = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

GUARDS = """
CREATE UNIQUE INDEX IF NOT EXISTS scope_unit_one_open_case ON scope_unit (scheme, unit_id) WHERE open;
CREATE UNIQUE INDEX IF NOT EXISTS scope_unit_once_a_case ON scope_unit (certification, unit_id);
CREATE INDEX IF NOT EXISTS scope_unit_by_certification ON scope_unit (certification);
CREATE INDEX IF NOT EXISTS assignment_by_certification ON assignment (certification) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS assignment_once ON assignment (certification, person) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS assignment_one_lead ON assignment (certification) WHERE lead AND ended_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS evaluation_version ON evaluation (certification, version);
CREATE UNIQUE INDEX IF NOT EXISTS step_order ON step (certification, "order");
CREATE INDEX IF NOT EXISTS review_by_evaluation ON review (evaluation);
CREATE INDEX IF NOT EXISTS decision_by_certification ON decision (certification);
CREATE INDEX IF NOT EXISTS internal_check_newest ON internal_check (certification, unit_id, recorded_at DESC);
CREATE INDEX IF NOT EXISTS draw_by_certification ON draw (certification);

ALTER TABLE certification DROP CONSTRAINT IF EXISTS certification_holder;
ALTER TABLE certification ADD CONSTRAINT certification_holder CHECK (
  CASE kind WHEN 'group' THEN association IS NOT NULL AND client IS NULL ELSE client IS NOT NULL END);
ALTER TABLE certification DROP CONSTRAINT IF EXISTS certification_valid;
ALTER TABLE certification ADD CONSTRAINT certification_valid CHECK (
  state NOT IN ('granted', 'suspended', 'withdrawn')
  OR (valid_from IS NOT NULL AND valid_until > valid_from AND last_on IS NOT NULL));
ALTER TABLE decision DROP CONSTRAINT IF EXISTS decision_not_back_dated;
ALTER TABLE decision ADD CONSTRAINT decision_not_back_dated CHECK (valid_from IS NULL OR valid_from >= decided_at);
ALTER TABLE decision DROP CONSTRAINT IF EXISTS decision_reasoned;
ALTER TABLE decision ADD CONSTRAINT decision_reasoned CHECK (length(trim(reason)) >= 10);
ALTER TABLE tie DROP CONSTRAINT IF EXISTS tie_ends_after_it_began;
ALTER TABLE tie ADD CONSTRAINT tie_ends_after_it_began CHECK (until IS NULL OR until >= since);

CREATE OR REPLACE FUNCTION evaluated_case(person uuid, case_id uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM evaluation e WHERE e.certification = $2 AND $1 = ANY (e.evaluators))
      OR EXISTS (SELECT FROM assignment a WHERE a.certification = $2 AND a.person = $1
                 AND (a.ended_at IS NULL OR a.declared_at IS NOT NULL));
$$;

CREATE OR REPLACE FUNCTION review_is_impartial() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF evaluated_case(NEW.reviewed_by, NEW.certification) THEN
    RAISE EXCEPTION 'who evaluated a case may not review it' USING ERRCODE = 'check_violation'; END IF;
  IF NOT EXISTS (SELECT FROM evaluation WHERE id = NEW.evaluation AND certification = NEW.certification) THEN
    RAISE EXCEPTION 'a review is of an evaluation of its own case' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER impartial BEFORE INSERT ON review FOR EACH ROW EXECUTE FUNCTION review_is_impartial();

CREATE OR REPLACE FUNCTION decision_is_impartial() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF evaluated_case(NEW.decided_by, NEW.certification) THEN
    RAISE EXCEPTION 'who evaluated a case may not decide it' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.act IN ('grant', 'refuse') AND NOT EXISTS (
    SELECT FROM certification c
      JOIN evaluation e ON e.certification = c.id AND e.id = NEW.evaluation AND e.scheme_version = c.scheme_version
      JOIN review r ON r.evaluation = e.id AND r.id = NEW.review AND r.certification = c.id
     WHERE c.id = NEW.certification AND c.scheme_version = NEW.scheme_version) THEN
    RAISE EXCEPTION 'a decision needs an evaluation and its review on the same scheme version'
      USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER impartial BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION decision_is_impartial();

CREATE OR REPLACE FUNCTION state_follows_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> OLD.state AND NEW.state IN ('granted', 'refused', 'suspended', 'withdrawn') AND NOT EXISTS (
    SELECT FROM decision d WHERE d.certification = NEW.id AND d.act = CASE NEW.state
      WHEN 'refused' THEN 'refuse' WHEN 'suspended' THEN 'suspend' WHEN 'withdrawn' THEN 'withdraw'
      ELSE CASE OLD.state WHEN 'suspended' THEN 'reinstate' ELSE 'grant' END END) THEN
    RAISE EXCEPTION 'no decision stands behind this state' USING ERRCODE = 'check_violation'; END IF;
  IF OLD.state IN ('declined', 'cancelled', 'lapsed', 'refused', 'withdrawn') AND NEW.state <> OLD.state THEN
    RAISE EXCEPTION '% is final', OLD.state USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER decided BEFORE UPDATE OF state ON certification
  FOR EACH ROW EXECUTE FUNCTION state_follows_decision();
"""

ADDED_ONLY = ("evaluation", "review", "decision", "step", "internal_check", "draw", "tie")


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for table in ADDED_ONLY:
            await execute(APPEND_ONLY.format(table=table))
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
