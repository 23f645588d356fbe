"""What is filed keeps the version of its form. Replaces the function reports.file (one column more)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-24T03:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "reports form guards"

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
      outcome_due, body, reference, form)
    VALUES (envelope, (d->>'v')::int, d->>'suite', chain, (d->>'directory_version')::int,
      ARRAY(SELECT jsonb_array_elements_text(d->'key_ids')), d->>'sealed_by', (d->>'urgent')::boolean,
      (d->>'burst')::boolean, hour, (d->>'size_step')::int, decode(d->>'sha256', 'hex'),
      decode(d->>'lookup_mac', 'hex'), d->>'reply_recipient', decode(d->>'proof_hash', 'hex'), (d->>'gate')::uuid,
      'sealed', ARRAY(SELECT jsonb_array_elements_text(d->'due')::timestamptz), (d->>'outcome_due')::timestamptz,
      body, '', coalesce(d->>'form', '2026-11'));
  INSERT INTO reports.delivery (id, envelope, authority, link, due_at, attempts, trouble)
    VALUES (gen_random_uuid(), envelope, chain[1], 0, hour, 0, '');
  INSERT INTO reports.event (envelope, name, at, note, signature)
    VALUES (envelope, 'reports.sealed', hour, 'gate ' || (d->>'gate_version'), '');
  RETURN jsonb_build_object('done', 'stored');
END $$;
"""


async def forwards() -> MigrationManager:
    """May run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(FILE)

    manager.add_raw(run)
    return manager
