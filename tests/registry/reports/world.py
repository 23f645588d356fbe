"""A small world for tests: one authority, its keys in a folder of its own, an offline root, a signed directory."""

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import msgspec

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Role
from registry.authorities import ceremony, lines
from registry.authorities import directory as directories
from registry.authorities import queries as authority_queries
from registry.authorities import service as authorities
from registry.authorities.directory import Competence, Terms
from registry.authorities.hotlines import Kind
from registry.authorities.hours import Hours
from registry.authorities.root import Root
from registry.authorities.rules import Channel, Use
from registry.authorities.rules import Kind as AuthorityKind
from registry.authorities.schemas import NewContact, NewHotline, Proof, PublicKey, ReadBack, Register, Sign
from registry.core import crypto
from registry.core.context import Context
from registry.reports import door, service
from registry.reports.agent import keys
from registry.reports.agent.caller import Register as Caller
from registry.reports.agent.caller import at_once
from registry.reports.agent.round import Agent
from registry.reports.envelope import Place, Report
from registry.reports.schemas import Filing
from registry.seals import service as seals

HOLDERS = ("Guardia de día", "Guardia de noche", "Oficina jurídica", "Agente")
ORIGIN = "http://registry.test"


class World(msgspec.Struct):
    """What a test needs to play both sides."""

    context: Context
    now: datetime
    authority: UUID
    folder: Path
    root: crypto.FileSigner
    http: httpx.AsyncClient

    def agent(self, now: datetime | None = None) -> Agent:
        clock = at_once(now or self.now)
        signer = keys.signer(self.folder)
        caller = Caller(self.http, ORIGIN, self.authority, signer, clock)
        return Agent(
            caller, keys.settings(self.folder), keys.identities(self.folder), signer, self.folder / "cases", clock
        )

    @property
    def officer(self) -> Actor:
        held = frozenset({Role.AUTHORITY_OFFICER})
        return Actor(UUID(int=77), "Ernesto", held, frozenset({(Role.AUTHORITY_OFFICER, self.authority)}))


async def enrol(
    context: Context,
    now: datetime,
    folder: Path,
    *,
    places: tuple[str, ...] = ("CR-G",),
    always_open: bool = True,
    terms: Terms | None = None,
    then: UUID | None = None,
    attachments: bool = False,
    number: str = "+50625550101",
) -> UUID:
    """One authority through the real verbs: keys made in its folder and proven, agreement (by which it may receive
    files or not), two confirmed contacts."""
    authority = await authorities.register(
        SYSTEM,
        now,
        Register(
            names={"es": "Unidad de Protección de la Niñez", "en": "Child Protection Unit"},
            kind=AuthorityKind.POLICE,
            country="CR",
            competence=(Competence(places),),
            always_open=always_open,
            then=then,
        ),
    )
    for public in keys.make(folder, HOLDERS):
        task = await ceremony.record_key(SYSTEM, now, authority, msgspec.convert(public, PublicKey, strict=False))
        read = ReadBack(task.key, directories.aloud(public["public"]), Channel.VIDEO, public["holder"])
        await ceremony.read_back(SYSTEM, now, read)
        await ceremony.prove_key(SYSTEM, now, Proof(task.key, keys.proof(folder, task.task)))
    await authorities.sign_agreement(
        SYSTEM,
        now,
        authority,
        Sign(
            "UPN-2026-01",
            "Dirección",
            now.date() - timedelta(days=30),
            now.date() - timedelta(days=30),
            now.date() + timedelta(days=335),
            terms or Terms(),
            attachments=attachments,
        ),
    )
    for post, duty in (("guardia@upn.test", number), ("jefatura@upn.test", "")):
        contact = await authorities.add_contact(SYSTEM, now, authority, NewContact(post, post, duty))
        await authorities.confirm_contact(SYSTEM, now, contact)
        if duty:
            await authorities.confirm_number(SYSTEM, now, contact, duty)
    return authority


def pinned(*custodians: crypto.Signer, threshold: int = 1) -> Root:
    """The root of some custodians: here one is enough, unless a test is about that."""
    return Root(threshold, tuple(crypto.b64url(c.public_bytes()) for c in custodians))


async def sign_directory(context: Context, now: datetime, root: crypto.FileSigner) -> bytes:
    """Export, sign as the custodian does, load, publish."""
    signed = directories.sign(directories.read(await authority_queries.next_directory(SYSTEM, now)), root)
    await authorities.load_directory(SYSTEM, now, pinned(root), signed)
    await authorities.publish(context, now)
    return signed


async def hotlines(context: Context, now: datetime) -> None:
    for kind, name, number in (
        (Kind.EMERGENCY, "Emergencia", "911"),
        (Kind.CHILD_PROTECTION, "Protección", "2555-0147"),
    ):
        await lines.add_hotline(
            SYSTEM,
            now,
            NewHotline(
                kind,
                "CR",
                {"es": name},
                (number,),
                Hours(),
                "America/Costa_Rica",
                ("es", "en"),
                now.date(),
                "Operación",
                fictitious=number != "911",
            ),
        )
    await authorities.publish(context, now)
    await seals.publish(SYSTEM, now, context)  # readers take the numbers that the manifest names


async def made(context: Context, now: datetime, folder: Path, *, drilled: bool = True, **how: object) -> World:
    """A world whose form is open in CR-G."""
    root = crypto.FileSigner.make(folder / "custodian" / "root.pem")
    context = msgspec.structs.replace(
        context,
        config=msgspec.structs.replace(context.config, authority_root=str(pinned(root))),
        clock=lambda: now,
    )
    authority = await enrol(context, now, folder / "unit", **how)  # type: ignore[arg-type]
    await sign_directory(context, now, root)
    await hotlines(context, now)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=door.create_app(context)), base_url=ORIGIN)
    keys.settle(folder / "unit", keys.Settings(authority, context.config.authority_root))
    world = World(context, now, authority, folder / "unit", root, http)
    if drilled:
        await service.drill(SYSTEM, now, context, authority)
        await world.agent().once()
    return world


def filing(
    code: str = "",
    narrative: str = "Una persona ofreció dinero.",
    place: str = "CR-G",
    *,
    urgent: bool = False,
    nonce: bytes = b"n" * 32,
    label: str = "x",
) -> Filing:
    """A report about to be sealed. Its lookup is not derived by scrypt unless a real code is given."""
    import hashlib

    from registry.reports import bech32
    from registry.reports.code import Derived, derive
    from registry.reports.envelope import When

    secret = hashlib.sha256(nonce).digest()
    derived = derive(code, label) if code else Derived(secret, bech32.encode("age-secret-key-", secret).upper())
    report = Report(Place(place), narrative, When.NOW if urgent else When.UNKNOWN)
    return Filing(report, code or "12345678901234567890", derived, nonce, narrative.encode())


def today(now: datetime) -> date:
    return now.date()


__all__ = ["Use", "World", "enrol", "filing", "hotlines", "made", "pinned", "sign_directory", "today"]
