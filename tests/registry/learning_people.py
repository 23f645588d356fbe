"""The people of learning.house() with accounts, for tests of pages."""

from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.permissions import Role
from tests import people
from tests.registry import learning
from tests.registry.learning import House

TEO = people.Person("Teo Barboza", "teo@taxis.example", Role.TRAINER)
BERTA = people.Person("Berta Rojas", "berta@posada.example", Role.REPRESENTATIVE)


async def house(now: datetime) -> House:
    """The same house, whose people can sign in: `await sign_in(at.ana)`."""
    at = await learning.house(now)
    known: list[tuple[str, people.Person, UUID]] = [
        ("ana", people.ANA, at.hotel), ("berta", BERTA, at.inn), ("irene", people.IRENE, at.chamber),
        ("tomas", people.TOMAS, at.chamber), ("teo", TEO, at.taxis),
    ]  # fmt: skip
    actors = {name: await people.enter(person, now, organisation) for name, person, organisation in known}
    return msgspec.structs.replace(at, **actors)
