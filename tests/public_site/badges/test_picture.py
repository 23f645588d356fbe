"""The picture holds whatever a name holds, and stays a picture."""

from xml.dom import minidom

import pytest

from public_site.badges.picture import Badge, svg

HOSTILE = ["</text><script>alert(1)</script>", '"><svg onload=1>', "a\x0bb", "\ufffe\uffff", "]]>", "A\u0300" * 400]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name: str) -> None:
    drawn = minidom.parseString(svg(Badge("valid", "Valid", name, "Checked"), "<path/>", "en"))
    assert not drawn.getElementsByTagName("script")
    assert [one.tagName for one in drawn.getElementsByTagName("*")].count("svg") == 1
