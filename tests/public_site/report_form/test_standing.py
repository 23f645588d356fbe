"""How an office answered lately, told to strangers: whoever asks every minute sees no report come or go."""

from uuid import UUID

import pytest

from public_site.report_form.view import told
from registry.reports.gate import Standing

OFFICE = UUID(int=1)


def shown(due: int, on_time: int, minutes: int | None) -> tuple[bool, int | None]:

    said = told(Standing(OFFICE, due=due, on_time=on_time, median_minutes=minutes))
    return (said.due, said.on_time) != (0, 0), said.median_minutes


@pytest.mark.parametrize("due", range(5, 60))
def test_one_report_more_changes_nothing_on_the_page(due: int) -> None:
    said = told(Standing(OFFICE, due=due, on_time=due, median_minutes=61 + due))
    assert said == told(Standing(OFFICE, due=due + 1, on_time=due + 1, median_minutes=62 + due))
    assert said == told(Standing(OFFICE, due=due + 1, on_time=due + 1, median_minutes=62 + due, overdue=1))


@pytest.mark.parametrize(
    ("due", "on_time", "minutes", "found"),
    [
        (4, 4, 3, (False, None)),
        (5, 5, 3, (True, 60)),
        (10, 9, 61, (True, 240)),
        (10, 8, 61, (False, None)),
        (20, 18, 4000, (True, 4320)),
        (5, 5, None, (True, None)),
    ],
)
def test_it_says_no_more_than_is_so(due: int, on_time: int, minutes: int, found: tuple[bool, int | None]) -> None:
    assert shown(due, on_time, minutes) == found
