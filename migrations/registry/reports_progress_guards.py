"""What a code opens says how the report goes. Replaces the function reports.box (two fields more)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-23T05:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "reports progress guards"

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
    'progress', e.progress, 'progressed', e.progressed_at,
    'due', e.due, 'outcome_due', e.outcome_due, 'outcome', e.outcome, 'answered_by', e.answered_by,
    'returned_on', e.returned_on, 'replies', coalesce((SELECT jsonb_agg(jsonb_build_object('authority', r.authority,
      'counter', r.counter, 'body', encode(r.body, 'hex'), 'signature', r.signature, 'sent_on', r.sent_on)
      ORDER BY r.counter) FROM reports.reply r WHERE r.envelope = e.id), '[]'::jsonb));
END $$;
"""


async def forwards() -> MigrationManager:
    """May run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(BOX)

    manager.add_raw(run)
    return manager
