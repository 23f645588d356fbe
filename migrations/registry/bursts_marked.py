"""A burst is marked as a whole, its first reports too. New: reports.mark_burst. Replaces in reports.standing what a
failed drill is: one that lay in a flood says nothing of the office.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import REPORTS, execute

ID = "2026-11-26T01:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "bursts marked"

MARK = """
CREATE INDEX IF NOT EXISTS reports_envelope_lately ON reports.envelope (received_hour)
  WHERE state NOT IN ('closed', 'purged');

-- Only what is neither answered nor overdue; whole hours of one office; and out of the figures, which count no floods.
CREATE OR REPLACE FUNCTION reports.mark_burst(office uuid, hours timestamptz[], at timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  marked uuid[];
  land text := (SELECT a.country FROM public.authority a WHERE a.id = office);
BEGIN
  SELECT array_agg(t.id) INTO marked FROM (SELECT e.id FROM reports.envelope e
    WHERE e.chain[1] = office AND e.received_hour = ANY (hours) AND NOT e.burst AND e.due[1] > at
      AND e.state IN ('sealed', 'notified', 'fetched', 'opened') ORDER BY e.id FOR UPDATE) t;
  IF marked IS NULL THEN RETURN 0; END IF;
  UPDATE reports.envelope e SET burst = true WHERE e.id = ANY (marked);
  INSERT INTO reports.tally AS t (id, country, quarter, what, slot, n)
    SELECT gen_random_uuid(), land, date_trunc('quarter', e.received_hour, 'UTC')::date, 'received', 0, -count(*)
      FROM reports.envelope e WHERE e.id = ANY (marked) AND land IS NOT NULL
        AND NOT EXISTS (SELECT FROM reports.drill d WHERE d.envelope = e.id) GROUP BY 3
    ON CONFLICT (country, quarter, what, slot) DO UPDATE SET n = t.n + excluded.n;
  RETURN cardinality(marked);
END $$;
"""

STANDING = """
DO $do$ DECLARE said text := pg_get_functiondef('reports.standing(timestamptz)'::regprocedure);
BEGIN
  IF position('e.burst)) AS drills_failed' IN said) = 0 THEN
    EXECUTE replace(said, '(d.passed_at IS NULL OR d.passed_at > d.due_at)) AS drills_failed',
      '(d.passed_at IS NULL OR d.passed_at > d.due_at) AND NOT EXISTS (SELECT FROM reports.envelope e
        WHERE e.id = d.envelope AND e.burst)) AS drills_failed');
  END IF;
  said := pg_get_functiondef('reports.standing(timestamptz)'::regprocedure);
  IF position('e.burst)) AS drills_failed' IN said) = 0 THEN
    RAISE EXCEPTION 'reports.standing says otherwise which drills failed';
  END IF;
END $do$;
"""

GRANTS = f"""
REVOKE ALL ON FUNCTION reports.mark_burst(uuid, timestamptz[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reports.mark_burst(uuid, timestamptz[], timestamptz) TO {REPORTS};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (MARK, STANDING, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
