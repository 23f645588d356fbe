"""How somebody comes to the form: with nothing, with a place, from the page of a seal, or by the staff's card. Pure.

What is known already is filled in and can be changed; nothing of it is kept anywhere but in the form.
"""

import msgspec

from registry.authorities import places
from registry.core.i18n import N_
from registry.reports import kinds
from registry.reports.card import Card
from registry.reports.typed import country
from registry.seals.snapshot import Entry, Kind

CARD_CHANGED = N_("This card was changed or is not ours, so nothing of it is used. Choose the place yourself.")
SEAL_UNKNOWN = N_("We do not know the seal you come from. Choose the place yourself; you can report all the same.")


class Asked(msgspec.Struct, frozen=True):
    """The address, as it was typed."""

    place: str = ""
    premises: str = ""
    home: str = ""
    seal: str = ""
    staff: str = ""


class Arrival(msgspec.Struct, frozen=True):
    """`place` is empty until somebody chooses one. `keep`: what the list of places sends along, for a vehicle is no
    place. `business`: the code of the seal somebody comes from. `said`: what could not be used."""

    place: str
    premises: str = ""
    home: str = ""
    filled: dict[str, str] = {}
    keep: dict[str, str] = {}
    business: str = ""
    said: str = ""


def arrival(asked: Asked, sealed: Entry | None, card: Card | None) -> Arrival:
    """`sealed` and `card` are what the register knows of those in the address, or None."""
    place = places.chosen(asked.place) or (places.ELSEWHERE if asked.place.strip().upper() == places.ELSEWHERE else "")
    home = country(asked.home)
    if card is not None:
        moves = bool(card.plate)
        filled = {"spot": card.spot, "plate": card.plate, "reporter_role": card.role}
        found = _known(place, card.place, card.premises, filled, {"staff": asked.staff}, moves=moves)
    elif sealed is not None:
        moves = sealed.kind is Kind.VEHICLE
        kept = {"seal": sealed.code}
        found = _known(place, _place(sealed), kinds.of(sealed.facts.premises), _facts(sealed), kept, moves=moves)
        found = msgspec.structs.replace(found, business=sealed.code) if found else None
    else:
        said = CARD_CHANGED if asked.staff else SEAL_UNKNOWN if asked.seal else ""
        return Arrival(place, asked.premises[:40], home, said=said)
    return msgspec.structs.replace(found, home=home) if found else Arrival(place, asked.premises[:40], home)


def _known(
    place: str, there: str, premises: str, filled: dict[str, str], keep: dict[str, str], *, moves: bool
) -> Arrival | None:
    """What moves may have been anywhere; a house that stands elsewhere than the place chosen says nothing of it."""
    same = not place or places.within(place, there) or places.within(there, place)
    if not same and not moves:
        return None
    kept = {name: value for name, value in filled.items() if value}
    return Arrival(there if same else place, premises, "", kept, keep if moves else {})


def _place(sealed: Entry) -> str:
    """The canton where it is known, else the province."""
    canton = sealed.facts.canton
    codes = (code for code, name in places.cantons(sealed.region).items() if name == canton)
    return next(codes, sealed.region)


def _facts(sealed: Entry) -> dict[str, str]:
    facts = sealed.facts
    if sealed.kind is Kind.VEHICLE:
        return {"plate": facts.plate, "vehicle_make": facts.description, "vehicle_colour": facts.colour}
    return {"spot": ", ".join(part for part in (facts.name, facts.address, facts.district) if part)}
