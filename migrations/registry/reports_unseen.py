"""What PostgreSQL tells every role about tables that it may not read: how many rows the last ANALYZE counted in them,
how large they are, and who holds a lock on them at this moment. The desk would see a report come in.

Only a superuser (the embedded server's owner) can take that away, as in reports_guards.py.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-26T08:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "reports unseen"

FUNCTIONS = """
DO $$ DECLARE one regprocedure; BEGIN
  IF NOT current_setting('is_superuser')::boolean THEN RETURN; END IF;
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND (p.proname LIKE 'pg\\_control\\_%' OR p.proname IN ('pg_lock_status', 'pg_tablespace_size',
        'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids')) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
  END LOOP;
END $$;
"""

# Every other column of the catalogue stays readable: drivers and psql ask it for names and types.
COUNTS = """
DO $$ DECLARE others text; BEGIN
  IF NOT current_setting('is_superuser')::boolean THEN RETURN; END IF;
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO others FROM pg_attribute a
    WHERE a.attrelid = 'pg_catalog.pg_class'::regclass AND NOT a.attisdropped AND a.attname NOT IN
      ('reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfrozenxid', 'relminmxid', 'relfilenode');
  REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC;
  EXECUTE format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', others);
END $$;
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (FUNCTIONS, COUNTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
