"""Files that programs read, with names in them that somebody chose badly or well."""

from datetime import UTC, datetime
from xml.dom import minidom

import pytest

from public_site.open_data import feeds
from public_site.open_data.rows import Public, cell


@pytest.mark.parametrize("name", ["<script>", "\ufffe\uffff", "\x0b\x1f", "]]>", "\"'&", "\ud800"])
def test_no_name_breaks_the_feed_for_everybody_else(name: str) -> None:
    rows = [Public(one, "hotel", "valid", "CR-G", code="X", sequence=1, url="https://x/s/X") for one in (name, "Río")]
    read = minidom.parseString(feeds.atom(feeds.Changes(rows, 2, False), "t", "https://x", datetime.now(UTC)))
    assert len(read.getElementsByTagName("entry")) == 2


@pytest.mark.parametrize("name", ["=1+1", " =1", "\u200b=1", "\n@SUM(1)", "\uff1d1+1", "\t+1"])
def test_no_name_is_a_formula(name: str) -> None:
    assert cell(name).startswith("'")
