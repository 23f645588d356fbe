"""What a stranger may do with a notice: leave one, by one function, and read none."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import PUBLIC, execute

ID = "2026-11-21T21:41:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "notices guards"

# Twenty open notices a day about one seal say what a thousand say; five thousand a day in all is somebody's machine.
KEEP = """
CREATE OR REPLACE FUNCTION keep_notice(id uuid, actor uuid, at timestamptz, about text, code text, seen text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF (SELECT count(*) FROM public.mismatch_notice n WHERE n.told_on = at::date AND n.code = keep_notice.code) >= 20 THEN
    RETURN 'enough'; END IF;
  IF (SELECT count(*) FROM public.mismatch_notice n WHERE n.told_on = at::date) >= 5000 THEN RETURN 'full'; END IF;
  INSERT INTO public.mismatch_notice (id, about, code, seen, told_on, state, outcome)
    VALUES (keep_notice.id, keep_notice.about, keep_notice.code, keep_notice.seen, at::date, 'open', '')
    ON CONFLICT DO NOTHING;
  IF FOUND THEN
    INSERT INTO public.trail_entry (at, actor, event, subject, details)
      VALUES (keep_notice.at, keep_notice.actor, 'notices.received', keep_notice.id,
              jsonb_build_object('about', keep_notice.about, 'code', keep_notice.code));
  END IF;
  RETURN 'kept';
END $$;
CREATE INDEX IF NOT EXISTS mismatch_notice_by_day ON mismatch_notice (told_on, code);
"""

GRANTS = f"""
REVOKE ALL ON mismatch_notice FROM PUBLIC, {PUBLIC};
REVOKE ALL ON FUNCTION keep_notice(uuid, uuid, timestamptz, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_notice(uuid, uuid, timestamptz, text, text, text) TO {PUBLIC};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (KEEP, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
