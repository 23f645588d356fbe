"""A flood closes no channel, fills no desk and no disk; the day of a notice is the register's day.

No address is kept, so nobody is told apart by one. What is told apart is what they speak of: a seal that was issued has
a code nobody guesses, so what is said of it is never crowded out by what is said of anything else.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import PUBLIC, execute

ID = "2026-11-22T15:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "floods"

# Of one mark twenty notices a day are kept, and the others counted with them: twenty say what a thousand say. Of codes
# that nobody issued five hundred a day are kept in all. `told_on` is the register's day, which only the caller knows.
NOTICE = """
CREATE OR REPLACE FUNCTION keep_notice_of(id uuid, actor uuid, at timestamptz, told_on date, about text, code text,
  seen text, what text, region text, note text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  first uuid;
  known bool := EXISTS (SELECT FROM public.seal s WHERE s.code = keep_notice_of.code)
    OR EXISTS (SELECT FROM public.committed_listing l WHERE l.id::text = keep_notice_of.code);
BEGIN
  IF EXISTS (SELECT FROM public.mismatch_notice n WHERE n.id = keep_notice_of.id) THEN RETURN 'kept'; END IF;
  IF (SELECT count(*) FROM public.mismatch_notice n WHERE n.told_on = keep_notice_of.told_on
      AND n.code = keep_notice_of.code) >= 20 THEN
    SELECT n.id INTO first FROM public.mismatch_notice n WHERE n.told_on = keep_notice_of.told_on
      AND n.code = keep_notice_of.code ORDER BY n.state = 'open' DESC, n.id LIMIT 1;
  ELSIF NOT known AND (SELECT count(*) FROM public.mismatch_notice n WHERE n.told_on = keep_notice_of.told_on
      AND NOT n.known) >= 500 THEN
    SELECT n.id INTO first FROM public.mismatch_notice n WHERE n.told_on = keep_notice_of.told_on AND NOT n.known
      ORDER BY n.state = 'open' DESC, n.id LIMIT 1;
  END IF;
  IF first IS NOT NULL THEN
    UPDATE public.mismatch_notice n SET again = n.again + 1 WHERE n.id = first;
    RETURN 'counted';
  END IF;
  INSERT INTO public.mismatch_notice (id, about, code, seen, what, region, note, told_on, state, outcome, known)
    VALUES (keep_notice_of.id, keep_notice_of.about, keep_notice_of.code, keep_notice_of.seen, keep_notice_of.what,
            keep_notice_of.region, keep_notice_of.note, keep_notice_of.told_on, 'open', '', known)
    ON CONFLICT DO NOTHING;
  IF FOUND THEN
    INSERT INTO public.trail_entry (at, actor, event, subject, details)
      VALUES (keep_notice_of.at, keep_notice_of.actor, 'notices.received', keep_notice_of.id,
              jsonb_build_object('about', keep_notice_of.about, 'code', keep_notice_of.code));
  END IF;
  RETURN 'kept';
END $$;
"""

# A complaint is in a burst when more of its day speak of the same than people write. About what is no seal of ours it
# is too when there are more of those in all. Both stay far below what a disk holds: 200 a day of one seal, 20,000 of
# everything else, of 6,000 letters each.
LODGE = """
CREATE OR REPLACE FUNCTION lodge_complaint(given jsonb, secret bytea, hash bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  form uuid := (given->>'id')::uuid;
  at timestamptz := (given->>'at')::timestamptz;
  today date := (given->>'on')::date;
  year int := extract(year FROM today);
  known bool := EXISTS (SELECT FROM public.seal s WHERE s.code = given->>'code');
  about_what text := CASE WHEN known THEN 'seal:' || (given->>'code')
    ELSE left((given->>'about') || ':' || lower(given->>'named'), 240) END;
  same int;
  others int;
  kept record;
  next int;
  called text;
BEGIN
  SELECT c.number, c.sha256, c.state INTO kept FROM public.complaint c WHERE c.id = form FOR UPDATE;
  IF FOUND THEN
    IF kept.sha256 <> hash OR kept.state <> 'received' THEN RETURN 'other'; END IF;
    UPDATE public.complaint SET secret_sha256 = secret WHERE complaint.id = form;
    RETURN kept.number;
  END IF;
  SELECT count(*) FILTER (WHERE c.subject = about_what), count(*) FILTER (WHERE c.subject NOT LIKE 'seal:%')
    INTO same, others FROM public.complaint c WHERE c.lodged_on = today;
  IF same >= (CASE WHEN known THEN 200 ELSE 20000 END) OR (NOT known AND others >= 20000) THEN RETURN 'full'; END IF;
  INSERT INTO public.complaint_year AS y (year, last) VALUES (year, 1)
    ON CONFLICT ON CONSTRAINT complaint_year_pkey DO UPDATE SET last = y.last + 1 RETURNING y.last INTO next;
  called := 'Q-' || year || '-' || lpad(next::text, greatest(4, length(next::text)), '0');
  INSERT INTO public.complaint (id, number, about, named, text, contact, language, secret_sha256, sha256, state,
      moved_at, lodged_at, lodged_on, acknowledge_by, answer_by, organisation_name, person_name, investigator_name,
      answer, visit, subject, burst)
    VALUES (form, called, given->>'about', given->>'named', given->>'text', given->>'contact', given->>'language',
      secret, hash, 'received', at, at, today, (given->>'acknowledge_by')::date, (given->>'answer_by')::date,
      '', '', '', '', '', about_what, same >= 20 OR (NOT known AND others >= 300));
  INSERT INTO public.complaint_step (id, complaint, act, state, note, taken_by, name, taken_at)
    VALUES (gen_random_uuid(), form, 'lodge', 'received', '', (given->>'actor')::uuid, '', at);
  INSERT INTO public.trail_entry (at, actor, event, subject, details)
    VALUES (at, (given->>'actor')::uuid, 'complaints.lodged', form, jsonb_build_object('about', given->>'about'));
  RETURN called;
END $$;
"""

COLUMNS = """
ALTER TABLE mismatch_notice ADD COLUMN IF NOT EXISTS again INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mismatch_notice ADD COLUMN IF NOT EXISTS known BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE complaint ADD COLUMN IF NOT EXISTS burst BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE complaint ADD COLUMN IF NOT EXISTS subject VARCHAR(240) NOT NULL DEFAULT '';
UPDATE mismatch_notice n SET known = false WHERE known AND NOT EXISTS (SELECT FROM seal s WHERE s.code = n.code)
  AND NOT EXISTS (SELECT FROM committed_listing l WHERE l.id::text = n.code);
CREATE INDEX IF NOT EXISTS complaint_by_day ON complaint (lodged_on);
"""

_FUNCTION = "keep_notice_of(uuid, uuid, timestamptz, date, text, text, text, text, text, text)"
GRANTS = f"""
REVOKE ALL ON FUNCTION {_FUNCTION} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {_FUNCTION} TO {PUBLIC};
DROP FUNCTION IF EXISTS keep_notice(uuid, uuid, timestamptz, text, text, text);
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (COLUMNS, NOTICE, LODGE, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
