"""Who reviewed or decided a case does not evaluate it afterwards either (I1 holds in both directions), and no row
begins where only a decision leads: a case is opened as applied for, a unit stands in it before anything covers it (I4).
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T19:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "impartial both ways"

GUARDS = """
CREATE OR REPLACE FUNCTION judged_case(who uuid, of_case uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM review WHERE certification = of_case AND reviewed_by = who)
      OR EXISTS (SELECT FROM decision WHERE certification = of_case AND decided_by = who)
$$;

CREATE OR REPLACE FUNCTION not_judged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one uuid;
BEGIN
  FOREACH one IN ARRAY CASE TG_TABLE_NAME WHEN 'assignment' THEN ARRAY[(to_jsonb(NEW)->>'person')::uuid]
      ELSE ARRAY(SELECT jsonb_array_elements_text(to_jsonb(NEW)->'evaluators')::uuid) END LOOP
    IF judged_case(one, NEW.certification) THEN
      RAISE EXCEPTION 'who reviewed or decided a case may not evaluate it' USING ERRCODE = 'check_violation'; END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER not_judged BEFORE INSERT ON assignment FOR EACH ROW EXECUTE FUNCTION not_judged();
CREATE OR REPLACE TRIGGER not_judged BEFORE INSERT ON evaluation FOR EACH ROW EXECUTE FUNCTION not_judged();

CREATE OR REPLACE FUNCTION case_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'applied' OR NEW.valid_from IS NOT NULL OR NEW.valid_until IS NOT NULL THEN
    RAISE EXCEPTION 'a case begins with its application' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER begins BEFORE INSERT ON certification FOR EACH ROW EXECUTE FUNCTION case_begins();

CREATE OR REPLACE FUNCTION unit_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'pending' THEN
    RAISE EXCEPTION 'a unit is covered by a decision' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER begins BEFORE INSERT ON scope_unit FOR EACH ROW EXECUTE FUNCTION unit_begins();
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
