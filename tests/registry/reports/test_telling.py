"""Offices and people are told, whatever the post and the clock do. Weeks of it: tests/channel/check_11.py."""

from datetime import UTC, datetime, timedelta

import msgspec

from registry.access.actor import STRANGER
from registry.core.db import execute
from registry.reports import jobs, service
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing


async def test_a_silence_while_the_post_is_down_is_told_to_people_when_it_is_back(world: World) -> None:
    class Down:
        async def send(self, *_: object, **__: object) -> None:
            raise OSError("down")

    await service.file(STRANGER, world.now, world.context, filing())
    late = world.now + timedelta(hours=80)
    await jobs.beat(msgspec.structs.replace(world.context, mail=Down()), late)
    await jobs.beat(world.context, late + timedelta(days=2))
    letters = list((world.context.config.data / "mail").glob("alarm-*.eml"))
    assert len(letters) == 1
    await jobs.beat(world.context, late + timedelta(days=3))
    assert len(list((world.context.config.data / "mail").glob("alarm-*.eml"))) == 1


async def test_one_address_that_is_refused_keeps_no_other_contact_from_hearing(world: World) -> None:
    told: list[str] = []

    class Refuses:
        async def send(self, to: str, *_: object, **__: object) -> None:
            if to == "guardia@upn.test":
                raise OSError("550")
            told.append(to)

    await service.file(STRANGER, world.now, world.context, filing())
    await jobs.deliver(msgspec.structs.replace(world.context, mail=Refuses()), world.now)
    assert told == ["jefatura@upn.test"] and (await only(world))["notified_at"] is not None


async def test_an_office_without_any_contact_was_not_told(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await execute("UPDATE public.authority_contact SET confirmed_at = NULL")
    await jobs.deliver(world.context, world.now)
    assert (await only(world))["notified_at"] is None


def test_a_clock_that_jumped_is_not_believed_for_a_day() -> None:
    steady, now = jobs.Steady(), datetime(2026, 11, 20, tzinfo=UTC)
    assert steady.sure(now, 0.0) and steady.sure(now + timedelta(hours=1), 3600.0)
    assert not steady.sure(now + timedelta(days=400), 3601.0)
    assert not steady.sure(now + timedelta(hours=2), 7200.0), "set right again, it jumped a second time"
    assert steady.sure(now + timedelta(hours=27), 7200.0 + 25 * 3600)


def test_after_a_jump_no_telephone_rings_for_a_quarter_of_an_hour_that_really_passed() -> None:
    steady, now = jobs.Steady(), datetime(2026, 11, 20, tzinfo=UTC)
    assert steady.sure(now, 0.0) and steady.calm(0.0)
    assert not steady.sure(now + timedelta(days=1), 1.0) and not steady.calm(1.0)
    steady.sure(now + timedelta(days=1, minutes=14), 841.0)
    assert not steady.calm(841.0) and steady.calm(902.0)
