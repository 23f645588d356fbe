"""What the database itself refuses, whoever asks: a panel that had a part in the case, and a part for who sat on it
(ISO/IEC 17065, 7.13.5; invariants I1, I2, I7).
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T02:03:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "appeals guards"

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

GUARDS = """
CREATE UNIQUE INDEX IF NOT EXISTS appeal_once_a_decision ON appeal (decision);
CREATE UNIQUE INDEX IF NOT EXISTS panellist_once ON panellist (appeal, person) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS panellist_one_chair ON panellist (appeal) WHERE chair AND ended_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS ruling_one_at_a_time ON ruling (appeal) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS ruling_vote_once ON ruling_vote (ruling, person);
ALTER TABLE appeal DROP CONSTRAINT IF EXISTS appeal_closed;
ALTER TABLE appeal ADD CONSTRAINT appeal_closed CHECK ((state IN ('to_carry_out', 'closed')) = (outcome IS NOT NULL));

CREATE OR REPLACE FUNCTION touched_case(of_case uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT taken_by FROM step WHERE certification = of_case
  UNION SELECT person FROM assignment WHERE certification = of_case
  UNION SELECT unnest(evaluators) FROM evaluation WHERE certification = of_case
  UNION SELECT recorded_by FROM evaluation WHERE certification = of_case
  UNION SELECT reviewed_by FROM review WHERE certification = of_case
  UNION SELECT decided_by FROM decision WHERE certification = of_case
  UNION SELECT checked_by FROM internal_check WHERE certification = of_case
  UNION SELECT drawn_by FROM draw WHERE certification = of_case
$$;

CREATE OR REPLACE FUNCTION panel_is_impartial() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.ended_at IS NULL AND EXISTS (SELECT FROM appeal a, touched_case(a.certification) AS t (person)
      WHERE a.id = NEW.appeal AND t.person = NEW.person) THEN
    RAISE EXCEPTION 'who had a part in a case may not hear an appeal about it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER impartial BEFORE INSERT OR UPDATE OF person, appeal, ended_at ON panellist
  FOR EACH ROW EXECUTE FUNCTION panel_is_impartial();

CREATE OR REPLACE FUNCTION heard_case(who uuid, of_case uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM panellist p JOIN appeal a ON a.id = p.appeal WHERE a.certification = of_case
    AND p.person = who AND (p.ended_at IS NULL OR p.declared_at IS NOT NULL))
$$;
CREATE OR REPLACE FUNCTION not_of_the_panel() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE who uuid := (to_jsonb(NEW)->>TG_ARGV[0])::uuid;
BEGIN
  IF heard_case(who, NEW.certification) THEN
    RAISE EXCEPTION 'who heard an appeal about a case takes no other part in it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER not_of_the_panel BEFORE INSERT ON assignment
  FOR EACH ROW EXECUTE FUNCTION not_of_the_panel('person');
CREATE OR REPLACE TRIGGER not_of_the_panel BEFORE INSERT ON review
  FOR EACH ROW EXECUTE FUNCTION not_of_the_panel('reviewed_by');
CREATE OR REPLACE TRIGGER not_of_the_panel BEFORE INSERT ON decision
  FOR EACH ROW EXECUTE FUNCTION not_of_the_panel('decided_by');

CREATE OR REPLACE FUNCTION vote_of_a_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM panellist p JOIN ruling r ON r.appeal = p.appeal WHERE r.id = NEW.ruling
      AND r.ended_at IS NULL AND r.carried_at IS NULL AND p.person = NEW.person AND p.ended_at IS NULL
      AND p.declared_at IS NOT NULL) THEN
    RAISE EXCEPTION 'only a member who declared votes, on a ruling that is open' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER of_a_member BEFORE INSERT ON ruling_vote
  FOR EACH ROW EXECUTE FUNCTION vote_of_a_member();

CREATE OR REPLACE FUNCTION appeal_is_ruled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.number, NEW.certification, NEW.decision, NEW.holder, NEW.appellant, NEW.lodged_at, NEW.lodged_on,
      NEW.acknowledge_by, NEW.rule_by) IS DISTINCT FROM (OLD.id, OLD.number, OLD.certification, OLD.decision,
      OLD.holder, OLD.appellant, OLD.lodged_at, OLD.lodged_on, OLD.acknowledge_by, OLD.rule_by)
    OR (NEW.grounds <> OLD.grounds AND NEW.grounds <> '[' || OLD.number || ']')
    OR (NEW.wanted <> OLD.wanted AND NEW.wanted <> '')
    OR (OLD.outcome IS NOT NULL AND (NEW.outcome, NEW.reasons, NEW.asked, NEW.ruled_on) IS DISTINCT FROM
        (OLD.outcome, OLD.reasons, OLD.asked, OLD.ruled_on))
    OR (OLD.state = 'closed' AND NEW.state <> 'closed') THEN
    RAISE EXCEPTION 'what was lodged and what was ruled do not change' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.outcome IN ('upheld', 'partly', 'dismissed') AND OLD.outcome IS NULL AND NOT EXISTS (
      SELECT FROM ruling r WHERE r.appeal = NEW.id AND r.outcome = NEW.outcome AND r.carried_at IS NOT NULL
        AND r.ended_at IS NULL AND 2 * (SELECT count(*) FROM ruling_vote v JOIN panellist p ON p.appeal = r.appeal
          AND p.person = v.person AND p.ended_at IS NULL WHERE v.ruling = r.id AND v.agrees)
        > (SELECT count(*) FROM panellist p WHERE p.appeal = r.appeal AND p.ended_at IS NULL)) THEN
    RAISE EXCEPTION 'a ruling needs the majority of its panel' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ruled BEFORE UPDATE ON appeal FOR EACH ROW EXECUTE FUNCTION appeal_is_ruled();

CREATE OR REPLACE FUNCTION ruling_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(NEW) - 'carried_at' - 'ended_at' <> to_jsonb(OLD) - 'carried_at' - 'ended_at'
    OR (OLD.carried_at IS NOT NULL AND NEW IS DISTINCT FROM OLD)
    OR (OLD.ended_at IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
    RAISE EXCEPTION 'the words of a ruling do not change' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER stays BEFORE UPDATE ON ruling FOR EACH ROW EXECUTE FUNCTION ruling_stays();
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for table in ("appeal_step", "ruling_vote"):
            await execute(APPEND_ONLY.format(table=table))
        for table in ("appeal", "panellist", "ruling"):
            await execute(NEVER_DELETED.format(table=table))
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
