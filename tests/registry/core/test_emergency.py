"""The number that saves: never one of another country."""

import pytest
from phonenumbers.shortnumberinfo import is_emergency_number

from registry.core import emergency, pages
from registry.core.i18n import speaking

KNOWN_BETTER = {"HN"}
"""Honduras answers 911 by law since 2015; libphonenumber knows only the police's old number."""


@pytest.mark.parametrize("country", sorted(emergency.NUMBERS))
def test_every_number_is_an_emergency_number_of_its_country(country: str) -> None:
    assert is_emergency_number(emergency.NUMBERS[country], country) or country in KNOWN_BETTER


def test_a_country_that_is_not_in_the_table_has_the_one_that_works_from_every_mobile() -> None:
    assert emergency.number("CR") == emergency.number("CR-SJ") == emergency.number("cr") == "911"
    assert emergency.number("PE") == "105"
    assert emergency.number("ES") == emergency.number("") == emergency.number("XX") == "112"


def test_a_page_of_nowhere_names_no_countrys_number() -> None:
    with speaking("en"):
        assert [line.number for line in pages.emergency()] == ["112"]
        with pages.emergency_lines((pages.danger("105"),)):
            assert [line.tel for line in pages.emergency()] == ["tel:105"]
