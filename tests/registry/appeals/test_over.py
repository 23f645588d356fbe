"""An appeal upheld when its certificate is over: on record, told, nothing revived, and no way closed for its sake."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from registry.access.permissions import Role
from registry.appeals import queries, service
from registry.appeals.rules import State
from registry.certification import queries as cases
from registry.certification import scope as covering
from registry.certification import service as certification
from registry.certification.guards import Cause
from registry.certification.rules import State as CaseState
from registry.core.context import Context
from registry.core.errors import Conflict
from registry.outbox import service as outbox
from tests.registry.appeals import scene
from tests.registry.certification.looks import state
from tests.registry.certification.scene import DIEGO, OLGA, REASON, Scene, applied, person

CARMEN = person(110, "Carmen Díaz", Role.DECIDER)
Later = Callable[[float], datetime]


@pytest.fixture
def later(now: datetime) -> Later:
    """So many hours on."""
    return lambda hours: now + timedelta(hours=hours)


async def test_an_appeal_upheld_when_its_certificate_is_over_is_carried_out_on_record_and_revives_nothing(
    hotel: Scene, later: Later, context: Context
) -> None:
    appeal = await scene.ruled(later(0), hotel)
    case = (await queries.case(OLGA, appeal)).certification
    await covering.end(hotel.ana, later(1), case, "Cerramos el hotel a fin de mes, gracias por todo.")
    with pytest.raises(Conflict, match="reapply-too-early"):  # it ended under a suspension
        await applied(later(2), hotel)
    await service.carry_out(DIEGO, later(3), appeal, REASON)
    assert await state(case, later(3)) is CaseState.ENDED
    assert (await queries.case(OLGA, appeal)).state is State.CLOSED
    await outbox.drain(context, later(3))
    assert await applied(later(4), hotel)  # and that was all it had fled from


async def test_what_expired_while_suspended_can_be_renewed_once_the_suspension_is_annulled(
    hotel: Scene, later: Later
) -> None:
    appeal = await scene.ruled(later(0), hotel)
    case = (await queries.case(OLGA, appeal)).certification
    expired = later(24 * 740)
    assert await state(case, expired) is CaseState.EXPIRED
    await service.carry_out(DIEGO, expired, appeal, REASON)
    assert await state(case, expired) is CaseState.EXPIRED
    assert (await cases.case(OLGA, case, expired)).state is CaseState.GRANTED


async def test_annulling_a_suspension_does_not_end_the_wait_after_a_withdrawal(hotel: Scene, later: Later) -> None:
    appeal = await scene.ruled(later(0), hotel)
    case = (await queries.case(OLGA, appeal)).certification
    await certification.withdraw(DIEGO, later(1), case, REASON, cause=Cause.FRAUD)
    await service.carry_out(CARMEN, later(2), appeal, REASON)
    with pytest.raises(Conflict, match="reapply-too-early"):
        await applied(later(3), hotel)
