"""Every verb has a permission some role holds, a trail entry, and a test that calls it."""

import ast
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from registry.access.permissions import GRANTS, Permission, Role
from registry.access.verbs import VERBS
from registry.reports import steps as reports
from registry.trail import service as trail

ROOT = Path(__file__).parent.parent.parent
for path in [*ROOT.glob("registry/*/service*.py"), *ROOT.glob("audit/*/service*.py"), *ROOT.glob("registry/*/*.py")]:
    if "@verb(" in path.read_text():
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

ALL = sorted(name for name in VERBS if not name.startswith("tests."))
OWN_TRAIL_IN_SQL = {"registry.reports.service.file", "registry.reports.service.look", "registry.reports.service.drill",
                    "registry.reports.service.carry", "registry.reports.service.enter",
                    "registry.complaints.service.lodge",
                    "registry.complaints.service.look", "registry.complaints.service.report_mismatch"}  # fmt: skip
"""The sealed reports keep their own event log: `reports.file` writes its first entry in SQL, under a role that may not
read the table; a look into a reply box leaves only its day. So do a complaint and a notice (their own tests read the
entry), and whoever reads an answer leaves nothing."""
RECORDERS = (trail.record, trail.record_many, reports.record, reports.record_many)
"""What writes an entry: into the house's trail, or into the one of the sealed reports."""


def resolved(dotted: str, names: dict[str, Any]) -> object | None:
    """What `moves.add_step` or `record` is where these names are known; None for what is nothing of ours."""
    head, *rest = dotted.split(".")
    found = names.get(head)
    for part in rest:
        if not inspect.ismodule(found):
            return None
        found = getattr(found, part, None)
    home = getattr(found, "__module__", None) or ""
    named = callable(found) and hasattr(found, "__qualname__")  # the group of commands is called too, and has no name
    return found if named and home.startswith(("registry.", "audit.")) else None


def called(function: Callable[..., Any]) -> Iterator[object]:
    """The functions of ours that a function calls."""
    module = importlib.import_module(function.__module__)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (found := resolved(ast.unparse(node.func), vars(module))):
            yield found


def reaches_the_trail(name: str) -> bool:
    """Whether a verb records, itself or through what it calls: followed by what names are, not by how they read."""
    module, _, word = name.rpartition(".")
    seen: set[object] = set()
    waiting: list[Any] = [getattr(importlib.import_module(module), word)]
    while waiting:
        one = waiting.pop()
        if one in RECORDERS:
            return True
        if one not in seen and inspect.isfunction(one):
            seen.add(one)
            waiting += called(inspect.unwrap(one))
    return False


def used(path: Path) -> Iterator[object]:
    """The functions of ours that a test file names, by its imports."""
    tree = ast.parse(path.read_text())
    names: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("registry", "audit")):
            module = importlib.import_module(node.module)
            for one in node.names:
                known = getattr(module, one.name, None) or importlib.import_module(f"{node.module}.{one.name}")
                names[one.asname or one.name] = known
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and (found := resolved(ast.unparse(node), names)):
            yield found


@cache
def covered() -> set[str]:
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    return {f"{one.__module__}.{one.__qualname__}" for path in files for one in used(path)}  # type: ignore[attr-defined]


THROUGH = {
    "registry.witnesses.service.keep": "registry.witnesses.jobs.gather",
    "registry.reports.ringing.rung": "registry.reports.ringing.ring",
}
"""Verbs that only a job calls, and the job its tests call."""


@pytest.mark.parametrize("name", sorted(set(ALL) - OWN_TRAIL_IN_SQL))
def test_a_verb_leaves_a_trail_entry(name: str) -> None:
    assert reaches_the_trail(name), f"{name} records nothing"


@pytest.mark.parametrize("name", ALL)
def test_a_verb_has_a_test(name: str) -> None:
    """One that names this very function: a word such as `close` stands in many tests and is many functions."""
    assert THROUGH.get(name, name) in covered(), name


def test_the_two_checks_above_see_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verb that records nothing and that no test names is told by both."""
    here = sys.modules[__name__]

    async def silent(actor: object, now: object) -> None:
        _ = "trail.record(…) is only a word here"

    silent.__module__, silent.__qualname__ = __name__, "silent"
    monkeypatch.setattr(here, "silent", silent, raising=False)
    assert not reaches_the_trail(f"{__name__}.silent")
    assert f"{__name__}.silent" not in covered()
    assert "registry.certification.service.suspend" in covered()


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
    # An operator types a report for a caller and an officer keeps the gates: neither reads or counts one.
    blind = {Role.HOTLINE_OPERATOR: Permission.REPORTS_ENTER, Role.OFFICER: Permission.REPORTS_GATE}
    reports = {permission for permission in Permission if permission.value.startswith("reports:")}
    for role in set(Role) - {Role.AUTHORITY_OFFICER, Role.AUTHORITY_AGENT, Role.STRANGER, Role.SYSTEM}:
        assert GRANTS[role] & reports <= {blind.get(role)}, f"{role} may touch reports"
    assert all([role for role in Role if one in GRANTS[role]] == [only] for only, one in blind.items())
