"""`registry demo` with a story of one hotel: the real command, the real verbs, the real server that follows.

`python -m tests.registry.demo.small` in place of `python -m registry demo`.
"""

from datetime import datetime, timedelta

from registry.access.actor import SYSTEM
from registry.cli import main
from registry.clients import lists as imports
from registry.config import Config
from registry.core.clock import utc_now
from registry.demo import cast, commands, enrol, lists, story
from registry.demo.checks import DOTS, of
from registry.demo.stage import Stage
from registry.printing import prints
from registry.seals import service as seals

lists.HOTELS = 2


async def play(stage: Stage, today: datetime) -> None:
    """From the list to one seal, and its holder's phone."""
    await enrol.found(stage)
    stage.walk.to(today - timedelta(days=20))
    chamber = stage.organisations[cast.HOTELS]
    batch = await imports.receive_list(
        stage["irene"], stage.now, stage.context, chamber, *lists.hotel_list(mended=True)
    )
    await imports.commit_list(stage["irene"], stage.now, batch)
    stage.hotels = await enrol.members(chamber)
    await story.certify(stage, stage.hotels[:1])
    stage.walk.to(today - timedelta(minutes=2))
    person = stage.representing(stage.hotels[0])
    stage.people[person.key] = stage.hotels[0].signer
    await stage.connect_phone(person, "business with a seal")


async def finale(stage: Stage, config: Config) -> dict[str, str]:
    """Prints the seal, as the real one does: that starts typst's threads in the process that is to become a server."""
    await seals.publish(SYSTEM, utc_now(), stage.context)
    (seal,) = await of(stage, stage.hotels[0].units)
    await prints.pictures(stage.context, [seal], DOTS)
    return {"valid": f"/s/{seal.code}"}


if __name__ == "__main__":
    vars(commands).update(play=play, finale=finale)
    main(["demo"])
