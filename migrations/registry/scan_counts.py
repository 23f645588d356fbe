"""Counts of look-ups, to which the stranger's door may add and which it may not read."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import PUBLIC, execute

ID = "2026-11-22T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "counts of look-ups"

TABLE = """
CREATE TABLE IF NOT EXISTS scan_count (
  id bigserial PRIMARY KEY,
  code varchar(20) NOT NULL DEFAULT '',
  day date NOT NULL,
  region varchar(10) NOT NULL DEFAULT 'unknown',
  state varchar(20) NOT NULL DEFAULT '',
  times bigint NOT NULL DEFAULT 0 CHECK (times > 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS scan_count_one ON scan_count (code, day, region, state);
CREATE INDEX IF NOT EXISTS scan_count_code ON scan_count (code);
CREATE INDEX IF NOT EXISTS scan_count_day ON scan_count (day);
"""

# Whatever a door sends, a row never says more than a code, a day, a country or province, and a state.
ADD = """
CREATE OR REPLACE FUNCTION add_scans(on_day date, counts jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  INSERT INTO public.scan_count AS kept (code, day, region, state, times)
    SELECT left(one->>0, 20), on_day, left(one->>1, 10), left(one->>2, 20),
           sum(least(greatest((one->>3)::bigint, 1), 1000000000))
      FROM jsonb_array_elements(counts) AS one GROUP BY 1, 2, 3, 4
    ON CONFLICT (code, day, region, state) DO UPDATE SET times = kept.times + excluded.times
$$;
"""

GRANTS = f"""
REVOKE ALL ON scan_count FROM PUBLIC, {PUBLIC};
REVOKE ALL ON FUNCTION add_scans(date, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_scans(date, jsonb) TO {PUBLIC};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (TABLE, ADD, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
