"""An application is accepted point by point, and with the class of its risk (7.3)."""

from datetime import datetime

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.certification import file, intake, queries, screening
from registry.certification.rules import State
from registry.certification.sampling import Risk
from registry.certification.screening import Point, Screening
from registry.core.db import execute, transaction
from registry.core.errors import Invalid
from registry.core.ids import uuid7
from tests.registry.certification import scene
from tests.registry.certification.looks import state
from tests.registry.certification.scene import OLGA, Scene

NEAR = "Está junto a la frontera y rota mucho personal."


@given(st.frozensets(st.sampled_from(list(Point))), st.sampled_from(list(Risk)), st.sampled_from(["", "no", NEAR]))
def test_only_a_review_that_is_whole_and_says_what_its_risk_comes_from_accepts(
    checked: frozenset[Point], risk: Risk, factors: str
) -> None:
    whole = checked == set(Point) and (risk is Risk.LOW or factors == NEAR)
    try:
        screening.whole(Screening(checked=checked, risk=risk, factors=factors))
    except Invalid:
        assert not whole
    else:
        assert whole


async def test_the_review_of_an_application_is_kept_and_its_risk_is_the_cases(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    with pytest.raises(Invalid, match="screening-incomplete"):
        await intake.accept_application(OLGA, now, case, Screening())
    found = Screening(checked=frozenset(Point), risk=Risk.RAISED, factors=NEAR)
    await intake.accept_application(OLGA, now, case, found)
    assert (await queries.case(OLGA, case, now)).risk is Risk.RAISED
    kept = await file.screened(case)
    assert kept is not None and set(kept["checked"]) == set(Point) and kept["factors"] == NEAR
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        async with transaction():
            await execute("UPDATE application_review SET risk = 'low' WHERE certification = $1", case)


async def test_the_database_accepts_no_application_that_nobody_reviewed(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    with pytest.raises(asyncpg.CheckViolationError, match="nobody reviewed"):
        async with transaction():
            await execute(
                "INSERT INTO step (id, certification, act, state, units, reason, taken_by, name, taken_at, \"order\")"
                " VALUES ($1, $2, 'accept', 'accepted', '{}', '', $3, 'Olga', $4, 99)",
                uuid7(), case, OLGA.id, now,
            )  # fmt: skip
            await execute("UPDATE certification SET state = 'accepted' WHERE id = $1", case)
    assert await state(case, now) is State.APPLIED
