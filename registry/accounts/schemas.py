"""Forms of this room. Shape only; meaning is in rules.py, so that a form can be given back with its sentence."""

from uuid import UUID

import msgspec

from registry.access.permissions import Role


class Invite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role offered to a person."""

    email: str
    name: str
    role: Role
    organisation: UUID | None = None
    language: str = "es"


class InviteForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    once: UUID
    email: str = ""
    name: str = ""
    role: str = ""
    organisation: str = ""
    language: str = "es"


class Password(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: str = ""
    password: str = ""
    next: str = ""
    once: UUID | None = None


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str = ""
    next: str = ""
    once: UUID | None = None


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str = ""
    password: str = ""
    once: UUID | None = None


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A button: nothing but its form's id."""

    once: UUID | None = None


class Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    language: str = "es"
    once: UUID | None = None


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    current: str = ""
    password: str = ""
    once: UUID | None = None


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str = ""
    once: UUID | None = None
