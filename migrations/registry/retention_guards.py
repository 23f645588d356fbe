"""How long a report is kept, and what is counted of it.

Replaces reports.chain_event (the log keeps the day on which a report came, not the hour) and, in what reports.standing
says by then, how long an answer took (kept in wide steps when the hour of filing is forgotten).
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import PUBLIC, REPORTS, execute

ID = "2026-11-24T08:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "retention guards"

CHAIN = """
CREATE OR REPLACE FUNCTION reports.chain_event() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  -- What follows at once upon the reporter's act would tell when it was; this log can never forget it again.
  IF NEW.name IN ('reports.sealed', 'reports.notified') THEN NEW.at := date_trunc('day', NEW.at, 'UTC'); END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.envelope::text, 7261));
  NEW.previous := coalesce(
    (SELECT e.hash FROM reports.event e WHERE e.envelope = NEW.envelope ORDER BY e.id DESC LIMIT 1), ''::bytea);
  NEW.hash := sha256(NEW.previous || coalesce(NEW.statement, ''::bytea) || convert_to(concat_ws('|', NEW.envelope,
    NEW.name, NEW.authority, extract(epoch FROM NEW.at), NEW.note, NEW.signature), 'UTF8'));
  RETURN NEW;
END $$;
"""

HOUR = """
-- When an envelope is over its hour is cut to the day. Which answers came in time stays exactly as it was: a deadline
-- that was kept moves to the midnight after it, one that was missed to the midnight before.
CREATE OR REPLACE FUNCTION reports.forget_hour() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE answered timestamptz := least(NEW.acknowledged_at, NEW.closed_at);
BEGIN
  IF NEW.acknowledged_at IS NOT NULL THEN
    SELECT min(step) INTO NEW.took_minutes FROM unnest(ARRAY[60, 240, 1440, 4320, 10080, 43200, 525600]) AS step
      WHERE NEW.acknowledged_at <= NEW.received_hour + make_interval(mins => step);
  END IF;
  NEW.due := ARRAY(SELECT CASE WHEN answered <= d OR answered > date_trunc('day', d, 'UTC') + interval '1 day'
      THEN date_trunc('day', d, 'UTC') + interval '1 day' ELSE date_trunc('day', d, 'UTC') END
    FROM unnest(NEW.due) WITH ORDINALITY AS t(d, turn) ORDER BY turn);
  NEW.outcome_due := date_trunc('day', NEW.outcome_due, 'UTC');
  NEW.notified_at := date_trunc('day', NEW.notified_at, 'UTC');
  NEW.received_hour := date_trunc('day', NEW.received_hour, 'UTC');
  UPDATE reports.gate_decision SET hour = date_trunc('day', hour, 'UTC') WHERE id = NEW.gate;
  RETURN NEW;
END $$;
ALTER FUNCTION reports.forget_hour() SECURITY DEFINER;
CREATE OR REPLACE TRIGGER hour_forgotten BEFORE UPDATE ON reports.envelope FOR EACH ROW
  WHEN (NEW.state IN ('closed', 'purged') AND OLD.state NOT IN ('closed', 'purged'))
  EXECUTE FUNCTION reports.forget_hour();

DO $do$ DECLARE said text := pg_get_functiondef('reports.standing(timestamptz)'::regprocedure);
BEGIN
  IF position('e.took_minutes' IN said) = 0 THEN
    EXECUTE replace(said, 'e.acknowledged_at - e.received_hour AS took',
      'coalesce(make_interval(mins => e.took_minutes), e.acknowledged_at - e.received_hour) AS took');
  END IF;
  IF position('e.took_minutes' IN pg_get_functiondef('reports.standing(timestamptz)'::regprocedure)) = 0 THEN
    RAISE EXCEPTION 'reports.standing says otherwise how long an answer took';
  END IF;
END $do$;
"""

KEPT = """
-- What no office acknowledged is destroyed by nobody, and by no program, before a person decided it.
CREATE OR REPLACE FUNCTION reports.kept_until_answered() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'an envelope is never deleted' USING ERRCODE = 'check_violation'; END IF;
  IF OLD.state IN ('sealed', 'notified', 'fetched', 'opened')
    AND NOT EXISTS (SELECT FROM reports.last_decision d WHERE d.envelope = OLD.id) THEN
    RAISE EXCEPTION 'nobody acknowledged it' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER kept_until_answered BEFORE UPDATE OF body ON reports.envelope FOR EACH ROW
  WHEN (OLD.body IS NOT NULL AND NEW.body IS DISTINCT FROM OLD.body)
  EXECUTE FUNCTION reports.kept_until_answered();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON reports.envelope
  FOR EACH ROW EXECUTE FUNCTION reports.kept_until_answered();

