"""Tables and columns of the whole lifecycle: renewal, four eyes, consultation, surveillance. Every statement may run
again; what an older version wrote stays as it is.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "certification lifecycle"

TABLES = """
ALTER TABLE certification ADD COLUMN IF NOT EXISTS renews uuid;
ALTER TABLE certification ADD COLUMN IF NOT EXISTS ended_in_proceedings boolean NOT NULL DEFAULT false;
ALTER TABLE scope_unit ADD COLUMN IF NOT EXISTS asked_at timestamptz;
ALTER TABLE decision ADD COLUMN IF NOT EXISTS cause varchar(30);
ALTER TABLE decision ADD COLUMN IF NOT EXISTS urgent boolean NOT NULL DEFAULT false;
ALTER TABLE decision ADD COLUMN IF NOT EXISTS proposed_by uuid;
ALTER TABLE decision ADD COLUMN IF NOT EXISTS proposer varchar(200) NOT NULL DEFAULT '';
ALTER TABLE decision ADD COLUMN IF NOT EXISTS consulted boolean NOT NULL DEFAULT false;
ALTER TABLE decision ADD COLUMN IF NOT EXISTS answers uuid;
CREATE INDEX IF NOT EXISTS certification_renews ON certification (renews);

CREATE TABLE IF NOT EXISTS proposal (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL REFERENCES certification ON DELETE RESTRICT,
  act varchar(20) NOT NULL,
  cause varchar(30),
  reason text NOT NULL,
  units uuid[] NOT NULL DEFAULT '{}',
  proposed_by uuid NOT NULL,
  proposer varchar(200) NOT NULL,
  proposed_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by uuid,
  end_reason text NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS cause_verification (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL REFERENCES certification ON DELETE RESTRICT,
  units uuid[] NOT NULL DEFAULT '{}',
  text text NOT NULL,
  verified_by uuid NOT NULL,
  verifier varchar(200) NOT NULL,
  verified_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS consultation (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL REFERENCES certification ON DELETE RESTRICT,
  hold boolean NOT NULL DEFAULT false,
  until timestamptz NOT NULL,
  asked_by uuid NOT NULL,
  asked_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE TABLE IF NOT EXISTS annual_report (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL REFERENCES certification ON DELETE RESTRICT,
  due_on date NOT NULL,
  figures jsonb NOT NULL,
  done text NOT NULL,
  signed_by uuid NOT NULL,
  name varchar(200) NOT NULL,
  signed_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS change_notice (
  id uuid PRIMARY KEY,
  certification uuid NOT NULL REFERENCES certification ON DELETE RESTRICT,
  unit_id uuid,
  kind varchar(15) NOT NULL,
  happened_on date NOT NULL,
  text text NOT NULL,
  told_by uuid NOT NULL,
  told_at timestamptz NOT NULL,
  evaluate boolean,
  answer text NOT NULL DEFAULT '',
  answered_by uuid,
  answered_at timestamptz
);
CREATE TABLE IF NOT EXISTS warned (
  id uuid PRIMARY KEY,
  client uuid REFERENCES client ON DELETE RESTRICT,
  certification uuid REFERENCES certification ON DELETE RESTRICT,
  ending varchar(15) NOT NULL,
  ends_on date NOT NULL,
  days integer NOT NULL,
  warned_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS cause_verification_by_case ON cause_verification (certification);
CREATE INDEX IF NOT EXISTS change_notice_by_case ON change_notice (certification);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(TABLES)

    manager.add_raw(run)
    return manager
