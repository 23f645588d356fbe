"""Check 6: any byte of an envelope, of the directory or of a reply is flipped: rejected. An envelope moved is told."""

import secrets
from uuid import UUID

import msgspec

from registry.access.actor import STRANGER
from registry.authorities import directory as directories
from registry.authorities import queries as authorities
from registry.core import crypto
from registry.core.errors import Refusal
from registry.reports import envelope, files, notary, service
from registry.reports.agent import keys
from registry.reports.agent.caller import Register, at_once
from registry.reports.agent.round import Agent
from registry.reports.schemas import Collected
from tests.channel.check_23 import live
from tests.channel.result import Result
from tests.registry.reports.world import ORIGIN, World, filing


class Lying(Register):
    """A register that hands out another envelope's file, or names another office, with the hash that fits."""

    lie: dict[UUID, tuple[bytes, tuple[UUID, ...] | None]]

    async def contents(self, which: UUID) -> tuple[Collected, bytes]:
        outer, body = await super().contents(which)
        other, chain = self.lie.get(which, (body, None))
        return msgspec.structs.replace(outer, sha256=crypto.sha256(other).hex(), chain=chain or outer.chain), other

    async def tell(self, which: UUID, what: str, said: object) -> None:
        """It notes what it is told of nothing that it lied about."""


async def run(world: World) -> Result:
    for _ in range(2):
        await service.file(STRANGER, world.now, world.context, filing(nonce=secrets.token_bytes(32)))
    bodies = await live(world)
    held = keys.identities(world.folder)
    (one, (body, inside)), (two, (other, _)) = bodies.items()
    envelopes = sum(not survives(flipped(body, at), held, inside) for at in range(len(body)))
    file = await world.context.published.get(authorities.DIRECTORY_KEY)
    root, meant = authorities.root(world.context.config), directories.read(file).directory
    signed = sum(not accepted(flipped(file, at), root, world, meant) for at in range(len(file)))
    replies, length = reply(world, one)
    beside, whole = attached(held)
    moved = await told(world, {one: (other, None), two: (other, (UUID(int=9), *inside.chain[1:]))})
    passed = (envelopes, signed, replies, beside) == (len(body), len(file), length, whole) and moved == 2
    return Result(
        passed,
        f"one bit in each of {len(body)} bytes of an envelope, {len(file)} of the directory, {length} of a reply,"
        f" {whole} of a file's: {envelopes + signed + replies + beside} rejected, or without any effect;"
        f" {moved} of 2 moved envelopes told as moved",
    )


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]


def survives(body: bytes, held: list[str], inside: envelope.Context) -> bool:
    try:
        envelope.open_sealed(body, held, inside)
    except Refusal:
        return False
    return True


def accepted(file: bytes, root: object, world: World, meant: object) -> bool:
    """Whether it is used with another meaning. What changes nothing that is signed (a space) changes nothing."""
    try:
        return directories.accept(file, root, world.now) != meant  # type: ignore[arg-type]
    except Refusal:
        return False


def attached(held: list[str]) -> tuple[int, int]:
    """A file of a report: every byte of its head, and one in each 1,009 of what is in it."""
    (made,) = files.ready([b"%PDF-1.4\n%%EOF\n"], keep_taken=False)
    sealed = files.seal(made, tuple(envelope.recipient_of(key) for key in held))
    places = sorted({*range(sealed.index(b"\n--- ") + 60), *range(0, len(sealed), 1009), len(sealed) - 1})
    return sum(not opens(flipped(sealed, at), held, made.manifest) for at in places), len(places)


def opens(body: bytes, held: list[str], said: files.Manifest) -> bool:
    try:
        files.open_sealed(body, held, said)
    except Refusal:
        return False
    return True


def reply(world: World, which: UUID) -> tuple[int, int]:
    """Every byte of a reply as it travels: its file, and its signature."""
    signer, key = keys.signer(world.folder), crypto.b64url(keys.signer(world.folder).public_bytes())
    identity = keys.identities(world.folder)[0]
    body = envelope.seal_reply("¿Dónde fue?", envelope.recipient_of(identity))
    signature = signer.sign(statement(which, body))
    whole, count = body + signature, 0
    for at in range(len(whole)):
        changed = flipped(whole, at)
        try:
            notary.attested(key, crypto.b64url(changed[len(body) :]), statement(which, changed[: len(body)]))
        except Refusal:
            count += 1
    notary.attested(key, crypto.b64url(signature), statement(which, body))
    return count, len(whole)


def statement(which: UUID, body: bytes) -> bytes:
    return notary.statement("reply", which, b"s" * 32, counter=1, reply=crypto.sha256(body).hex())


async def told(world: World, lies: dict[UUID, tuple[bytes, tuple[UUID, ...] | None]]) -> int:
    """How many of them the agent put down as moved."""
    signer, clock = keys.signer(world.folder), at_once(world.now)
    register = Lying(world.http, ORIGIN, world.authority, signer, clock)
    register.lie = lies
    cases = world.folder / "lied"
    agent = Agent(register, keys.settings(world.folder), keys.identities(world.folder), signer, cases, clock)
    await agent.once()
    return sum("envelope-moved" in path.read_text() for path in cases.glob("*.unreadable.txt"))
