"""The migration that is written again and again: the same tables give the same text, so that a change shows itself."""

from pathlib import Path

from tests.house.recorded import NAME, ordered

MADE = """\
class Visit(Table, tablename="visit"):
    client = ForeignKey(references=Worker)


class Worker(Table, tablename="worker"):
    pass


async def forwards():
    manager = MigrationManager(app_name="registry")

    manager.add_table(class_name="Zone", tablename="zone")

    manager.add_table(
        class_name="Area",
        tablename="area",
    )

    manager.alter_column(table_class_name="Zone", tablename="zone", column_name="b")

    manager.alter_column(table_class_name="Zone", tablename="zone", column_name="a")

    return manager
"""


def test_what_comes_in_any_order_is_written_in_one_and_after_what_it_needs() -> None:
    text = ordered(MADE)
    places = [text.index(word) for word in
              ("class Worker", "class Visit", '"Area"', '"Zone", tablename="zone")', '"a"', '"b"')]  # fmt: skip
    assert places == sorted(places)
    assert sorted(text.split()) == sorted(MADE.split())
    assert ordered(text) == text


def test_the_recorded_tables_stand_in_that_order() -> None:
    text = (Path(__file__).parents[2] / "migrations/registry" / NAME).read_text()
    assert ordered(text) == text
