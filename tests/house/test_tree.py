"""What the tree promises: files a person reads in one go, migrations nothing confuses, rooms that travel whole."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("registry", "public_site", "audit")
LINES = 350
GENERATED = "_tables.py"  # written by Piccolo from tables.py


def modules() -> list[Path]:
    return [path for top in (*PACKAGES, "migrations", "tests") for path in sorted((ROOT / top).rglob("*.py"))]


def test_no_file_hides_a_second_room() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in modules()
        if not path.name.endswith(GENERATED) and (lines := len(path.read_text().splitlines())) > LINES
    }
    assert not long


def test_no_two_migrations_have_the_same_name() -> None:
    names = [path.name for path in (ROOT / "migrations").glob("*/*.py") if path.name != "__init__.py"]
    assert len(names) == len(set(names)), sorted(names)


def test_every_migration_says_which_it_is() -> None:
    """An ID of its own (test_schema: unique in its app), and one that Piccolo sorts after the tables it guards."""
    for app in ("registry", "audit"):
        ids = {
            path.name: found[1]
            for path in (ROOT / "migrations" / app).glob("*.py")
            if path.name != "__init__.py" and (found := re.search(r'^ID = "([^"]+)"', path.read_text(), re.M))
        }
        assert len(ids) == len(list((ROOT / "migrations" / app).glob("*.py")))
        first = min(ids, key=lambda name: ids[name])
        assert first.endswith(GENERATED), ids


@pytest.mark.parametrize("package", PACKAGES)
def test_an_installed_house_has_its_pages_words_and_fonts(package: str) -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    folder = ROOT / package
    rooms = [folder, *(path.parent for path in folder.rglob("__init__.py"))]
    carried = {path for room in rooms for pattern in patterns for path in room.glob(pattern)}
    left = [
        path.relative_to(ROOT).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and path not in carried and not _made(path)
    ]
    assert not left


def _made(path: Path) -> bool:
    """Compiled catalogues and bytecode are made anew wherever they are; client modules travel gathered, in static/."""
    return bool({".compiled", "__pycache__", "client"} & set(path.parts))
