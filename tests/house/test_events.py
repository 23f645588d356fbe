"""Every event that is announced has a line in reactions.py, every line is announced somewhere, every job exists."""

import ast
from pathlib import Path

from registry.reactions import REACTIONS

ROOT = Path(__file__).parent.parent.parent


def announced() -> dict[str, str]:
    """Event -> file, for every literal first argument of a call named announce, and of f-strings by their prefix."""
    found: dict[str, str] = {}
    for path in [*ROOT.glob("registry/**/*.py"), *ROOT.glob("audit/**/*.py"), *ROOT.glob("public_site/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name != "announce":
                continue
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found[part.value] = str(path.relative_to(ROOT))
    return found


def test_every_announced_event_has_a_line() -> None:
    for event, path in announced().items():
        known = event in REACTIONS or (event.endswith(".") and any(line.startswith(event) for line in REACTIONS))
        assert known, f"{event} ({path}) has no line in reactions.py"


def test_every_line_is_announced_by_somebody() -> None:
    said = announced()
    prefixes = tuple(event for event in said if event.endswith("."))
    source = "\n".join(path.read_text() for path in ROOT.glob("registry/**/*.py") if path.name != "reactions.py")
    for event in REACTIONS:
        assert event in said or f'"{event}"' in source or (prefixes and event.startswith(prefixes)), event


def test_every_job_is_an_async_function_of_a_jobs_file() -> None:
    for event, jobs in REACTIONS.items():
        for job in jobs:
            assert job.__module__.endswith(".jobs"), f"{event}: {job.__module__}.{job.__name__}"
