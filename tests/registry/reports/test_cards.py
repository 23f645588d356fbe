"""The staff's card: for who was trained, of a place and no person, and the form reads it back."""

import html
import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from public_site.report_form.arrival import Asked, arrival
from registry.clients.rules import UnitKind
from registry.clients.schemas import Unit
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.ids import uuid7
from registry.reports import card as cards
from registry.reports.card_routes import QUIET, card_of, symbol
from tests.conftest import Browser
from tests.registry.learning_people import House
from tests.registry.learning_people import house as the_house
from tests.registry.training.test_service import trained


async def learned(at: House, now: datetime) -> list[str]:
    """Everybody of the hotel holds what their post needs. Returns their names."""
    await trained(at, now - timedelta(hours=2))
    return [row["name"] for row in await fetch("SELECT name FROM worker WHERE client = $1", at.hotel)]


async def test_before_anybody_is_trained_there_is_no_card(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    page = (await (await sign_in(at.tomas)).get(f"/desk/card/{at.hotel}")).text
    assert "/report?staff=" not in page and "train" in page


async def test_each_house_gets_a_card_that_names_no_worker_and_opens_the_form_there(
    sign_in: Browser, now: datetime, context: Context
) -> None:
    at = await the_house(now)
    names = await learned(at, now)
    page = (await (await sign_in(at.tomas)).get(f"/desk/card/{at.hotel}")).text
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*/report\?staff=[^"]+)"', page)]
    (units,) = await fetch("SELECT count(*)::int AS n FROM establishment WHERE client = $1", at.hotel)
    assert len(links) == units["n"] > 0 and page.count('role="img"') >= units["n"]
    assert names and not [name for name in names if name in page]
    card = cards.read(cards.key(context), parse_qs(urlsplit(links[0]).query)["staff"][0])
    came = arrival(Asked(staff="x"), None, card)
    assert came.place.startswith("CR-") and came.premises == "lodging" and came.filled["reporter_role"] == "staff"


async def test_the_training_page_leads_to_the_cards(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    tomas = await sign_in(at.tomas)
    assert f"/desk/card/{at.hotel}" not in (await tomas.get(f"/desk/training/of/{at.hotel}")).text
    await learned(at, now)
    assert f"/desk/card/{at.hotel}" in (await tomas.get(f"/desk/training/of/{at.hotel}")).text


async def test_somebody_elses_cards_are_not_found(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    await learned(at, now)
    assert (await (await sign_in(at.tomas)).get(f"/desk/card/{uuid7()}")).status_code == 404


def test_a_vehicles_card_knows_its_plate_and_its_driver() -> None:
    unit = Unit(kind=UnitKind.VEHICLE, id=uuid7(), client_id=uuid7(), association_id=None, name="Rosa Mora",
                client_name="Rosa Mora", country="CR", province="CR-SJ", canton="Escazú", zone="America/Costa_Rica",
                language="es", place_kind="taxi", plate="TSJ4417")  # fmt: skip
    card = card_of(unit)
    assert card == cards.Card("CR-SJ/102", "taxi", "driver", plate="TSJ4417"), "nor its owner's name"


def test_the_symbol_has_its_quiet_zone_and_says_the_link() -> None:
    side, path = symbol("https://registro.example/report?staff=" + "A" * 140)
    modules = side - 2 * QUIET
    assert modules % 4 == 1 and path.startswith(f"M{QUIET} {QUIET}h1"), "a finder stands in the corner"
    assert all(QUIET <= int(x) < side - QUIET for x in re.findall(r"M(\d+)", path))
