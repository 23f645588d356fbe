"""What a stranger may do with a notice or a complaint: leave one, read what a code opens, each by one function.

Steps of a complaint are only ever added.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import PUBLIC, execute

ID = "2026-11-22T02:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "complaints guards"

# Twenty open notices a day about one seal say what a thousand say; five thousand a day in all is somebody's machine.
NOTICE = """
CREATE OR REPLACE FUNCTION keep_mismatch(id uuid, actor uuid, at timestamptz, about text, code text, seen text,
  what text, region text, note text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF (SELECT count(*) FROM public.mismatch_notice n WHERE n.told_on = at::date AND n.code = keep_mismatch.code) >= 20
    THEN RETURN 'enough'; END IF;
  IF (SELECT count(*) FROM public.mismatch_notice n WHERE n.told_on = at::date) >= 5000 THEN RETURN 'full'; END IF;
  INSERT INTO public.mismatch_notice (id, about, code, seen, what, region, note, told_on, state, outcome)
    VALUES (keep_mismatch.id, keep_mismatch.about, keep_mismatch.code, keep_mismatch.seen, keep_mismatch.what,
            keep_mismatch.region, keep_mismatch.note, at::date, 'open', '')
    ON CONFLICT DO NOTHING;
  IF FOUND THEN
    INSERT INTO public.trail_entry (at, actor, event, subject, details)
      VALUES (keep_mismatch.at, keep_mismatch.actor, 'notices.received', keep_mismatch.id,
              jsonb_build_object('about', keep_mismatch.about, 'code', keep_mismatch.code));
  END IF;
  RETURN 'kept';
END $$;
"""

# The same form again gets a code of its own as long as nobody has touched the complaint: its first answer was lost on
# the way, and only its browser knows the form's id. Two thousand a day is somebody's machine.
LODGE = """
CREATE OR REPLACE FUNCTION lodge_complaint(given jsonb, secret bytea, hash bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  form uuid := (given->>'id')::uuid;
  at timestamptz := (given->>'at')::timestamptz;
  today date := (given->>'on')::date;
  year int := extract(year FROM today);
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
  IF (SELECT count(*) FROM public.complaint c WHERE c.lodged_on = today) >= 2000 THEN RETURN 'full'; END IF;
  INSERT INTO public.complaint_year AS y (year, last) VALUES (year, 1)
    ON CONFLICT ON CONSTRAINT complaint_year_pkey DO UPDATE SET last = y.last + 1 RETURNING y.last INTO next;
  called := 'Q-' || year || '-' || lpad(next::text, greatest(4, length(next::text)), '0');
  INSERT INTO public.complaint (id, number, about, named, text, contact, language, secret_sha256, sha256, state,
      moved_at, lodged_at, lodged_on, acknowledge_by, answer_by, organisation_name, person_name, investigator_name,
      answer, visit)
    VALUES (form, called, given->>'about', given->>'named', given->>'text', given->>'contact', given->>'language',
      secret, hash, 'received', at, at, today, (given->>'acknowledge_by')::date, (given->>'answer_by')::date,
      '', '', '', '', '');
  INSERT INTO public.complaint_step (id, complaint, act, state, note, taken_by, name, taken_at)
    VALUES (gen_random_uuid(), form, 'lodge', 'received', '', (given->>'actor')::uuid, '', at);
  INSERT INTO public.trail_entry (at, actor, event, subject, details)
    VALUES (at, (given->>'actor')::uuid, 'complaints.lodged', form, jsonb_build_object('about', given->>'about'));
  RETURN called;
END $$;
"""

LOOK = """
CREATE OR REPLACE FUNCTION complaint_told(called text, secret bytea) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT jsonb_build_object('number', c.number, 'about', c.about, 'state', c.state, 'lodged_on', c.lodged_on,
    'acknowledge_by', c.acknowledge_by, 'acknowledged_on', c.acknowledged_on, 'answer_by', c.answer_by,
    'closed_on', c.closed_on, 'outcome', c.outcome, 'answer', c.answer)
  FROM public.complaint c WHERE c.number = called AND c.secret_sha256 = secret;
$$;
"""

GUARDS = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON complaint_step
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON complaint_step
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE INDEX IF NOT EXISTS complaint_by_day ON complaint (lodged_on);
ALTER TABLE complaint DROP CONSTRAINT IF EXISTS complaint_closed;
ALTER TABLE complaint ADD CONSTRAINT complaint_closed CHECK ((state = 'closed') = (outcome IS NOT NULL));
ALTER TABLE complaint DROP CONSTRAINT IF EXISTS complaint_elsewhere_keeps_no_words;
ALTER TABLE complaint ADD CONSTRAINT complaint_elsewhere_keeps_no_words CHECK (
  outcome IS DISTINCT FROM 'elsewhere' OR (text = '' AND named = '' AND contact = ''));
"""

_FUNCTIONS = (
    "keep_mismatch(uuid, uuid, timestamptz, text, text, text, text, text, text), "
    "lodge_complaint(jsonb, bytea, bytea), complaint_told(text, bytea)"
)
GRANTS = f"""
REVOKE ALL ON complaint, complaint_year, complaint_step FROM PUBLIC, {PUBLIC};
REVOKE ALL ON FUNCTION {_FUNCTIONS} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {_FUNCTIONS} TO {PUBLIC};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (NOTICE, LODGE, LOOK, GUARDS, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
