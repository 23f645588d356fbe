"""Kinds of premises as an authority's competence names them, and where the register's own kinds belong. Pure.

An office may answer for some kinds only (boats, lodging), so that the kind belongs to the place and is asked with it,
before anybody is told who will read.
"""

from registry.core.i18n import N_

KINDS = {
    "lodging": N_("Hotel or other lodging"),
    "taxi": N_("Taxi, bus or another vehicle with a driver"),
    "waterway": N_("Boat, pier or port"),
    "freight": N_("Lorry, or where lorries stop"),
    "operator": N_("Tour, guide or agency"),
    "entertainment": N_("Bar, club, massage or show"),
}
_WITHIN = {
    kind: name
    for name, kinds in {
        "lodging": "hotel hostel guesthouse apartment rural camping resort lodge cabins",
        "taxi": "bus car shuttle",
        "waterway": "boat",
        "freight": "truck",
    }.items()
    for kind in kinds.split()
}


def of(kind: str) -> str:
    """The kind to which a business or an establishment of the register belongs; empty when it tells nothing."""
    return kind if kind in KINDS else _WITHIN.get(kind, "")
