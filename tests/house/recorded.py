"""`python -m tests.house.recorded`: tells Piccolo anew what migrations made in raw SQL, when test_schema.py asks.

Writes migrations/<app>/raw_recorded_tables.py. It is the one migration that may be written again after it has landed,
because it runs nothing; where a database counted it as done, that stays true.
"""

import ast
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


def ordered(text: str) -> str:
    """The same migration, its tables and statements by name: Piccolo takes them out of sets, in any order. Kinds of
    statement stay in Piccolo's order (tables before columns), and a table stands after those it refers to.
    """
    tree, lines = ast.parse(text), text.splitlines(keepends=True)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    (forwards,) = (node for node in tree.body if isinstance(node, ast.AsyncFunctionDef))
    calls = [node for node in forwards.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    kinds = list(dict.fromkeys(_said(call)[0] for call in calls))
    for nodes, wanted in (
        (classes, _after_what_they_name(classes)),
        (calls, sorted(calls, key=lambda call: (kinds.index(_said(call)[0]), *_said(call)[1:]))),
    ):
        texts = ["".join(lines[node.lineno - 1 : node.end_lineno]) for node in wanted]
        for node, new in zip(nodes, texts, strict=True):
            assert node.end_lineno is not None
            lines[node.lineno - 1 : node.end_lineno] = [new, *[""] * (node.end_lineno - node.lineno)]
    return "".join(lines)


def _said(statement: ast.Expr) -> tuple[str, str, str]:
    """What a statement does, and to which table and column."""
    assert isinstance(statement.value, ast.Call)
    named = {word.arg: ast.unparse(word.value) for word in statement.value.keywords}
    table = named.get("tablename") or named.get("class_name") or named.get("table_class_name", "")
    return ast.unparse(statement.value.func), table, named.get("column_name", "")


def _after_what_they_name(classes: list[ast.ClassDef]) -> list[ast.ClassDef]:
    waiting, placed = {one.name: one for one in sorted(classes, key=lambda one: one.name)}, list[ast.ClassDef]()
    needed = {one.name: {node.id for node in ast.walk(one) if isinstance(node, ast.Name)} for one in classes}
    while waiting:
        name = next(name for name in waiting if not needed[name] & (waiting.keys() - {name}))
        placed.append(waiting.pop(name))
    return placed


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
    text = ordered(text).replace("manager = MigrationManager(", "manager = Recorded(")
    text = WHAT + text.replace("\n\nID = ", RECORDED, 1)
    path.write_text(text)
    for tidy in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([Path(sys.executable).with_name("ruff"), *tidy, path], check=True)


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1] if len(sys.argv) > 1 else "migrations/registry")))
