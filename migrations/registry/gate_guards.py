"""The gates of the offices: what two people sign stays as they signed it, and what the gate is decided on.

Replaces reports.standing (a drill counts only when passed in time; an answer that it cannot be read is an answer; the
last silence and the last opening; revoked keys; an override that two people signed) and reports.file (a decision keeps
what was lifted).
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import REPORTS, execute

ID = "2026-11-23T02:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "gate guards"

GUARDS = """
ALTER TABLE reports.gate_override DROP CONSTRAINT IF EXISTS gate_override_takes_two;
ALTER TABLE reports.gate_override ADD CONSTRAINT gate_override_takes_two CHECK (
  (agreed_by IS NULL) = (agreed_at IS NULL) AND agreed_by IS DISTINCT FROM asked_by
  AND length(btrim(reason)) >= 10 AND (agreed_by IS NULL OR length(btrim(agreed_reason)) >= 10)
  AND asked_at < ends_at AND ends_at <= asked_at + interval '24 hours'
  AND (agreed_at IS NULL OR (asked_at <= agreed_at AND agreed_at < ends_at))
  AND (ended_by IS NULL) = (ended_at IS NULL));
ALTER TABLE reports.gate_opening DROP CONSTRAINT IF EXISTS gate_opening_has_reason;
ALTER TABLE reports.gate_opening ADD CONSTRAINT gate_opening_has_reason CHECK (
  length(btrim(reason)) >= 10 AND silent_at < opened_at);

-- The role of the reports may not read who holds which role: the function may, for it.
CREATE OR REPLACE FUNCTION reports.keeps_gates(who uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM public.role_held WHERE account = who AND role = 'officer' AND ended_at IS NULL)
$$;

CREATE OR REPLACE FUNCTION reports.gate_override_asked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NEW.agreed_by IS NOT NULL OR NEW.ended_by IS NOT NULL THEN
    RAISE EXCEPTION 'nobody asks and agrees at once' USING ERRCODE = 'check_violation'; END IF;
  IF NOT reports.keeps_gates(NEW.asked_by) THEN
    RAISE EXCEPTION 'only an officer asks' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER asked BEFORE INSERT ON reports.gate_override
  FOR EACH ROW EXECUTE FUNCTION reports.gate_override_asked();

CREATE OR REPLACE FUNCTION reports.gate_override_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF (NEW.id, NEW.authority, NEW.asked_by, NEW.asked_name, NEW.reason, NEW.asked_at, NEW.ends_at) IS DISTINCT FROM
     (OLD.id, OLD.authority, OLD.asked_by, OLD.asked_name, OLD.reason, OLD.asked_at, OLD.ends_at)
    OR (OLD.agreed_by IS NOT NULL AND (NEW.agreed_by, NEW.agreed_name, NEW.agreed_reason, NEW.agreed_at)
      IS DISTINCT FROM (OLD.agreed_by, OLD.agreed_name, OLD.agreed_reason, OLD.agreed_at))
    OR (OLD.ended_at IS NOT NULL AND (NEW.ended_by, NEW.ended_at, NEW.agreed_by)
      IS DISTINCT FROM (OLD.ended_by, OLD.ended_at, OLD.agreed_by)) THEN
    RAISE EXCEPTION 'an override stays as it was signed' USING ERRCODE = 'check_violation'; END IF;
  IF OLD.agreed_by IS NULL AND NEW.agreed_by IS NOT NULL AND NOT reports.keeps_gates(NEW.agreed_by) THEN
    RAISE EXCEPTION 'the second person is an officer' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER stays BEFORE UPDATE ON reports.gate_override
  FOR EACH ROW EXECUTE FUNCTION reports.gate_override_stays();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE ON reports.gate_override
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON reports.gate_override
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE OR REPLACE FUNCTION reports.gate_opened_by() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT reports.keeps_gates(NEW.opened_by) THEN
    RAISE EXCEPTION 'only an officer opens' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER opened BEFORE INSERT ON reports.gate_opening
  FOR EACH ROW EXECUTE FUNCTION reports.gate_opened_by();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports.gate_opening
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON reports.gate_opening
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
"""

STANDING = """
-- Asked at every form that is shown or sent: what is answered in time and older than 90 days costs nothing.
CREATE INDEX IF NOT EXISTS reports_envelope_runs_out ON reports.envelope ((due[1]))
  WHERE state IN ('sealed', 'notified', 'fetched', 'opened');
CREATE INDEX IF NOT EXISTS reports_envelope_answered_late ON reports.envelope (received_hour)
  WHERE least(acknowledged_at, closed_at) > due[1];
