"""PostgreSQL by itself: no state of a case changes but by the step that leads to it, as the rules have it."""

from datetime import datetime

import pytest

from registry.certification import intake, rules
from registry.certification.rules import Act, State
from registry.core.db import execute, fetch
from registry.core.ids import uuid7
from tests.registry.certification import scene
from tests.registry.certification.scene import OLGA, REASON, Scene
from tests.registry.certification.test_decided_only import put

NEVER_STORED = State.EXPIRED


async def test_the_database_knows_the_rows_that_change_a_state_and_no_other(db: None) -> None:
    found = await fetch(
        "SELECT b, a, t FROM unnest($1::text[]) b, unnest($2::text[]) a, unnest($1::text[]) t WHERE leads_to(b, a, t)",
        [str(state) for state in State], [str(act) for act in Act],
    )  # fmt: skip
    wanted = {
        (before, act, after) for (before, act), after in rules.AFTER.items()
        if after is not before and before is not NEVER_STORED
    }  # fmt: skip
    assert {(row["b"], row["a"], row["t"]) for row in found} == wanted


@pytest.mark.parametrize("to", ["returned", "accepted", "declined", "cancelled", "lapsed", "planned", "reviewed"])
async def test_an_application_is_not_moved_by_hand(hotel: Scene, now: datetime, to: str) -> None:
    await put(await scene.applied(now, hotel), to, f"no step leads from applied to {to}")


async def test_a_certificate_is_not_ended_by_hand_nor_by_a_step_that_leads_elsewhere(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    for to in ("ended", "cancelled", "lapsed", "declined", "evaluated"):
        await put(case, to, f"no step leads from granted to {to}")
    await execute(
        "INSERT INTO step (id, certification, act, state, units, reason, taken_by, name, taken_at, \"order\")"
        " VALUES ($1, $2, 'cancel', 'cancelled', '{}', $3, $4, 'Olga', $5, 99)",
        uuid7(), case, REASON, OLGA.id, now,
    )  # fmt: skip
    await put(case, "cancelled", "no step leads from granted to cancelled")
    await put(case, "ended", "no step leads from granted to ended")


async def test_a_step_leads_once(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    await intake.return_application(OLGA, now, case, REASON)
    await intake.complete_application(hotel.ana, now, case, REASON)
    await put(case, "returned", "no step leads from applied to returned")
