"""What auditors know. Whoever held the role before there was this register may go on as they did."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T21:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "auditor competence"

TABLES = """
CREATE TABLE IF NOT EXISTS auditor_competence (
  id uuid PRIMARY KEY,
  person uuid NOT NULL,
  kinds varchar(20)[] NOT NULL,
  languages varchar(5)[] NOT NULL,
  basis text NOT NULL,
  recorded_by uuid NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS auditor_competence_person ON auditor_competence (person);
INSERT INTO auditor_competence (id, person, kinds, languages, basis, recorded_by, recorded_at)
  SELECT gen_random_uuid(), h.account, '{lodging,taxi,freight,waterway,operator,entertainment}', '{es,en,pt,fr}',
    'Held the role before there was a register of this.', h.account, now()
  FROM role_held h WHERE h.role = 'auditor' AND h.ended_at IS NULL
    AND NOT EXISTS (SELECT FROM auditor_competence c WHERE c.person = h.account) GROUP BY h.account;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON auditor_competence
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON auditor_competence
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


async def forwards() -> MigrationManager:
    """Every statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(TABLES)

    manager.add_raw(run)
    return manager