CREATE INDEX IF NOT EXISTS reports_envelope_answered ON reports.envelope (received_hour)
  WHERE state IN ('acknowledged', 'closed', 'purged');

CREATE OR REPLACE FUNCTION reports.standing(at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
WITH silent AS (
  SELECT e.chain, e.due, e.received_hour FROM reports.envelope e
  WHERE e.state IN ('sealed', 'notified', 'fetched', 'opened') AND e.due[1] <= at AND NOT e.burst
    AND NOT EXISTS (SELECT 1 FROM reports.drill d WHERE d.envelope = e.id)),
late AS (
  SELECT e.chain, e.due, least(e.acknowledged_at, e.closed_at) AS answered_at FROM reports.envelope e
  WHERE least(e.acknowledged_at, e.closed_at) > e.due[1] AND NOT e.burst
    AND NOT EXISTS (SELECT 1 FROM reports.drill d WHERE d.envelope = e.id)),
ran_out AS (
  SELECT t.authority, t.due, true AS waits FROM silent s, unnest(s.chain, s.due) AS t(authority, due) WHERE t.due <= at
  UNION ALL
  SELECT t.authority, t.due, false FROM late l, unnest(l.chain, l.due) AS t(authority, due)
    WHERE t.due <= at AND t.due < l.answered_at),
judged AS (
  SELECT e.chain[1] AS authority, least(e.acknowledged_at, e.closed_at) <= e.due[1] AS in_time,
    e.acknowledged_at - e.received_hour AS took
  FROM reports.envelope e
  WHERE e.state IN ('acknowledged', 'closed', 'purged') AND e.received_hour > at - interval '90 days' AND NOT e.burst
    AND NOT EXISTS (SELECT 1 FROM reports.drill d WHERE d.envelope = e.id)
  UNION ALL
  SELECT s.chain[1], false, NULL FROM silent s WHERE s.received_hour > at - interval '90 days'),
offices AS (
  SELECT a.id AS authority,
    (SELECT jsonb_build_object('from', g.valid_from::timestamp AT TIME ZONE 'UTC', 'until',
        g.valid_until::timestamp AT TIME ZONE 'UTC') FROM public.authority_agreement g
      WHERE g.authority = a.id AND g.valid_from <= at::date AND at::date < g.valid_until
      ORDER BY g.signed_on DESC LIMIT 1) AS agreed,
    (SELECT count(DISTINCT lower(c.email)) FROM public.authority_contact c
      WHERE c.authority = a.id AND c.confirmed_at <= at AND to_jsonb(c) ->> 'ended_at' IS NULL) AS contacts,
    (SELECT max(d.passed_at) FROM reports.drill d
      WHERE d.authority = a.id AND d.passed_at <= at AND d.passed_at <= d.due_at) AS drill_passed_at,
    (SELECT greatest(1, ceil(extract(epoch FROM d.passed_at - d.sent_at) / 60)) FROM reports.drill d
      WHERE d.authority = a.id AND d.passed_at <= at AND d.passed_at <= d.due_at
      ORDER BY d.passed_at DESC LIMIT 1) AS drill_minutes,
    (SELECT count(*) FROM reports.drill d WHERE d.authority = a.id AND d.due_at BETWEEN at - interval '30 days' AND at
      AND (d.passed_at IS NULL OR d.passed_at > d.due_at)) AS drills_failed,
    (SELECT count(*) FROM ran_out r WHERE r.authority = a.id AND r.waits) AS overdue,
    (SELECT max(r.due) FROM ran_out r WHERE r.authority = a.id) AS silent_at,
    (SELECT count(*) FROM judged j WHERE j.authority = a.id) AS due,
    (SELECT count(*) FROM judged j WHERE j.authority = a.id AND j.in_time) AS on_time,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM j.took) / 60) FROM judged j
      WHERE j.authority = a.id AND j.took IS NOT NULL) AS median_minutes,
    (SELECT max(o.opened_at) FROM reports.gate_opening o WHERE o.authority = a.id AND o.opened_at <= at) AS opened_at,
    (SELECT jsonb_agg(k.public) FROM public.authority_key k
      WHERE k.authority = a.id AND k.revoked_at <= at) AS revoked,
    (SELECT jsonb_build_object('id', v.id, 'asked_by', v.asked_by, 'asked_at', v.asked_at, 'ends_at', v.ends_at,
        'reasoned', length(btrim(v.reason)) >= 10 AND length(btrim(v.agreed_reason)) >= 10, 'agreed_by', v.agreed_by,
        'agreed_at', v.agreed_at) FROM reports.gate_override v
      WHERE v.authority = a.id AND v.agreed_at <= at AND at < v.ends_at AND v.ended_at IS NULL
      ORDER BY v.agreed_at DESC LIMIT 1) AS lifted
  FROM public.authority a)
