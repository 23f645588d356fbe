"""`python -m tests.house.recorded`: tells Piccolo anew what migrations made in raw SQL, when test_schema.py asks.

Writes migrations/<app>/raw_recorded_tables.py. It is the one migration that may be written again after it has landed,
because it runs nothing; where a database counted it as done, that stays true.
"""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

from piccolo.apps.migrations.commands.new import AutoMigrationManager, NewMigrationMeta, _create_new_migration
from piccolo.conf.apps import AppConfig

from registry.piccolo_app import APP_CONFIG as REGISTRY

NAME = "raw_recorded_tables.py"
WHAT = '''\
"""What other migrations made in raw SQL, told to Piccolo so that `migrations new --auto` does not offer it again. It
runs nothing: the tables are there, made by the migrations before it. Written by `python -m tests.house.recorded`.
"""

'''
RECORDED = '''

class Recorded(MigrationManager):
    """Read by Piccolo when it compares, and never run."""

    async def run(self, backwards: bool = False) -> None:
        """Nothing."""


ID = '''


async def offered(app: AppConfig) -> list[str]:
    """What Piccolo would put in a new migration of an app."""
    found = await AutoMigrationManager().get_alter_statements(app_config=app)
    return [statement for one in found for statement in one.statements]


async def write(folder: Path) -> None:
    path = folder / NAME
    kept = re.search(r'^ID = "(.+)"$', path.read_text(), re.M) if path.exists() else None
    path.unlink(missing_ok=True)
    meta: NewMigrationMeta = await _create_new_migration(
        REGISTRY, auto=True, description="raw recorded", auto_input="y"
    )
    made = Path(meta.migration_path)
    text = made.read_text()
    made.unlink()
    if kept:
        text = re.sub(r'^ID = ".*"$', f'ID = "{kept[1]}"', text, flags=re.M)
    text = WHAT + text.replace("\n\nID = ", RECORDED, 1).replace("manager = MigrationManager(", "manager = Recorded(")
    path.write_text(text)
    for tidy in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([Path(sys.executable).with_name("ruff"), *tidy, path], check=True)


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1] if len(sys.argv) > 1 else "migrations/registry")))
