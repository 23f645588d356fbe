"""Incidents in a Primero on a real port: once, whatever happens, and nothing told to us but the kind of a refusal."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from registry.access.actor import STRANGER, SYSTEM
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Invalid
from registry.reports import delivery, jobs, service, told
from registry.reports.agent import deliver, primero
from registry.reports.agent.caller import at_once
from registry.reports.rules import Blocked
from tests.public_site.report_form import vectors
from tests.registry.reports.agent.primero_server import MAPPING, Primero
from tests.registry.reports.agent.test_paper import NOW, case
from tests.registry.reports.agent.test_round import agent, cases
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing


@pytest.fixture
def primero_here() -> Iterator[Primero]:
    with Primero() as running:
        yield running


def door(server: Primero, folder: Path, mapping: dict[str, Any] | None = None, password: str = "p") -> primero.Door:
    (folder / "map.json").write_text(json.dumps(mapping or MAPPING))
    to = deliver.Primero(server.url, "resguardo", "p.txt", "map.json")
    return primero.Door(httpx.AsyncClient(), to, password, primero.mapping(folder / "map.json"), at_once(NOW))


async def test_an_incident_has_our_id_and_only_what_the_mapping_says(primero_here: Primero, tmp_path: Path) -> None:
    one = case("Vi dinero.")
    await door(primero_here, tmp_path).post(one)
    assert primero_here.incidents == {
        str(one.envelope): {
            "id": str(one.envelope), "module_id": "primeromodule-cp", "incident_location": "CR05",
            "cp_incident_violence_type": "sexual_exploitation", "incident_description": "Vi dinero.",
            "urgent_protection_concern": True,
        }
    }  # fmt: skip


async def test_posting_twice_makes_one_and_a_token_that_was_forgotten_is_asked_for_again(
    primero_here: Primero, tmp_path: Path
) -> None:
    calls = door(primero_here, tmp_path)
    await calls.post(case("x"))
    primero_here.forget()
    await calls.post(case("x"))
    assert len(primero_here.incidents) == 1
    assert [a for a in primero_here.asked if a == ("POST", "/tokens")] == [("POST", "/tokens")] * 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nobody_knows_this": {"from": "narrative"}}, "mapping-unknown-fields"),
        ({"incident_date": {"from": "when", "lookup": "lookup-none"}}, "mapping-unknown-lookups"),
        ({"incident_date": {"value": "x", "lookup": "lookup-violence-type"}}, "mapping-unknown-values"),
        ({"incident_location": {"from": "place.code", "values": {"CR-G": "XX"}, "lookup": "locations"}},
         "mapping-unknown-values"),
    ],
)  # fmt: skip
async def test_a_mapping_that_does_not_fit_is_told_before_anything_is_sent(
    primero_here: Primero, tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    calls = door(primero_here, tmp_path, {"fields": MAPPING["fields"] | change})
    with pytest.raises(Invalid, match=code):
        await calls.check()
    with pytest.raises(primero.Stuck) as stuck:
        await calls.post(case("x"))
    assert stuck.value.why is Blocked.MAPPING and ("POST", "/incidents") not in primero_here.asked


@pytest.mark.parametrize("fields", [{"name": {"from": "narrative"}}, {"survivor_name_first": {"value": "x"}},
                                    {"incident_description": {"from": "contact"}},
                                    {"incident_description": {"from": "adults.name"}},
                                    {"incident_description": {"from": "narrative", "value": "both"}},
                                    {"incident_description": {}}, {}])  # fmt: skip
def test_no_mapping_may_name_a_person_or_copy_a_contact(tmp_path: Path, fields: dict[str, Any]) -> None:
    (tmp_path / "m.json").write_text(json.dumps({"fields": fields}))
    with pytest.raises(Invalid):
        primero.mapping(tmp_path / "m.json")


async def test_a_wrong_password_and_a_right_that_is_missing_are_told_apart_from_a_line_that_is_down(
    primero_here: Primero, tmp_path: Path
) -> None:
    with pytest.raises(primero.Stuck) as stuck:
        await door(primero_here, tmp_path, password="wrong").post(case("x"))
    assert stuck.value.why is Blocked.NOT_ALLOWED
    primero_here.refuse = 403
    with pytest.raises(primero.Stuck):
        await door(primero_here, tmp_path).post(case("x"))
    primero_here.refuse = 500
    with pytest.raises(ConnectionError):
        await door(primero_here, tmp_path).post(case("x"))


async def test_what_primero_refuses_is_blocked_without_a_word_of_it_and_goes_on_when_it_is_mended(
    world: World, primero_here: Primero
) -> None:
    await service.file(STRANGER, world.now, world.context, filing(narrative="canario-turquesa"))
    primero_here.refuse = 422
    done = await agent(world, system=door(primero_here, world.folder)).once()
    assert (done.opened, done.blocked) == (0, 1) and "blocked-unknown_lookup" in done.alarms
    row = await only(world)
    assert (row["blocked"], row["acknowledged_at"]) == ("unknown_lookup", None)
    said = await fetch(
        "SELECT note, statement FROM reports.event WHERE envelope = $1 AND name = 'reports.blocked'", row["id"],
        engine=REPORTS_DB,
    )  # fmt: skip
    assert [(s["note"], s["statement"]) for s in said] == [("unknown_lookup", None)]
    for _ in range(2):
        await jobs.tell_stuck(world.context, world.now)
    assert await delivery.stuck() == []
    await delivery.stuck_told(SYSTEM, world.now, [])
    (letter,) = (world.context.config.data / "mail").glob("alarm-*.eml")
    written = letter.read_text()
    assert "unknown_lookup" in written and "canario" not in written and str(row["id"])[:8] not in written
    assert len(cases(world)) == 1, "people can read it meanwhile, in the authority's own folder"
    primero_here.refuse = 0
    for _ in range(2):
        done = await agent(world, system=door(primero_here, world.folder)).once()
    row = await only(world)
    assert (row["blocked"], row["state"], len(primero_here.incidents)) == ("", "acknowledged", 1)


async def test_a_primero_that_is_down_loses_nothing_and_a_drill_makes_no_incident(
    world: World, primero_here: Primero
) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    calls = door(primero_here, world.folder)
    primero_here.refuse = 503
    assert (await agent(world, system=calls).once()).blocked == 1
    primero_here.refuse = 0
    await service.drill(SYSTEM, world.now, world.context, world.authority)
    done = await agent(world, system=calls).once()
    assert (done.opened, done.drills, len(primero_here.incidents)) == (2, 1, 1)


def test_what_the_form_asks_since_reaches_a_field_and_the_name_of_an_adult_none(tmp_path: Path) -> None:
    report = msgspec.to_builtins(told.written(vectors.fields(vectors.FORMS[5]), "es"))
    one = msgspec.structs.replace(case("x"), report=report)
    asked = {"a": "vehicle.plate", "b": "children.age", "c": "moment.date", "d": "child_in_danger_now", "e": "nowhere"}
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"fields": {name: {"from": source} for name, source in asked.items()}}))
    made = primero.incident(one, primero.mapping(path))
    assert (made["a"], made["b"], made["c"], made["d"]) == ("SJB-482", ["6-11", "12-17"], "2026-11-19", True)
    assert "e" not in made
    path.write_text(json.dumps({"fields": {"a": {"from": "adults.name"}}}))
    with pytest.raises(Invalid, match="mapping-names-somebody"):
        primero.mapping(path)


async def test_what_no_database_keeps_does_not_block_a_report(primero_here: Primero, tmp_path: Path) -> None:
    """A browser of one's own seals what it likes. PostgreSQL keeps no NUL, and no form takes the 99th of a month: the
    incident was refused again and again, until the office's time was over and its gate closed."""
    mapped = {"fields": {"incident_description": {"from": "narrative"}, "incident_date": {"from": "moment.date"}}}
    for day, kept in (("2026-99-99", False), ("2026-11-20", True)):
        one = case("Vi\x00 a\u202e un\x1b[2J\nhombre")
        one = msgspec.structs.replace(one, report=one.report | {"moment": {"date": day}})
        primero_here.incidents.clear()
        await door(primero_here, tmp_path, mapped).post(one)
        (made,) = primero_here.incidents.values()
        assert made["incident_description"] == "Vi a un[2J\nhombre" and ("incident_date" in made) is kept
