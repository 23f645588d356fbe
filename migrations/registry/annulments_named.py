"""What refuses an annulment without a ruling says its name, so that a decider reads a sentence.

`annulment_is_ruled` takes the place of that of stays_guards.py; what it asks is the same.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-22T22:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "annulments named"

RULED = """
CREATE OR REPLACE FUNCTION annulment_is_ruled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.act = 'annul' AND (
    NOT EXISTS (SELECT FROM decision d WHERE d.id = NEW.answers AND d.certification = NEW.certification)
    OR NOT EXISTS (SELECT FROM appeal a WHERE decision_root(a.decision) = decision_root(NEW.answers) AND CASE
      WHEN NEW.provisional THEN a.state = 'seated' AND a.stayed_at IS NOT NULL ELSE a.state = 'to_carry_out' END)
    OR EXISTS (SELECT FROM decision d WHERE d.decided_by = NEW.decided_by AND d.act <> 'annul'
      AND (d.id = NEW.answers OR d.id = decision_root(NEW.answers) OR d.repeats = decision_root(NEW.answers)
        OR d.act = 'confirm' AND decision_root(d.id) = decision_root(NEW.answers)))) THEN
    RAISE EXCEPTION 'a decision is annulled where a panel ruled so, by another person'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'annulment_is_ruled'; END IF;
  RETURN NEW;
END $$;
"""


async def forwards() -> MigrationManager:
    """The statement may run again."""
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run() -> None:
        await execute(RULED)

    manager.add_raw(run)
    return manager
