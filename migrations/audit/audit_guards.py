"""What Piccolo cannot say of the audit's tables: one standing answer, one planned visit; keys to others."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.core.db import execute

ID = "2026-11-21T21:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "audit guards"

STATEMENTS = (
    # Two auditors at once: the second insert waits for the first and then fails, whatever the code believes.
    "CREATE UNIQUE INDEX IF NOT EXISTS visit_answer_standing ON visit_answer (visit, question, unit)"
    " NULLS NOT DISTINCT WHERE superseded_at IS NULL",
    "CREATE INDEX IF NOT EXISTS visit_answer_visit ON visit_answer (visit)",
    "CREATE UNIQUE INDEX IF NOT EXISTS finding_one_a_question ON finding (visit, question, unit) NULLS NOT DISTINCT",
    "CREATE UNIQUE INDEX IF NOT EXISTS visit_one_planned ON visit (certification) WHERE state = 'planned'",
    # One answer that stands and one draft beside it.
    "CREATE UNIQUE INDEX IF NOT EXISTS corrective_action_standing ON corrective_action (finding, (sent_at IS NULL))"
    " WHERE superseded_at IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS visit_sample_once ON visit_sample (visit, unit)",
)
KEYS = {
    "visit": (("certification", "certification"), ("client", "client"), ("association", "association"),
              ("scheme_version", "scheme_version"), ("lead", "account")),
    "visit_answer": (("by", "account"),),
    "finding": (("visit", "visit"), ("certification", "certification"), ("answer", "visit_answer")),
}  # fmt: skip
KEEP = """
CREATE OR REPLACE FUNCTION answers_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.superseded_at IS NOT NULL
     OR (to_jsonb(NEW) - 'superseded_at') <> (to_jsonb(OLD) - 'superseded_at') THEN
    RAISE EXCEPTION 'an answer is superseded, never changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER answers_are_kept BEFORE UPDATE OR DELETE ON visit_answer
  FOR EACH ROW EXECUTE FUNCTION answers_are_kept();
"""
APPEND_ONLY = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="audit", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await execute(statement)
        for table, keys in KEYS.items():
            for column, other in keys:
                name = f"{table}_{column}_known"
                await execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
                key = f'FOREIGN KEY ("{column}") REFERENCES {other} (id)'
                await execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {key}")
        await execute(KEEP)
        for table in ("visit_signature", "finding_verification", "visit_evidence"):
            await execute(APPEND_ONLY.format(table=table))

    manager.add_raw(run)
    return manager
