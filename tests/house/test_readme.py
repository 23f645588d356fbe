"""The README's map is the tree, and its words are the plaques': `python -m tests.house.test_readme` prints it anew."""

import ast
import importlib
import re
from pathlib import Path

import click

from registry.cli import ROOMS, main

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"


def plaque(folder: Path) -> str:
    """The first sentence of a room's plaque."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    return re.split(r"(?<=[.])\s", " ".join(text.split()))[0].rstrip(".")


def rooms() -> list[Path]:
    """Every package, outermost first."""
    found = [path.parent for top in ("registry", "public_site", "audit") for path in (ROOT / top).rglob("__init__.py")]
    return sorted(found)


def lines() -> list[str]:
    return [f"| `{room.relative_to(ROOT)}/` | {plaque(room)} |" for room in rooms()]


def test_the_map_is_the_tree() -> None:
    text = README.read_text()
    shown = re.search(r"<!-- map.*?-->\n(.*?)<!-- /map -->", text, re.S)
    assert shown, "README.md has no map"
    rows = [line for line in shown[1].splitlines() if line.startswith("| `")]
    assert rows == lines()


def test_every_room_has_a_plaque_and_no_code_in_it() -> None:
    for room in rooms():
        body = ast.parse((room / "__init__.py").read_text()).body
        assert len(body) == 1, f"{room}/__init__.py holds more than its plaque"
        assert plaque(room), room


def test_commands_the_readme_names_exist() -> None:
    named = set(re.findall(r"`registry ([a-z]+)", README.read_text()))
    known = set(main.list_commands(click.Context(main)))
    assert named <= known, named - known


def test_every_command_is_made_by_the_rooms_it_is_looked_for_in() -> None:
    made: dict[str, set[str]] = {}
    for path in sorted(Path("registry").glob("*/commands.py")):
        for command in importlib.import_module(f"registry.{path.parent.name}.commands").COMMANDS:
            made.setdefault(command.name, set()).add(path.parent.name)
    for name, rooms in ROOMS.items():
        assert main.get_command(click.Context(main), name) is not None, name
        assert made[name] <= set(rooms), name
    assert made.keys() == ROOMS.keys()


if __name__ == "__main__":
    print("\n".join(lines()))
