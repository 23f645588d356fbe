"""The README's map is the tree, and its words are the plaques': `python -m tests.house.test_readme` prints it anew."""

import ast
import re
from pathlib import Path

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
    from registry.cli import main

    named = set(re.findall(r"`registry ([a-z]+)", README.read_text()))
    assert named <= set(main.commands), named - set(main.commands)


if __name__ == "__main__":
    print("\n".join(lines()))
