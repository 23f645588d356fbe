"""The schema `reports`: whose it is, what is append-only in it, and which of it each role may touch.

The stranger's door may run three functions and read no table. The desk may not even look into the schema. The role of
the reports reads, of everything else, only what an authority agreed to and where it is told.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import DESK, PUBLIC, REPORTS, execute

ID = "2026-11-21T21:47:13:000000"
VERSION = "1.38.0"
DESCRIPTION = "reports guards"

CHAIN = """
CREATE OR REPLACE FUNCTION reports.chain_event() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.envelope::text, 7261));
  NEW.previous := coalesce(
    (SELECT e.hash FROM reports.event e WHERE e.envelope = NEW.envelope ORDER BY e.id DESC LIMIT 1), ''::bytea);
  NEW.hash := sha256(NEW.previous || coalesce(NEW.statement, ''::bytea) || convert_to(concat_ws('|', NEW.envelope,
    NEW.name, NEW.authority, extract(epoch FROM NEW.at), NEW.note, NEW.signature), 'UTF8'));
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER chained BEFORE INSERT ON reports.event FOR EACH ROW EXECUTE FUNCTION reports.chain_event();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports.event
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON reports.event
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE UNIQUE INDEX IF NOT EXISTS reports_delivery_once ON reports.delivery (envelope, authority);
CREATE UNIQUE INDEX IF NOT EXISTS reports_reply_once ON reports.reply (envelope, counter);
CREATE INDEX IF NOT EXISTS reports_delivery_due ON reports.delivery (due_at) WHERE done_at IS NULL;
CREATE INDEX IF NOT EXISTS reports_delivery_mine ON reports.delivery (authority, envelope);
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
  INSERT INTO reports.gate_decision (id, hour, gate_version, directory_version, chain)
    VALUES ((d->>'gate')::uuid, hour, (d->>'gate_version')::int, (d->>'directory_version')::int, chain);
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

BOX = """
CREATE OR REPLACE FUNCTION reports.box(mac bytea, today date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE e reports.envelope;
BEGIN
  SELECT * INTO e FROM reports.envelope WHERE lookup_mac = mac AND state <> 'purged' FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE reports.envelope SET returned_on = today WHERE id = e.id;
  RETURN jsonb_build_object('envelope', e.id, 'sha256', encode(e.sha256, 'hex'), 'state', e.state,
    'chain', e.chain, 'received', e.received_hour,
    'notified', e.notified_at, 'opened', e.opened_at, 'acknowledged', e.acknowledged_at, 'closed', e.closed_at,
    'due', e.due, 'outcome_due', e.outcome_due, 'outcome', e.outcome, 'answered_by', e.answered_by,
    'returned_on', e.returned_on, 'replies', coalesce((SELECT jsonb_agg(jsonb_build_object('authority', r.authority,
      'counter', r.counter, 'body', encode(r.body, 'hex'), 'signature', r.signature, 'sent_on', r.sent_on)
      ORDER BY r.counter) FROM reports.reply r WHERE r.envelope = e.id), '[]'::jsonb));
END $$;
"""

