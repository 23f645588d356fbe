"""The people of the tests, one of each kind, and how they come in.

client = await sign_in(BRUNO)                      a browser signed in as Bruno (fixture of conftest.py)
actor = await enter(ANA, organisation=hotel_id)    the actor alone, for tests of verbs
"""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.accounts import queries
from registry.accounts.rules import Stage
from registry.accounts.tables import Account, DeskSession, RoleHeld
from registry.core import crypto
from registry.core.ids import uuid7

PASSWORD = "una frase larga que solo yo diría"
TOTP_SECRET = b"12345678901234567890"


class Person(msgspec.Struct, frozen=True):
    """Somebody, and what they do."""

    name: str
    email: str
    role: Role
    language: str = "es"


ANA = Person("Ana Villafuerte", "ana@hotel.example", Role.REPRESENTATIVE)
IRENE = Person("Irene Cascante", "irene@camara.example", Role.ASSOCIATION_ADMIN)
INES = Person("Inés Rojas", "ines@taxis.example", Role.INSPECTOR)
TOMAS = Person("Tomás Quirós", "tomas@registro.example", Role.TRAINER)
OLGA = Person("Olga Brenes", "olga@registro.example", Role.OFFICER)
BRUNO = Person("Bruno Arrieta", "bruno@registro.example", Role.AUDITOR)
CARLA = Person("Carla Montiel", "carla@registro.example", Role.REVIEWER)
DORA = Person("Dora Segreda", "dora@registro.example", Role.DECIDER)
ERNESTO = Person("Ernesto Solano", "ernesto@autoridad.example", Role.AUTHORITY_OFFICER)
AMALIA = Person("Amalia Vargas", "amalia@registro.example", Role.ADMINISTRATOR)
PAULA = Person("Paula Chaves", "paula@panel.example", Role.PANEL)
IMELDA = Person("Imelda Rojas", "imelda@comite.example", Role.IMPARTIALITY)
OFELIA = Person("Ofelia Jara", "ofelia@linea.example", Role.HOTLINE_OPERATOR)
EVERYBODY = (ANA, IRENE, INES, TOMAS, OLGA, BRUNO, CARLA, DORA, ERNESTO, AMALIA, PAULA, IMELDA, OFELIA)
"""Fausto, the stranger, has no account."""


async def enter(person: Person, now: datetime, organisation: UUID | None = None) -> Actor:
    """The person's account and role, made the first time; and the actor they are now."""
    known = await queries.account_by_email(person.email)
    if known is None:
        known = uuid7()
        await Account(
            id=known, email=person.email, name=person.name, language=person.language, created_at=now,
            password_hash="", codes_kept_at=now,
        ).save()  # fmt: skip
    actor = await queries.actor_of(known)
    if person.role not in actor.roles or (organisation and (person.role, organisation) not in actor.scopes):
        await RoleHeld(
            id=uuid7(), account=known, role=person.role, organisation=organisation, given_by=known, given_at=now
        ).save()
        actor = await queries.actor_of(known)
    return actor


async def open_session(account: UUID, now: datetime) -> str:
    """A session's token, as if both halves had been proved a moment ago."""
    token = secrets.token_urlsafe(32)
    await DeskSession(
        token_sha256=crypto.sha256(token.encode()), account=account, stage=Stage.FULL, created_at=now, last_seen_at=now
    ).save()
    return token
