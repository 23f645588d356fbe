"""Bringing a database to this version, and saying what each door may touch.

Migrations run before the new code and must suit the old code: they wait at most 4 s for a lock and run at most 60 s a
statement, so that a busy house refuses them rather than standing still. An advisory lock keeps two instances apart.
The role of each door is made here and gets exactly what it needs (architecture.md 2): the desk everything but the
schema of the sealed reports; the stranger's door nothing but what rooms grant it in their own guard migrations.
"""

import contextlib
import io
import os
from pathlib import Path

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards

from registry.config import Config
from registry.core import db
from registry.core.errors import Invalid

_LOCK = 7_261_000
_ROLES = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} {login}; END IF;
  IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
    EXECUTE 'GRANT {role} TO ' || quote_ident(current_user); END IF;
END $$;
"""
_DESK = """
GRANT USAGE ON SCHEMA public TO {desk};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {desk};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {desk};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {desk};
GRANT USAGE ON SCHEMA public TO {reports}, {public};
"""


async def migrate(config: Config, url: str) -> None:
    """Run every migration that has not run, then the grants. Safe to run twice and by two at once."""
    os.environ.setdefault("PICCOLO_CONF", "registry.piccolo_conf")
    keeper = await asyncpg.connect(**db.address(config, url, None))
    try:
        await keeper.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _make_roles(keeper, login=config.database_url is None)
        pool, previous = db.DB.pool, db.DB.config
        db.DB.pool = None
        address = db.address(config, url, None)
        address["server_settings"] |= {"lock_timeout": "4s", "statement_timeout": "60s"}
        db.DB.config = address
        try:
            await _forwards()
        finally:
            db.DB.pool, db.DB.config = pool, previous
        await keeper.execute(_DESK.format(desk=db.DESK, reports=db.REPORTS, public=db.PUBLIC))
    finally:
        await keeper.close()


async def _forwards() -> None:
    for app in ("registry", "audit"):
        folder = Path(__file__).parent.parent.parent / "migrations" / app
        if any(folder.glob("*.py")):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                result = await run_forwards(app_name=app, migration_id="all")
            if not result.success:
                raise Invalid("migration-failed", app=app, detail=result.message or said.getvalue()[-600:])


async def _make_roles(keeper: asyncpg.Connection, *, login: bool) -> None:
    try:
        for role in (db.DESK, db.REPORTS, db.PUBLIC):
            await keeper.execute(_ROLES.format(role=role, login="LOGIN" if login else "NOLOGIN"))
    except asyncpg.InsufficientPrivilegeError as error:
        raise Invalid("database-roles-missing", roles=f"{db.DESK}, {db.REPORTS}, {db.PUBLIC}") from error
