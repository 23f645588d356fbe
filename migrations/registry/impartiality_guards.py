"""A broken glass needs two people and a day, is never taken back, and lifts one thing: an evaluation of the holder
in an earlier case. The function that knows ties is the same as before, and asks about the glass as well.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T02:08:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "impartiality guards"

GUARDS = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON tie_review
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON tie_review
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON glass FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON glass
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE glass DROP CONSTRAINT IF EXISTS glass_takes_two;
ALTER TABLE glass ADD CONSTRAINT glass_takes_two CHECK (
  (second IS NULL) = (agreed_at IS NULL) AND second IS DISTINCT FROM person
  AND ends_at <= broken_at + interval '24 hours' AND (agreed_at IS NULL OR agreed_at < ends_at));

CREATE OR REPLACE FUNCTION glass_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.certification, NEW.person, NEW.reason, NEW.broken_at, NEW.ends_at) IS DISTINCT FROM
     (OLD.certification, OLD.person, OLD.reason, OLD.broken_at, OLD.ends_at)
    OR (OLD.second IS NOT NULL AND (NEW.second, NEW.agreed_at) IS DISTINCT FROM (OLD.second, OLD.agreed_at))
    OR (OLD.seen_at IS NOT NULL AND NEW.seen_at IS DISTINCT FROM OLD.seen_at) THEN
    RAISE EXCEPTION 'a broken glass stays as it was broken' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.second IS NOT NULL AND OLD.second IS NULL AND NOT EXISTS (SELECT FROM role_held
      WHERE account = NEW.second AND role = 'decider' AND ended_at IS NULL) THEN
    RAISE EXCEPTION 'the second person is a decider' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER stays BEFORE UPDATE ON glass FOR EACH ROW EXECUTE FUNCTION glass_stays();

CREATE OR REPLACE FUNCTION glass_broken(who uuid, of_case uuid, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM glass g WHERE g.person = who AND g.certification = of_case
    AND g.agreed_at <= at AND g.ends_at > at)
$$;

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
      WHERE judging AND NOT glass_broken(person, case_id, at) AND person = ANY (e.evaluators) AND ec.id <> case_id
        AND coalesce(ec.client, ec.association) IN (SELECT id FROM o))
  SELECT EXISTS (SELECT FROM t, c WHERE t.until IS NULL OR (t.until + c.months)::date > c.today);
$$;
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(GUARDS)

    manager.add_raw(run)
    return manager
