"""/desk/card/{client}: the staff's card of each establishment or vehicle, to print and to keep on a phone.

Whoever was trained opens the form by it with the place, the kind and the role filled in. It names no worker, and no
count is kept of what is done with it: the business never learns whether anybody used it.
"""

from datetime import datetime
from uuid import UUID

import msgspec
import qrcode
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from qrcode.constants import ERROR_CORRECT_M

from registry.access.actor import Actor
from registry.clients import queries as clients
from registry.clients.rules import UnitKind
from registry.clients.schemas import Unit
from registry.core import geography
from registry.core.context import Context
from registry.core.pages import Page, page
from registry.reports import card as cards
from registry.reports import kinds
from registry.training import queries as training

QUIET = 4


class Printed(msgspec.Struct, frozen=True):
    """A card on the page: whose it is, its link, and the symbol's side and dark modules as an SVG path."""

    name: str
    plate: str
    url: str
    side: int
    path: str


@get("/desk/card/{client_id:uuid}")
async def staff_cards(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    client_id: FromPath[UUID],
) -> Page:  # fmt: skip
    """Once somebody of the business holds their training: a card is for who learned what to tell."""
    client = await training.client(actor, client_id)
    coverage = (await training.coverage([client_id], now))[client_id]
    units = await clients.units([client_id]) if coverage.valid else []
    secret = cards.key(context)
    return page(
        "reports/cards.html", client=client, trained=coverage.valid > 0,
        cards=[printed(unit, secret, context.config.origin) for unit in units],
    )  # fmt: skip


def printed(unit: Unit, secret: bytes, origin: str) -> Printed:
    url = f"{origin}/report?staff={cards.write(secret, card_of(unit))}"
    side, path = symbol(url)
    return Printed(unit.name, unit.plate, url, side, path)


def card_of(unit: Unit) -> cards.Card:
    """What the form is told of a unit: nothing of who works there."""
    place, premises = _place(unit), kinds.of(unit.place_kind)
    if unit.kind is UnitKind.VEHICLE:
        return cards.Card(place, premises, "driver", plate=unit.plate)
    spot = ", ".join(part for part in (unit.name, unit.address, unit.district) if part)
    return cards.Card(place, premises, "staff", spot[:200])


def _place(unit: Unit) -> str:
    """The canton, or the province, or nothing that the form knows: then it asks."""
    province = unit.province or ""
    number = next((code for code, name in geography.numbered(province).items() if name == unit.canton), "")
    return f"{province}/{number}" if number else province


def symbol(text: str) -> tuple[int, str]:
    """A QR code as the side of its square and a path of its dark modules, row by row."""
    made = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    made.add_data(text)
    made.make(fit=True)
    dark = [(x, y) for y, row in enumerate(made.modules) for x, module in enumerate(row) if module]
    return len(made.modules) + 2 * QUIET, "".join(f"M{x + QUIET} {y + QUIET}h1v1h-1z" for x, y in dark)


ROUTES = [staff_cards]
