"""`python -m tests.journeys.reviewed FOLDER PORT`: a house in which one hotel has come as far as its decision.

A process of its own, because a house and the tests' own database cannot be open in one. Prints the hotel's names.
"""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

from registry.config import Config
from registry.core.clock import utc_now
from registry.demo import cast, enrol, evaluate, prepare
from registry.demo.stage import Stage
from registry.demo.story import case_of
from registry.demo.walk import Walk
from registry.house import opened


async def prepared(folder: Path, port: int) -> None:
    """Everything up to the review, through the verbs."""
    walk = Walk(utc_now() - timedelta(days=30))
    config = Config(data=folder, demo=True, port=port, origin=f"http://127.0.0.1:{port}")
    async with opened(config, clock=walk) as context:
        stage = Stage(context, walk, lambda *_: None)
        await enrol.found(stage)
        await enrol.import_members(stage)
        hotel = stage.hotels[0]
        await prepare.join(stage, "irene", [hotel])
        await prepare.sign_up(stage, hotel)
        await prepare.train(stage, [hotel], hotel.name)
        await evaluate.apply(stage, hotel)
        await evaluate.accept(stage, case_of(hotel))
        await evaluate.plan(stage, case_of(hotel), stage["bruno"], 1)
        await stage.drain()
        await evaluate.visit(stage, case_of(hotel), stage["bruno"])
        await evaluate.review(stage, case_of(hotel))
        await stage.connect_phone(next(one for one in cast.STAFF if one.key == "dora"), "decider")
    sys.stdout.write(json.dumps({"business": hotel.name, "place": hotel.units[0].name}) + "\n")


if __name__ == "__main__":
    asyncio.run(prepared(Path(sys.argv[1]), int(sys.argv[2])))
