"""Associations, clients, their units and rosters, and the lists they came from."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from registry.clients.rules import (
    AssociationKind,
    AssociationState,
    BatchState,
    ClientKind,
    ClientState,
    EstablishmentKind,
    Post,
    RowResult,
    Shift,
)


class Association(Table):
    """A chamber, company or federation that enrols its members."""

    id = UUID(primary_key=True, default=None)
    name = Varchar(length=200)
    kind = Varchar(length=20, choices=AssociationKind)
    country = Varchar(length=2, help_text="ISO 3166-1")
    province = Varchar(length=100, null=True, default=None, help_text="ISO 3166-2 where we know the country's places")
    contact_email = Varchar(length=254)
    tax_id = Varchar(length=40, null=True, default=None)
    state = Varchar(length=20, choices=AssociationState, default=AssociationState.ACTIVE)
    created_at = Timestamptz(default=None)


class Client(Table):
    """A business: who signs, is certified and answers."""

    id = UUID(primary_key=True, default=None)
    association = ForeignKey(Association, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=200)
    tax_id = Varchar(length=40, null=True, default=None)
    kind = Varchar(length=20, choices=ClientKind)
    country = Varchar(length=2)
    province = Varchar(length=100, null=True, default=None)
    canton = Varchar(length=100, null=True, default=None)
    email = Varchar(length=254, null=True, default=None)
    phone = Varchar(length=80, null=True, default=None)
    language = Varchar(length=2, default="es")
    zone = Varchar(length=50, default="America/Costa_Rica", help_text="Dates of validity end at midnight here")
    state = Varchar(length=20, choices=ClientState, default=ClientState.ACTIVE)
    joined_on = Date(null=True, default=None, help_text="Member of its association since; as the list says")
    left_on = Date(null=True, default=None)
    key = Varchar(length=300, help_text="What recognises this business when the same list comes again")
    name_key = Varchar(length=300, help_text="The same without a tax id, for a list that had none")
    folded = Text(default="", help_text="Name, tax id, place and plates without accents: what search looks in")
    created_at = Timestamptz(default=None)
    updated_at = Timestamptz(default=None)


class Establishment(Table):
    """A place: a unit that gets a seal."""

    id = UUID(primary_key=True, default=None)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=200)
    kind = Varchar(length=20, choices=EstablishmentKind, default=EstablishmentKind.HOTEL)
    address = Varchar(length=400, default="")
    country = Varchar(length=2)
    province = Varchar(length=100, null=True, default=None)
    canton = Varchar(length=100, null=True, default=None)
    district = Varchar(length=100, null=True, default=None)
    rooms = Integer(null=True, default=None)
    key = Varchar(length=700)
    retired_on = Date(null=True, default=None, help_text="No longer of this client; never deleted")
    created_at = Timestamptz(default=None)


class Vehicle(Table):
    """A car, lorry or boat: a unit that gets a seal."""

    id = UUID(primary_key=True, default=None)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, index=True)
    plate = Varchar(length=20, help_text="In its country's one written form")
    licence_no = Varchar(length=100, null=True, default=None)
    make = Varchar(length=100, null=True, default=None)
    model = Varchar(length=100, null=True, default=None)
    colour = Varchar(length=100, null=True, default=None)
    year = Integer(null=True, default=None)
    key = Varchar(length=700)
    retired_on = Date(null=True, default=None)
    created_at = Timestamptz(default=None)


class Worker(Table):
    """A person on a business's roster. Names are for the business, its trainers and its auditors only."""

    id = UUID(primary_key=True, default=None)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=200)
    post = Varchar(length=20, choices=Post)
    shift = Varchar(length=10, choices=Shift, default=Shift.DAY)
    outsourced = Boolean(default=False)
    card_no = Varchar(length=60, null=True, default=None, help_text="Number on the training card")
    started_on = Date(null=True, default=None)
    left_on = Date(null=True, default=None)
    created_at = Timestamptz(default=None)


class ImportBatch(Table, tablename="import_batch"):
    """One list as it was received, and what became of it."""

    id = UUID(primary_key=True, default=None)
    association = ForeignKey(Association, on_delete=OnDelete.restrict, index=True)
    filename = Varchar(length=200)
    sha256 = Varchar(length=64, help_text="The same bytes again are the same batch")
    size = BigInt()
    stored = Varchar(length=200, help_text="Key of the file in the private store; kept before anything else")
    state = Varchar(length=20, choices=BatchState)
    shape = JSONB(default="{}", help_text="spreadsheet.Shape: format, encoding, separator")
    samples = JSONB(default="{}", help_text="How the file reads in each encoding, while we ask")
    header_row = Integer(default=0, help_text="As the person counts rows; 0 when the data begin at once")
    header = JSONB(default="[]", help_text="Names of the columns as typed")
    mapping = JSONB(default="{}", help_text="Field -> column")
    mends = JSONB(default="{}", help_text="Row -> field -> value chosen on the page")
    counts = JSONB(default="{}")
    received_by = UUID(default=None)
    received_at = Timestamptz(default=None)
    committed_by = UUID(null=True, default=None)
    committed_at = Timestamptz(null=True, default=None)
    undone_at = Timestamptz(null=True, default=None)


class ImportRow(Table, tablename="import_row"):
    """One row of a list: what it says, and what it did."""

    id = BigSerial(primary_key=True)
    batch = ForeignKey(ImportBatch, on_delete=OnDelete.cascade)
    row = Integer(help_text="As the person counts")
    result = Varchar(length=10, choices=RowResult)
    draft = JSONB(null=True, default=None, help_text="drafts.Draft")
    typed = JSONB(null=True, default=None, help_text="Cells of a refused row as typed")
    errors = JSONB(null=True, default=None, help_text="list[drafts.CellError]")
    changes = JSONB(null=True, default=None, help_text="Field -> [old, new]")
    client = UUID(null=True, default=None, help_text="Matched, then made or changed")
    unit = UUID(null=True, default=None)
    made = Varchar(length=20, default="", help_text="After commit: client, unit, or nothing")


class ImportMapping(Table, tablename="import_mapping"):
    """Which column is what, remembered for an association and a header."""

    id = UUID(primary_key=True, default=None)
    association = ForeignKey(Association, on_delete=OnDelete.restrict, index=True)
    fingerprint = Varchar(length=64)
    mapping = JSONB(default="{}")
    updated_at = Timestamptz(default=None)
