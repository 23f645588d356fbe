"""Every event that any verb records has its sentence on the trail's page, and no sentence is for nothing."""

import ast
import re
from pathlib import Path

from registry.indicators.words import EVENTS, PAGES, page_of
from tests.house.who_may import TABLE

ROOT = Path(__file__).parent.parent.parent
EVENT = re.compile(r"[a-z]+\.[a-z_]+")
IN_SQL = re.compile(r"'([a-z]+\.[a-z_]+)'")


def recorded() -> dict[str, str]:
    """Event -> file. A call that is handed its event in a variable counts every event its file names."""
    found: dict[str, str] = {}
    for path in [*ROOT.glob("registry/**/*.py"), *ROOT.glob("audit/**/*.py")]:
        tree = ast.parse(path.read_text())
        named = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for node in ast.walk(tree):
            event = _event(node)
            if event is None:
                continue
            here = path.relative_to(ROOT).as_posix()
            if isinstance(event, ast.Constant):
                found[str(event.value)] = here
            else:
                room = path.parent.name
                found |= {name: here for name in named if EVENT.fullmatch(name) and name.startswith(room + ".")}
    for path in ROOT.glob("migrations/*/*.py"):
        text = path.read_text()
        if "INSERT INTO public.trail_entry" in text:
            found |= dict.fromkeys(IN_SQL.findall(text), path.name)
    return found


def _event(node: ast.AST) -> ast.expr | None:
    """The third argument of `trail.record(actor, now, event, …)` and its like."""
    if not isinstance(node, ast.Call) or len(node.args) < 3:
        return None
    called = ast.unparse(node.func)
    if called in ("trail.record", "trail.record_many"):
        return node.args[2]
    inside = called == "record" and isinstance(node.args[2], ast.Constant)
    return node.args[2] if inside else None


NOT_OF_THE_TRAIL = {"seals.changed"}
"""Announced, never recorded: named in a file that hands its events on."""


def test_every_recorded_event_has_its_sentence() -> None:
    events = recorded()
    assert len(events) > 80
    missing = {event: path for event, path in events.items() if event not in EVENTS and event not in NOT_OF_THE_TRAIL}
    assert not missing, missing


def test_every_sentence_is_of_an_event_that_is_recorded() -> None:
    assert set(EVENTS) <= set(recorded()), set(EVENTS) - set(recorded())


def test_every_page_of_the_trail_is_a_route() -> None:
    pages = {re.sub(r"\{[^}]+\}", "{}", route) for route in TABLE}
    rooms = {event.partition(".")[0] for event in EVENTS}
    for event in PAGES:
        assert event in EVENTS or event in rooms, event
        where = page_of(event)
        assert where is None or f"GET {where[1]}" in pages, where
