"""Check 8: ten thousand random worlds through the gate, and every door says the same, with numbers to call."""

from datetime import timedelta
from random import Random
from uuid import UUID

from registry.reports import gate
from tests.channel.check_09 import confirmed
from tests.channel.doors import Doors, doors
from tests.channel.result import Result
from tests.registry.reports import worlds
from tests.registry.reports.world import World

WORLDS = 10_000
ASKED = (("CR-G", ""), ("CR-L", ""), ("ZZ", ""), ("ZZ", "CR"))


def disagreeing(count: int = WORLDS) -> tuple[int, int]:
    """Of so many worlds: in how many the gate and another hand disagree, and how many were open."""
    wrong = opened = 0
    for seed in range(count):
        world = worlds.draw(Random(seed))
        said, first = gate.availability(*worlds.arguments(world)), worlds.answer(world)
        found = said.chain[0].authority if isinstance(said, gate.Open) else None
        wrong += found != (None if first is None else UUID(int=first + 1))
        opened += found is not None
    return wrong, opened


async def apart(all_doors: Doors, faults: list[str], what: str, open_at: tuple[str, ...]) -> int:
    """Ask at every door; write down who says otherwise. Returns how many were asked."""
    asked = 0
    for place, home in ASKED:
        for door, said in (await all_doors.ask(place, home)).items():
            asked += 1
            if said.open != (place in open_at):
                faults.append(f"{door} says {'open' if said.open else 'closed'} for {place} when {what}")
            if not said.open and not said.numbers:
                faults.append(f"{door} shows no number for {place} when {what}")
    return asked


async def run(world: World) -> Result:
    wrong, opened = disagreeing()
    faults: list[str] = []
    async with doors(world) as all_doors:
        asked = await apart(all_doors, faults, "all is well", ("CR-G",))
        await confirmed(world, None)
        asked += await apart(all_doors, faults, "nobody is known to answer there", ())
        await confirmed(world, world.now)
        asked += await apart(all_doors, faults, "somebody is again", ("CR-G",))
        all_doors.clock.now = world.now + timedelta(days=31)
        asked += await apart(all_doors, faults, "the drill is old", ())
    passed = not wrong and not faults and 0 < opened < WORLDS
    told = f"{WORLDS} worlds ({opened} open), {wrong} judged otherwise; {asked} answers at 7 doors, {len(faults)} apart"
    return Result(passed, "; ".join([told, *faults[:3]]))
