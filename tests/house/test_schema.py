"""The migrated database is what the tables say."""

import re
from pathlib import Path

from piccolo.table import Table
from piccolo.utils.naming import _camel_to_snake

from audit.piccolo_app import APP_CONFIG as AUDIT
from registry.core.db import DB, REPORTS_DB, fetch
from registry.piccolo_app import APP_CONFIG as REGISTRY
from tests.house.recorded import offered


def declared(table: type[Table]) -> dict[str, bool]:
    """Column -> whether it may be null."""
    return {column._meta.db_column_name: bool(column._meta.params.get("null")) for column in table._meta.columns}


async def migrated(table: type[Table]) -> dict[str, bool]:
    rows = await fetch(
        "SELECT attname AS name, NOT attnotnull AS nullable FROM pg_attribute"
        " WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
        f"{table._meta.schema or 'public'}.{table._meta.tablename}",
        engine=REPORTS_DB if table._meta.schema == "reports" else DB,  # the desk may not even look
    )
    return {row["name"]: row["nullable"] for row in rows}


async def test_every_table_is_migrated_with_its_columns(db: None) -> None:
    tables = [*REGISTRY.table_classes, *AUDIT.table_classes]
    assert len(tables) > 4
    for table in tables:
        assert await migrated(table) == declared(table), f"{table.__name__}: run the migrations anew"


def test_tables_are_singular_and_every_column_of_a_person_says_what_it_is_for() -> None:
    for table in [*REGISTRY.table_classes, *AUDIT.table_classes]:
        assert table._meta.tablename == _camel_to_snake(table.__name__), table
        assert table.__doc__, f"{table.__name__} has no docstring"


async def test_piccolo_offers_no_table_again_that_stands_in_a_migration() -> None:
    """Also not one that was made in raw SQL: `python -m tests.house.recorded` tells it so."""
    assert await offered(REGISTRY) == []
    assert await offered(AUDIT) == []


def test_no_two_migrations_have_the_same_id() -> None:
    """Piccolo would run one of them and count both as done."""
    folder = Path(__file__).parent.parent.parent / "migrations"
    for app in ("registry", "audit"):
        ids = [re.search(r'^ID = "([^"]+)"', path.read_text(), re.M) for path in sorted((folder / app).glob("*.py"))]
        found = [match[1] for match in ids if match]
        assert len(found) == len(set(found)), found