SELECT jsonb_build_object(
  'directory', (SELECT jsonb_build_object('version', v.version, 'digest', v.digest)
    FROM public.authority_directory v ORDER BY v.version DESC LIMIT 1),
  'offices', coalesce((SELECT jsonb_agg(jsonb_build_object('authority', o.authority, 'agreed_from', o.agreed->'from',
    'agreed_until', o.agreed->'until', 'contacts', o.contacts, 'drill_passed_at', o.drill_passed_at,
    'drill_minutes', o.drill_minutes::int, 'drills_failed', o.drills_failed, 'overdue', o.overdue, 'due', o.due,
    'on_time', o.on_time, 'median_minutes', o.median_minutes::int, 'silent_at', o.silent_at, 'opened_at', o.opened_at,
    'revoked', coalesce(o.revoked, '[]'::jsonb), 'override', o.lifted)) FROM offices o), '[]'::jsonb));
$$;
"""

FILE = """
CREATE OR REPLACE FUNCTION reports.file(d jsonb, body bytea) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  used reports.form_use;
  envelope uuid := (d->>'id')::uuid;
  hour timestamptz := (d->>'hour')::timestamptz;
  chain uuid[] := ARRAY(SELECT jsonb_array_elements_text(d->'chain')::uuid);
BEGIN
  INSERT INTO reports.form_use (token_mac, body_mac, receipt, hour)
    VALUES (decode(d->>'token_mac', 'hex'), decode(d->>'body_mac', 'hex'), decode(d->>'receipt', 'hex'), hour)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO used FROM reports.form_use WHERE token_mac = decode(d->>'token_mac', 'hex');
    RETURN jsonb_build_object('receipt', encode(used.receipt, 'hex'),
      'done', CASE WHEN used.body_mac = decode(d->>'body_mac', 'hex') THEN 'same' ELSE 'other' END);
  END IF;
  INSERT INTO reports.gate_decision (id, hour, gate_version, directory_version, chain, reasons, override)
    VALUES ((d->>'gate')::uuid, hour, (d->>'gate_version')::int, (d->>'directory_version')::int, chain,
      ARRAY(SELECT jsonb_array_elements_text(coalesce(d->'gate_reasons', '[]'::jsonb))), (d->>'gate_override')::uuid);
  INSERT INTO reports.envelope (id, v, suite, chain, directory_version, key_ids, sealed_by, urgent, burst,
      received_hour, size_step, sha256, lookup_mac, reply_recipient, proof_hash, gate, state, due,
      outcome_due, body, reference)
    VALUES (envelope, (d->>'v')::int, d->>'suite', chain, (d->>'directory_version')::int,
      ARRAY(SELECT jsonb_array_elements_text(d->'key_ids')), d->>'sealed_by', (d->>'urgent')::boolean,
      (d->>'burst')::boolean, hour, (d->>'size_step')::int, decode(d->>'sha256', 'hex'),
      decode(d->>'lookup_mac', 'hex'), d->>'reply_recipient', decode(d->>'proof_hash', 'hex'), (d->>'gate')::uuid,
      'sealed', ARRAY(SELECT jsonb_array_elements_text(d->'due')::timestamptz), (d->>'outcome_due')::timestamptz,
      body, '');
  INSERT INTO reports.delivery (id, envelope, authority, link, due_at, attempts, trouble)
    VALUES (gen_random_uuid(), envelope, chain[1], 0, hour, 0, '');
  INSERT INTO reports.event (envelope, name, at, note, signature)
    VALUES (envelope, 'reports.sealed', hour, 'gate ' || (d->>'gate_version'), '');
  RETURN jsonb_build_object('done', 'stored');
END $$;
"""

GRANTS = f"""
REVOKE ALL ON reports.gate_opening, reports.gate_override FROM PUBLIC;
REVOKE ALL ON FUNCTION reports.keeps_gates(uuid), reports.gate_override_asked(), reports.gate_override_stays(),
  reports.gate_opened_by() FROM PUBLIC;
GRANT SELECT, INSERT ON reports.gate_opening, reports.gate_override TO {REPORTS};
GRANT UPDATE ON reports.gate_override TO {REPORTS};
GRANT EXECUTE ON FUNCTION reports.keeps_gates(uuid) TO {REPORTS};
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (GUARDS, STANDING, FILE, GRANTS):
            await execute(statement)

    manager.add_raw(run)
    return manager
