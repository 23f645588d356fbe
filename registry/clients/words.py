"""What this room's codes are called. Sentences for refused cells are `problem:<code>`, like every refusal's."""

from registry.clients.columns import Field
from registry.clients.drafts import CellError
from registry.clients.rules import AssociationKind, ClientKind, EstablishmentKind, Post, RowResult, Shift
from registry.core.i18n import N_, sentence

FIELDS = {
    Field.NAME: N_("Name"),
    Field.LEGAL_NAME: N_("Owner or legal name"),
    Field.TAX_ID: N_("Tax id"),
    Field.EMAIL: N_("E-mail"),
    Field.PHONE: N_("Telephone"),
    Field.PROVINCE: N_("Province"),
    Field.CANTON: N_("Canton or town"),
    Field.DISTRICT: N_("District"),
    Field.ADDRESS: N_("Address"),
    Field.PLACE_KIND: N_("Kind of establishment"),
    Field.ROOMS: N_("Number of rooms"),
    Field.PLATE: N_("Plate"),
    Field.LICENCE_NO: N_("Licence number"),
    Field.MAKE: N_("Make"),
    Field.MODEL: N_("Model"),
    Field.COLOUR: N_("Colour"),
    Field.YEAR: N_("Year of the car"),
    Field.JOINED_ON: N_("Member since"),
    Field.REFERENCE: N_("Member number"),
    Field.POST: N_("Post"),
    Field.SHIFT: N_("Shift"),
    Field.OUTSOURCED: N_("Through another company"),
    Field.STARTED_ON: N_("Started on"),
    Field.CARD_NO: N_("Card number"),
}
CHANGES = {str(field): label for field, label in FIELDS.items()} | {
    "kind": FIELDS[Field.PLACE_KIND],
    "left_on": N_("Had left"),
    "retired_on": N_("Had been taken off"),
    "owner": N_("Owner"),
}
"""Columns of what changes, by the name the unit or the client gives them."""

POSTS = {
    Post.RECEPTION: N_("Reception"),
    Post.RESERVATIONS: N_("Reservations"),
    Post.HOUSEKEEPING: N_("Housekeeping"),
    Post.FOOD_SERVICE: N_("Food and drink"),
    Post.MAINTENANCE: N_("Maintenance"),
    Post.SECURITY: N_("Security"),
    Post.SUPERVISOR: N_("Supervision"),
    Post.MANAGER: N_("Management"),
    Post.DRIVER: N_("Driver"),
    Post.GUIDE: N_("Guide"),
    Post.OTHER: N_("Another post"),
}
SHIFTS = {Shift.DAY: N_("Day"), Shift.NIGHT: N_("Night"), Shift.BOTH: N_("Day and night")}
ASSOCIATION_KINDS = {
    AssociationKind.HOTELS: N_("Hotels and other lodging"),
    AssociationKind.TAXIS: N_("Taxis and other cars"),
}
CLIENT_KINDS = {
    ClientKind.LODGING: N_("Lodging"),
    ClientKind.TAXI: N_("Taxi"),
    ClientKind.FREIGHT: N_("Road freight"),
    ClientKind.WATERWAY: N_("Boats"),
    ClientKind.OPERATOR: N_("Tour operator"),
    ClientKind.ENTERTAINMENT: N_("Night-time entertainment"),
}
ESTABLISHMENT_KINDS = {
    EstablishmentKind.HOTEL: N_("Hotel"),
    EstablishmentKind.HOSTEL: N_("Hostel"),
    EstablishmentKind.GUESTHOUSE: N_("Guest house"),
    EstablishmentKind.APARTMENT: N_("Apartments"),
    EstablishmentKind.RURAL: N_("Country house"),
    EstablishmentKind.CAMPING: N_("Campsite"),
    EstablishmentKind.RESORT: N_("Resort"),
    EstablishmentKind.OTHER: N_("Other lodging"),
}
RESULTS = {
    RowResult.NEW: N_("New"),
    RowResult.CHANGED: N_("They change"),
    RowResult.SAME: N_("The same"),
    RowResult.ERROR: N_("To mend"),
}

CELLS = (
    N_("problem:cell-formula"),
    N_("problem:cell-formula-saved"),
    N_("problem:cell-long"),
    N_("problem:name-empty"),
    N_("problem:name-blank"),
    N_("problem:legal-name-missing"),
    N_("problem:tax-id-missing"),
    N_("problem:plate-missing"),
    N_("problem:canton-missing"),
    N_("problem:email-several"),
    N_("problem:email-shape"),
    N_("problem:phone-shape"),
    N_("problem:number-shape"),
    N_("problem:number-large"),
    N_("problem:year-range"),
    N_("problem:date-shape"),
    N_("problem:date-impossible"),
    N_("problem:date-future"),
    N_("problem:plate-shape"),
    N_("problem:taxid-shape"),
    N_("problem:taxid-check"),
    N_("problem:province-unknown"),
    N_("problem:canton-unknown"),
    N_("problem:canton-elsewhere"),
    N_("problem:row-twice"),
    N_("problem:post-unknown"),
    N_("problem:shift-unknown"),
    N_("problem:column-needed"),
    # Reasons of a whole file, raised in the child that reads workbooks or by name of the code.
    N_("problem:file-rows"),
    N_("problem:file-columns"),
    N_("problem:file-broken"),
    N_("problem:file-password"),
    N_("problem:file-empty"),
)


def cell(error: CellError) -> str:
    """One sentence: why it cannot be taken, and what to do. What was typed stands beside it."""
    return sentence(error.code, **error.details)
