"""A team is sent where its people together know the kind of business and speak the holder's language (6.1.2)."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.certification import competence, intake, planning, service, ties
from registry.certification.competence import Competence
from registry.certification.rules import State
from registry.certification.schemas import Plan
from registry.clients.rules import ClientKind
from registry.core.db import execute, transaction
from registry.core.errors import Invalid, NotFound
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.looks import events, state
from tests.registry.certification.scene import BRUNO, CARLA, NADIA, OLGA, Scene

COURSE = "Curso de auditoría de 16 horas y una visita acompañada."
KNOWN = st.builds(
    Competence, person=st.just(UUID(int=1)), kinds=st.frozensets(st.sampled_from(list(ClientKind)), max_size=3),
    languages=st.frozensets(st.sampled_from(["es", "en"])),
)  # fmt: skip


@given(st.lists(KNOWN, max_size=3), st.frozensets(st.sampled_from(list(ClientKind)), min_size=1, max_size=2))
def test_a_team_knows_what_its_people_know_together(team: list[Competence], kinds: frozenset[ClientKind]) -> None:
    knows = all(any(kind in one.kinds for one in team) for kind in kinds)
    speaks = any("es" in one.languages for one in team)
    try:
        competence.covers(team, kinds, "es")
    except Invalid as refusal:
        assert refusal.code == ("team-lacks-language" if knows else "team-lacks-kind")
        assert not (knows and speaks)
    else:
        assert knows and speaks


async def knows(now: datetime, person: UUID, *kinds: ClientKind, languages: tuple[str, ...] = ("es",)) -> None:
    found = Competence(person=person, kinds=frozenset(kinds), languages=frozenset(languages), basis=COURSE)
    await ties.record_competence(OLGA, now, found)


async def test_nobody_is_sent_to_a_kind_of_business_or_a_language_the_team_does_not_know(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.applied(now, hotel)
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
    await knows(now, BRUNO.id, ClientKind.TAXI)
    await knows(now, NADIA.id, ClientKind.LODGING, languages=("pt",))
    one, other = BRUNO.id, NADIA.id
    with pytest.raises(Invalid, match="team-lacks-kind"):
        await service.plan(OLGA, now, case, Plan(team=(one,), lead=one, visit_on=now.date()))
    with pytest.raises(Invalid, match="team-lacks-language"):
        await service.plan(OLGA, now, case, Plan(team=(other,), lead=other, visit_on=now.date()))
    await service.plan(OLGA, now, case, Plan(team=(one, other), lead=other, visit_on=now.date()))
    assert await state(case, now) is State.PLANNED


async def test_what_is_recorded_of_an_auditor_is_added_to_and_never_changed(hotel: Scene, now: datetime) -> None:
    with pytest.raises(NotFound, match="person-not-found"):
        await knows(now, CARLA.id, ClientKind.TAXI)
    with pytest.raises(Invalid, match="reason-too-short"):
        await ties.record_competence(
            OLGA, now, Competence(person=BRUNO.id, kinds=frozenset(), languages=frozenset(), basis="sí")
        )
    await knows(now + timedelta(days=1), BRUNO.id)
    assert (await planning.competences([BRUNO.id]))[BRUNO.id].kinds == frozenset()
    assert "certification.competence_recorded" in await events(BRUNO.id)
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        async with transaction():
            await execute("UPDATE auditor_competence SET basis = 'otra cosa distinta'")


async def test_an_officer_reads_and_writes_what_auditors_know(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    olga = await sign_in(OLGA)
    shown = (await olga.get("/desk/auditors")).text
    assert BRUNO.name in shown and "Curso de 16 horas." in shown
    wrong = await olga.post("/desk/auditors", data={"person": str(BRUNO.id), "kinds": ["taxi"], "basis": "sí"})
    assert wrong.status_code == 422
    data = {"person": str(BRUNO.id), "kinds": ["taxi", "lodging"], "languages": "fr", "basis": COURSE}
    assert (await olga.post("/desk/auditors", data=data)).status_code == 303
    assert (await planning.competences([BRUNO.id]))[BRUNO.id].languages == {"fr"}