STANDING = """
CREATE OR REPLACE FUNCTION reports.standing(at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
WITH live AS (
  SELECT e.*, e.state IN ('acknowledged', 'closed', 'purged') AS answered FROM reports.envelope e
  WHERE NOT e.burst AND NOT EXISTS (SELECT 1 FROM reports.drill d WHERE d.envelope = e.id)),
turns AS (
  SELECT t.authority, t.due, t.link, l.answered, l.acknowledged_at, l.received_hour
  FROM live l, unnest(l.chain, l.due) WITH ORDINALITY AS t(authority, due, link)),
offices AS (
  SELECT a.id AS authority,
    (SELECT jsonb_build_object('from', g.valid_from::timestamp AT TIME ZONE 'UTC', 'until',
        g.valid_until::timestamp AT TIME ZONE 'UTC') FROM public.authority_agreement g
      WHERE g.authority = a.id AND g.valid_from <= at::date AND at::date < g.valid_until
      ORDER BY g.signed_on DESC LIMIT 1) AS agreed,
    (SELECT count(*) FROM public.authority_contact c WHERE c.authority = a.id AND c.confirmed_at <= at) AS contacts,
    (SELECT max(d.passed_at) FROM reports.drill d WHERE d.authority = a.id AND d.passed_at <= at) AS drill_passed_at,
    (SELECT greatest(1, ceil(extract(epoch FROM d.passed_at - d.sent_at) / 60)) FROM reports.drill d
      WHERE d.authority = a.id
      AND d.passed_at <= at ORDER BY d.passed_at DESC LIMIT 1) AS drill_minutes,
    (SELECT count(*) FROM reports.drill d WHERE d.authority = a.id AND d.due_at BETWEEN at - interval '30 days' AND at
      AND (d.passed_at IS NULL OR d.passed_at > d.due_at)) AS drills_failed,
    (SELECT count(*) FROM turns t WHERE t.authority = a.id AND NOT t.answered AND at >= t.due) AS overdue,
    (SELECT count(*) FROM turns t WHERE t.authority = a.id AND t.link = 1 AND t.received_hour > at - interval '90 days'
      AND (t.answered OR at >= t.due)) AS due,
    (SELECT count(*) FROM turns t WHERE t.authority = a.id AND t.link = 1 AND t.received_hour > at - interval '90 days'
      AND t.acknowledged_at <= t.due) AS on_time,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.acknowledged_at - t.received_hour) / 60)
      FROM turns t WHERE t.authority = a.id AND t.link = 1 AND t.received_hour > at - interval '90 days'
      AND t.acknowledged_at IS NOT NULL) AS median_minutes
  FROM public.authority a)
SELECT jsonb_build_object(
  'directory', (SELECT jsonb_build_object('version', v.version, 'digest', v.digest)
    FROM public.authority_directory v ORDER BY v.version DESC LIMIT 1),
  'offices', coalesce((SELECT jsonb_agg(jsonb_build_object('authority', o.authority, 'agreed_from', o.agreed->'from',
    'agreed_until', o.agreed->'until', 'contacts', o.contacts, 'drill_passed_at', o.drill_passed_at,
    'drill_minutes', o.drill_minutes::int, 'drills_failed', o.drills_failed, 'overdue', o.overdue, 'due', o.due,
    'on_time', o.on_time, 'median_minutes', o.median_minutes::int)) FROM offices o), '[]'::jsonb));
$$;
"""

GRANTS = f"""
REVOKE ALL ON SCHEMA reports FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA reports FROM PUBLIC, {DESK}, {PUBLIC};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA reports FROM PUBLIC, {DESK};
REVOKE ALL ON SCHEMA reports FROM {DESK};
GRANT USAGE ON SCHEMA reports TO {PUBLIC}, {REPORTS};
GRANT EXECUTE ON FUNCTION reports.file(jsonb, bytea), reports.box(bytea, date), reports.standing(timestamptz)
  TO {PUBLIC};
GRANT EXECUTE ON FUNCTION reports.file(jsonb, bytea), reports.standing(timestamptz) TO {REPORTS};
GRANT SELECT ON ALL TABLES IN SCHEMA reports TO {REPORTS};
GRANT UPDATE ON reports.envelope, reports.delivery, reports.drill, reports.form_use TO {REPORTS};
GRANT INSERT ON reports.delivery, reports.event, reports.reply, reports.drill, reports.agent_nonce TO {REPORTS};
GRANT DELETE ON reports.agent_nonce, reports.form_use, reports.reply TO {REPORTS};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA reports TO {REPORTS};
GRANT SELECT ON public.authority, public.authority_agreement, public.authority_contact, public.authority_directory
  TO {REPORTS};
"""

STATISTICS = """
DO $$ DECLARE one regprocedure; BEGIN
  IF NOT current_setting('is_superuser')::boolean THEN RETURN; END IF;
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND (p.proname LIKE 'pg\\_stat\\_get\\_%' OR p.proname IN ('pg_relation_size', 'pg_table_size',
        'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size', 'pg_current_wal_lsn',
        'pg_current_wal_insert_lsn', 'pg_current_wal_flush_lsn')) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
  END LOOP;
END $$;
"""
"""PostgreSQL lets every role count the rows written to every table, also in a schema it may not look into: the desk
would learn that a report exists. Only a superuser (the embedded server's owner) can take that away."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        for statement in (CHAIN, FILE, BOX, STANDING, GRANTS, STATISTICS):
            await execute(statement)

    manager.add_raw(run)
    return manager
