"""Every verb has a permission some role holds, a trail entry, and a test that calls it."""

import ast
import importlib
import inspect
import textwrap
from pathlib import Path

import pytest

from registry.access.permissions import GRANTS, Permission, Role
from registry.access.verbs import VERBS

ROOT = Path(__file__).parent.parent.parent
for path in [*ROOT.glob("registry/*/service*.py"), *ROOT.glob("audit/*/service*.py"), *ROOT.glob("registry/*/*.py")]:
    if "@verb(" in path.read_text():
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

ALL = sorted(name for name in VERBS if not name.startswith("tests."))
RECORDS = {"record", "record_many"}
OWN_TRAIL_IN_SQL = {"registry.reports.service.file", "registry.reports.service.look", "registry.reports.service.drill",
                    "registry.reports.service.notified", "registry.complaints.service.lodge",
                    "registry.complaints.service.look"}  # fmt: skip
"""The sealed reports keep their own event log: `reports.file` writes its first entry in SQL, under a role that may not
read the table; a look into a reply box leaves only its day. So does a complaint, and whoever reads its answer leaves
nothing."""


def calls(source: str) -> set[str]:
    """Names of everything a piece of source calls."""
    found = set()
    for node in ast.walk(ast.parse(textwrap.dedent(source))):
        if isinstance(node, ast.Call):
            found.add(node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
    return found


def reaches_the_trail(name: str) -> bool:
    """Whether a verb records, itself or through helpers and verbs of its own file."""
    module = importlib.import_module(name.rsplit(".", 1)[0])
    functions = {key: value for key, value in vars(module).items() if inspect.isfunction(value)}
    seen: set[str] = set()
    waiting = [name.rsplit(".", 1)[1]]
    while waiting:
        key = waiting.pop()
        if key in seen or key not in functions:
            continue
        seen.add(key)
        called = calls(inspect.getsource(inspect.unwrap(functions[key])))
        if called & RECORDS:
            return True
        waiting += called
    return False


@pytest.mark.parametrize("name", sorted(set(ALL) - OWN_TRAIL_IN_SQL))
def test_a_verb_leaves_a_trail_entry(name: str) -> None:
    assert reaches_the_trail(name), f"{name} records nothing"


@pytest.mark.parametrize("name", ALL)
def test_a_verb_has_a_test(name: str) -> None:
    word = name.rsplit(".", 1)[1]
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    assert any(f"{word}(" in path.read_text() or f"/{word}" in path.read_text() for path in tests), name


def test_every_permission_is_held_by_some_role_and_used_by_some_verb_or_page() -> None:
    granted = frozenset().union(*GRANTS.values())
    source = "\n".join(path.read_text() for path in [*ROOT.glob("registry/*/*.py"), *ROOT.glob("audit/*/*.py")]
                       if path.name != "permissions.py")  # fmt: skip
    for permission in Permission:
        assert permission in granted, permission
        assert f"Permission.{permission.name}" in source, f"{permission} is used nowhere"


def test_separation_of_duties_is_in_the_grants() -> None:
    """Who runs the system or the scheme may not evaluate, review, decide or sign; who evaluates may not decide."""
    hands_off = {Permission.CERTIFICATION_EVALUATE, Permission.CERTIFICATION_REVIEW, Permission.CERTIFICATION_DECIDE,
                 Permission.COMMITMENTS_SIGN}  # fmt: skip
    for role in (Role.SYSTEM, Role.ADMINISTRATOR, Role.OFFICER, Role.ASSOCIATION_ADMIN, Role.TRAINER, Role.INSPECTOR):
        assert not GRANTS[role] & hands_off, role
    assert Permission.CERTIFICATION_DECIDE not in GRANTS[Role.AUDITOR] | GRANTS[Role.REVIEWER]
    reports = {permission for permission in Permission if permission.value.startswith("reports:")}
    for role in set(Role) - {Role.AUTHORITY_OFFICER, Role.AUTHORITY_AGENT, Role.STRANGER, Role.SYSTEM}:
        assert not GRANTS[role] & reports, f"{role} may touch reports"
