"""No state of a case changes but by the step that leads to it, as the table of rules.py has them; what a holder says
against its team, and an officer's review of an application; when anything last happened to a case, from which silence
is counted.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "steps and objections"

TABLES = """
ALTER TABLE certification ADD COLUMN IF NOT EXISTS heard_at timestamptz;
UPDATE certification c SET heard_at = greatest(
  (SELECT max(s.taken_at) FROM step s WHERE s.certification = c.id),
  (SELECT max(a.answered_at) FROM answered_finding a WHERE a.certification = c.id)) WHERE heard_at IS NULL;

CREATE TABLE IF NOT EXISTS application_review (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL UNIQUE REFERENCES certification ON DELETE RESTRICT,
  checked varchar(20)[] NOT NULL,
  risk varchar(20) NOT NULL,
  factors text NOT NULL DEFAULT '',
  note text NOT NULL DEFAULT '',
  reviewed_by uuid NOT NULL,
  name varchar(200) NOT NULL,
  reviewed_at timestamptz NOT NULL
);
ALTER TABLE application_review DROP CONSTRAINT IF EXISTS application_reviewed_whole;
ALTER TABLE application_review ADD CONSTRAINT application_reviewed_whole CHECK (
  checked @> '{information,scope,competence,differences}' AND (risk = 'low' OR length(trim(factors)) >= 10));
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON application_review
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON application_review
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE IF NOT EXISTS team_objection (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL UNIQUE REFERENCES certification ON DELETE RESTRICT,
  persons uuid[] NOT NULL,
  reason text NOT NULL,
  objected_by uuid NOT NULL,
  name varchar(200) NOT NULL,
  objected_at timestamptz NOT NULL,
  upheld boolean,
  answer text NOT NULL DEFAULT '',
  answered_by uuid,
  answerer varchar(200) NOT NULL DEFAULT '',
  answered_at timestamptz
);
ALTER TABLE team_objection DROP CONSTRAINT IF EXISTS objection_answered_whole;
ALTER TABLE team_objection ADD CONSTRAINT objection_answered_whole CHECK (
  cardinality(persons) > 0 AND length(trim(reason)) >= 10 AND CASE WHEN answered_at IS NULL
    THEN upheld IS NULL AND answered_by IS NULL
    ELSE upheld IS NOT NULL AND answered_by IS NOT NULL AND length(trim(answer)) >= 10 END);
CREATE OR REPLACE FUNCTION team_objection_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.answered_at IS NOT NULL OR to_jsonb(NEW) - '{upheld,answer,answered_by,answerer,answered_at}'::text[]
      <> to_jsonb(OLD) - '{upheld,answer,answered_by,answerer,answered_at}'::text[] THEN
    RAISE EXCEPTION 'team_objection is append-only' USING ERRCODE = 'restrict_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER written_once BEFORE UPDATE ON team_objection
  FOR EACH ROW EXECUTE FUNCTION team_objection_written_once();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON team_objection
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON team_objection
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

GUARDS = """
-- The rows that change a state. A test compares it with rules.ROWS: who changes one, changes both.
CREATE OR REPLACE FUNCTION leads_to(before text, act text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE act
    WHEN 'return' THEN after = 'returned' AND before = 'applied'
    WHEN 'complete' THEN after = 'applied' AND before = 'returned'
    WHEN 'accept' THEN after = 'accepted' AND before = 'applied'
    WHEN 'decline' THEN after = 'declined' AND before IN ('applied', 'returned')
    WHEN 'plan' THEN after = 'planned' AND before = 'accepted'
    WHEN 'change_team' THEN after = 'accepted' AND before = 'planned'
    WHEN 'begin' THEN after = 'in_evaluation' AND before = 'planned'
    WHEN 'plan_anew' THEN after = 'planned' AND before IN ('corrections_open', 'evaluated', 'reviewed')
    WHEN 'open_corrections' THEN after = 'corrections_open' AND before IN ('in_evaluation', 'evaluated', 'reviewed')
    WHEN 'report' THEN after = 'evaluated' AND before IN ('in_evaluation', 'corrections_open', 'reviewed')
    WHEN 'review' THEN after = 'reviewed' AND before = 'evaluated'
    WHEN 'reopen' THEN after = 'in_evaluation' AND before = 'evaluated'
    WHEN 'send_back' THEN after = 'evaluated' AND before = 'reviewed'
    WHEN 'grant' THEN after = 'granted' AND before = 'reviewed'
    WHEN 'refuse' THEN after = 'refused' AND before = 'reviewed'
    WHEN 'cancel' THEN after = 'cancelled' AND before IN ('applied', 'returned', 'accepted', 'planned',
      'in_evaluation', 'corrections_open', 'evaluated', 'reviewed')
    WHEN 'lapse' THEN after = 'lapsed' AND before IN ('returned', 'accepted', 'corrections_open')
    WHEN 'suspend' THEN after = 'suspended' AND before = 'granted'
    WHEN 'lift' THEN after = 'granted' AND before = 'suspended'
    WHEN 'reinstate' THEN after = 'granted' AND before = 'suspended'
    WHEN 'annul' THEN after = 'granted' AND before = 'suspended'
    WHEN 'withdraw' THEN after = 'withdrawn' AND before IN ('granted', 'suspended')
    WHEN 'supersede' THEN after = 'superseded' AND before = 'granted'
    WHEN 'end' THEN after = 'ended' AND before IN ('granted', 'suspended')
    ELSE false END
$$;

CREATE OR REPLACE FUNCTION state_follows_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last step;
BEGIN
  IF NEW.state = OLD.state THEN RETURN NEW; END IF;
  SELECT * INTO last FROM step WHERE certification = NEW.id ORDER BY "order" DESC LIMIT 1;
  IF last.id IS NULL OR NOT leads_to(OLD.state, last.act, NEW.state)
      -- What was suspended when it expired has expired: its annulment says so, and moves what was stored.
      OR last.state <> NEW.state AND NOT (last.act = 'annul' AND last.state = 'expired') THEN
    RAISE EXCEPTION 'no step leads from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = 'accepted' AND OLD.state = 'applied' AND NOT EXISTS (SELECT FROM application_review
      WHERE certification = NEW.id) THEN
    RAISE EXCEPTION 'nobody reviewed this application' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = 'in_evaluation' AND OLD.state = 'planned' AND EXISTS (SELECT FROM team_objection
      WHERE certification = NEW.id AND answered_at IS NULL) THEN
    RAISE EXCEPTION 'nobody visits while the holder objects to the team' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER stepped BEFORE UPDATE OF state ON certification
  FOR EACH ROW EXECUTE FUNCTION state_follows_step();

CREATE OR REPLACE FUNCTION not_objected_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM team_objection WHERE certification = NEW.certification AND upheld
      AND NEW.person = ANY (persons)) THEN
    RAISE EXCEPTION 'whom an objection kept away does not evaluate this case' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER not_objected_to BEFORE INSERT ON assignment
  FOR EACH ROW EXECUTE FUNCTION not_objected_to();
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(TABLES)
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