ALTER TABLE reports.last_decision DROP CONSTRAINT IF EXISTS last_decision_has_reason;
ALTER TABLE reports.last_decision ADD CONSTRAINT last_decision_has_reason CHECK (length(btrim(reason)) >= 10);
CREATE OR REPLACE FUNCTION reports.last_decided() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE e reports.envelope;
BEGIN
  SELECT * INTO e FROM reports.envelope WHERE id = NEW.envelope;
  IF NOT reports.keeps_gates(NEW.decided_by) THEN
    RAISE EXCEPTION 'only an officer decides' USING ERRCODE = 'check_violation'; END IF;
  IF e.id IS NULL OR e.state NOT IN ('sealed', 'notified', 'fetched', 'opened')
    OR NEW.decided_at < e.received_hour + interval '365 days' THEN
    RAISE EXCEPTION 'too early' USING ERRCODE = 'check_violation'; END IF;
  IF (SELECT count(DISTINCT d.authority) FROM reports.delivery d
      WHERE d.envelope = e.id AND d.done_at IS NOT NULL AND d.authority = ANY (e.chain)) < cardinality(e.chain) THEN
    RAISE EXCEPTION 'not every office was told' USING ERRCODE = 'check_violation'; END IF;
  IF (SELECT count(DISTINCT v.note) FROM reports.event v
      WHERE v.envelope = e.id AND v.name = 'reports.person_told' AND v.note <> 'register') < 2 THEN
    RAISE EXCEPTION 'fewer than two people were told' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER decided BEFORE INSERT ON reports.last_decision
  FOR EACH ROW EXECUTE FUNCTION reports.last_decided();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports.last_decision
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON reports.last_decision
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- Whom to call when every office was silent. The role of the reports may not read who holds which role.
CREATE OR REPLACE FUNCTION reports.keepers() RETURNS TABLE (account uuid, email text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT DISTINCT a.id, a.email::text, a.language::text FROM public.account a
    JOIN public.role_held r ON r.account = a.id
    WHERE r.role = 'officer' AND r.ended_at IS NULL AND a.state = 'active'
$$;
"""

COUNTED = """
CREATE UNIQUE INDEX IF NOT EXISTS reports_tally_once ON reports.tally (country, quarter, what, slot);
CREATE UNIQUE INDEX IF NOT EXISTS reports_figure_once ON reports.figure (country, quarter, what);
ALTER TABLE reports.figure DROP CONSTRAINT IF EXISTS figure_rounded;
ALTER TABLE reports.figure ADD CONSTRAINT figure_rounded CHECK (
  shown IS NULL OR what = 'median_hours' OR (shown >= 5 AND shown % 5 = 0));
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports.figure
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE OR REPLACE FUNCTION reports.count_one(of_country text, at timestamptz, of_what text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog AS $$
  INSERT INTO reports.tally AS t (id, country, quarter, what, slot, n)
    VALUES (gen_random_uuid(), of_country, date_trunc('quarter', at, 'UTC')::date, of_what, floor(random() * 8)::int, 1)
    ON CONFLICT (country, quarter, what, slot) DO UPDATE SET n = t.n + 1
$$;

-- At commit, when it is known whether it was a drill; as the owner, for no role may count by itself.
CREATE OR REPLACE FUNCTION reports.counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE land text; hours int;
BEGIN
  IF NEW.burst OR EXISTS (SELECT FROM reports.drill d WHERE d.envelope = NEW.id) THEN RETURN NULL; END IF;
  SELECT a.country INTO land FROM public.authority a WHERE a.id = NEW.chain[1];
  IF land IS NULL THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' THEN
    PERFORM reports.count_one(land, NEW.received_hour, 'received');
    RETURN NULL;
  END IF;
  IF OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL THEN
    PERFORM reports.count_one(land, NEW.acknowledged_at, 'acknowledged');
    IF NEW.acknowledged_at <= OLD.due[1] THEN PERFORM reports.count_one(land, NEW.acknowledged_at, 'in_time'); END IF;
    SELECT coalesce(min(step), 8760) INTO hours FROM unnest(ARRAY[1, 4, 24, 72, 168, 720]) AS step
      WHERE NEW.acknowledged_at <= OLD.received_hour + make_interval(hours => step);
    PERFORM reports.count_one(land, NEW.acknowledged_at, 'hours:' || hours);
  END IF;
  -- The outcome it was closed with: a later one would reach back into a quarter that was published.
  IF OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL AND NEW.outcome IS NOT NULL THEN
    PERFORM reports.count_one(land, NEW.closed_at, 'outcome:' || NEW.outcome);
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS counted_in ON reports.envelope;
CREATE CONSTRAINT TRIGGER counted_in AFTER INSERT ON reports.envelope DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION reports.counted();
DROP TRIGGER IF EXISTS counted_on ON reports.envelope;
CREATE CONSTRAINT TRIGGER counted_on AFTER UPDATE ON reports.envelope DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL)
    OR (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL))
  EXECUTE FUNCTION reports.counted();

CREATE OR REPLACE FUNCTION reports.figures() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('country', f.country, 'quarter', f.quarter, 'what', f.what,
    'shown', f.shown, 'published_on', f.published_on) ORDER BY f.quarter DESC, f.country, f.what), '[]'::jsonb)
  FROM reports.figure f
$$;
"""

GRANTS = f"""
REVOKE ALL ON reports.last_decision, reports.tally, reports.figure FROM PUBLIC;
REVOKE ALL ON FUNCTION reports.forget_hour(), reports.kept_until_answered(), reports.last_decided(), reports.keepers(),
  reports.count_one(text, timestamptz, text), reports.counted(), reports.figures() FROM PUBLIC;
GRANT SELECT, INSERT ON reports.last_decision, reports.figure TO {REPORTS};
GRANT SELECT, DELETE ON reports.tally TO {REPORTS};
GRANT EXECUTE ON FUNCTION reports.keepers(), reports.figures() TO {REPORTS};
GRANT EXECUTE ON FUNCTION reports.figures() TO {PUBLIC};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (CHAIN, HOUR, KEPT, COUNTED, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
