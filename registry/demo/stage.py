"""What the chapters share: the house, the clock, who plays whom, and the way from an invitation to a person at work."""

import asyncio
import base64
import contextlib
import email
import email.policy
import functools
import re
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pyotp

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Role
from registry.accounts import queries as accounts
from registry.accounts import service as joining
from registry.accounts.entry import proposed_secret
from registry.accounts.schemas import Invite
from registry.clients.schemas import Unit
from registry.core import crypto
from registry.core.context import Context
from registry.demo.cast import PASSWORD, Person
from registry.demo.result import Login, Result
from registry.demo.walk import Walk
from registry.outbox import service as outbox

T = TypeVar("T")
_LINK = re.compile(r"/desk/invitation/([A-Za-z0-9_-]+)")


def batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """So many at a time."""
    return (things[start : start + size] for start in range(0, len(things), size))


async def together(acts: Iterable[Coroutine[Any, Any, Any]], at_once: int = 4) -> list[Any]:
    """Several people act at the same time, as they do: so many at once, the answers in order."""
    limit = asyncio.Semaphore(at_once)

    async def one(act: Coroutine[Any, Any, Any]) -> Any:
        async with limit:
            return await act

    return await asyncio.gather(*(one(act) for act in acts))


@contextlib.contextmanager
def hashed_once() -> Iterator[None]:
    """Everybody of the story has the one password that the demo prints: it is hashed at its full cost, and not again
    for each of some 400 people, which took a tenth of the story. In this process alone, while nobody else joins.
    """
    real = crypto.hash_password
    vars(crypto)["hash_password"] = functools.cache(real)
    try:
        yield
    finally:
        vars(crypto)["hash_password"] = real


class Member(msgspec.Struct):
    """A business of the story, with whoever may sign for it once they have joined."""

    id: UUID
    name: str
    email: str
    units: list[Unit]
    representative: Actor | None = None
    workers: int = 0
    certification: UUID | None = None

    @property
    def signer(self) -> Actor:
        """The representative, who has joined by now."""
        assert self.representative is not None, self.name
        return self.representative


class Stage:
    """The story as it stands."""

    def __init__(self, context: Context, walk: Walk, step: Callable[[str, int], None]) -> None:
        self.context, self.walk, self.step = context, walk, step
        self.people: dict[str, Actor] = {}
        self.organisations: dict[str, UUID] = {}
        self.hotels: list[Member] = []
        self.taxis: list[Member] = []
        self.logins: list[Login] = []
        self.result = Result()

    @property
    def now(self) -> datetime:
        """The instant of the story."""
        return self.walk.now

    def __getitem__(self, key: str) -> Actor:
        """Who plays `key`."""
        return self.people[key]

    async def drain(self) -> None:
        """Let the outbox tell everything that is due by now."""
        await outbox.drain(self.context, self.now)

    async def invite(self, by: Actor, person: Person) -> UUID:
        """Offer a person a role; the letter comes with the next drain."""
        organisation = self.organisations.get(person.at) if person.at else None
        return await joining.invite(
            by, self.now, Invite(email=person.email, name=person.name, role=person.role, organisation=organisation)
        )

    async def join(self, invitation: UUID) -> Actor:
        """Open the link of the letter, choose a password, and be somebody."""
        account = await joining.accept_invitation(STRANGER, self.now, self.link(invitation), PASSWORD)
        return await accounts.actor_of(account)

    def link(self, invitation: UUID) -> str:
        """The token at the end of the link in an invitation's letter, read from the spool as its addressee would."""
        letter = Path(self.context.config.data / "mail" / f"invitation-{invitation}-1.eml").read_bytes()
        body = email.message_from_bytes(letter, policy=email.policy.default).get_body()
        assert body is not None
        found = _LINK.search(body.get_content())
        assert found is not None, "a letter of invitation carries its link"
        return found[1]

    async def employ(self, people: Iterable[Person], by: Actor = SYSTEM) -> None:
        """Invite people, let the letters go out, and let everybody join."""
        offers = [(person, await self.invite(by, person)) for person in people]
        await self.drain()
        for person, invitation in offers:
            self.people[person.key] = await self.join(invitation)

    async def connect_phone(self, person: Person, role: str) -> None:
        """Sign in once and connect a phone, so that somebody who tries the demo can; its secret is printed."""
        keys, actor = self.context.keys, self.people[person.key]
        half = await joining.sign_in(STRANGER, self.now, person.email, PASSWORD)
        assert half is not None
        secret = base64.b32encode(proposed_secret(keys, actor.id, half)).decode()
        full = await joining.enrol_totp(STRANGER, self.now, keys, half, pyotp.TOTP(secret).at(self.now))
        assert full is not None
        await joining.keep_codes(actor, self.now)
        await joining.sign_out(actor, self.now, full)
        self.logins.append(Login(person.name, person.email, role, PASSWORD, secret))

    def representing(self, member: Member) -> Person:
        """The person who signs for a business."""
        self.organisations[str(member.id)] = member.id
        return Person(member.email, f"Gerencia {member.name}"[:80], member.email, Role.REPRESENTATIVE, str(member.id))
