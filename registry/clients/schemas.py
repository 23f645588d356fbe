"""What crosses the door of this room: forms, views, and the units other rooms certify and seal."""

from datetime import date
from uuid import UUID

import msgspec

from registry.clients.rules import AssociationKind, ClientKind, Post, Shift, UnitKind


class EnrolAssociation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    kind: AssociationKind
    contact_email: str
    country: str = "CR"
    province: str | None = None
    tax_id: str | None = None


class AddClient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A business, with its first unit: a plate for a vehicle, rooms and address for an establishment."""

    association: UUID | None = None
    name: str
    kind: ClientKind = ClientKind.LODGING
    tax_id: str = ""
    country: str = "CR"
    province: str = ""
    canton: str = ""
    email: str = ""
    phone: str = ""
    language: str = "es"
    address: str = ""
    rooms: str = ""
    plate: str = ""


class EditClient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is given is changed."""

    name: str | None = None
    tax_id: str | None = None
    province: str | None = None
    canton: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None


class WorkerDraft(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    post: Post
    shift: Shift = Shift.DAY
    outsourced: bool = False
    started_on: date | None = None
    card_no: str | None = None


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """What gets a seal, with the facts a traveller compares with what he sees."""

    kind: UnitKind
    id: UUID
    client_id: UUID
    association_id: UUID | None
    name: str  # the establishment's name, or the owner's for a vehicle
    client_name: str
    country: str
    province: str | None
    canton: str | None
    zone: str
    language: str
    retired_on: date | None = None
    address: str = ""
    district: str | None = None
    place_kind: str = ""  # of a vehicle: what its business does, so that a page can say taxi or boat
    rooms: int | None = None
    plate: str = ""
    licence_no: str | None = None
    make: str | None = None
    model: str | None = None
    colour: str | None = None
    year: int | None = None


class WorkerView(msgspec.Struct, frozen=True, kw_only=True):
    """Someone on a roster; only for those `queries.workers` lets see names."""

    id: UUID
    client: UUID
    name: str
    post: Post
    shift: Shift
    outsourced: bool
    card_no: str | None
    started_on: date | None
    left_on: date | None
    critical: bool


class ClientView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    association: UUID | None
    name: str
    tax_id: str | None
    kind: ClientKind
    country: str
    province: str | None
    canton: str | None
    email: str | None
    phone: str | None
    language: str
    zone: str
    state: str
    joined_on: date | None
    left_on: date | None


class AssociationView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    kind: AssociationKind
    country: str
    province: str | None
    contact_email: str
    tax_id: str | None
    state: str
    members: int = 0
