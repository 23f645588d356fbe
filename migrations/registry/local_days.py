"""A day of a report is a day where the register is.

What is over keeps the day of filing and no hour. Cut at midnight of UTC, a report of an evening in Costa Rica read as
one of the day before or after, on a page that warns of strangers who may have used the code. Every cut is at the same
midnight: two different ones would tell the part of the day.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import REPORTS, execute

ID = "2026-11-26T08:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "local days"

ZONE = """
-- Every connection of the house says its zone (core/db.py).
CREATE OR REPLACE FUNCTION reports.zone() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT coalesce(nullif(current_setting('resguardo.zone', true), ''), 'UTC')
$$;

DO $do$ DECLARE name text; said text; BEGIN
  FOREACH name IN ARRAY ARRAY['reports.chain_event()', 'reports.forget_hour()'] LOOP
    said := pg_get_functiondef(name::regprocedure);
    IF position('reports.zone()' IN said) = 0 THEN
      EXECUTE replace(said, $w$, 'UTC')$w$, ', reports.zone())');
    END IF;
    IF position('reports.zone()' IN pg_get_functiondef(name::regprocedure)) = 0 THEN
      RAISE EXCEPTION '% says otherwise what a day is', name;
    END IF;
  END LOOP;
END $do$;
"""

GRANTS = f"""
REVOKE ALL ON FUNCTION reports.zone() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reports.zone() TO {REPORTS};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (ZONE, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
