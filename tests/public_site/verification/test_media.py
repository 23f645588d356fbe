"""Content negotiation by its properties and by the table of seals.md 2.3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from public_site.verification.media import OFFERED, best, takes_gzip


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/html", "text/html"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("application/vc+jwt", "application/vc+jwt"),
        ("application/vc", "application/vc"),
        ("application/*;q=0.5, text/html;q=0.4", "application/json"),
        ("text/html;q=0, */*", "application/json"),
        ("image/png", None),
        ("text/html;q=0", None),
        ("TEXT/HTML", "text/html"),
        ("application/json;q=nonsense", None),
    ],
)
def test_the_best_form_is_chosen(accept: str, form: str | None) -> None:
    assert best(accept) == form


@given(st.text(max_size=200))
def test_any_header_gets_an_answer(accept: str) -> None:
    assert best(accept) in (*OFFERED, None)
    assert takes_gzip(accept) in (True, False)


@pytest.mark.parametrize(
    ("accept", "taken"),
    [("gzip, deflate, br", True), ("", False), ("gzip;q=0", False), ("*", True), ("br", False), ("gzip;q=0.1", True)],
)
def test_gzip_is_sent_to_whoever_takes_it(accept: str, taken: bool) -> None:
    assert takes_gzip(accept) is taken
