"""What the checks of the pages measure with, without a browser. `python -m tests.channel` runs the checks."""

from tests.channel import check_28, states_20
from tests.channel.check_28 import Step


def test_a_field_without_words_is_found_and_one_with_words_is_not() -> None:
    page = '<body><a href="tel:911">911</a><main>{}</main>'
    assert states_20.unreadable(page.format('<input id="spot" name="spot">')) == ["no label for spot"]
    assert states_20.unreadable(page.format('<label for="spot">Where</label><input id="spot" name="spot">')) == []
    assert states_20.unreadable(page.format('<label><input type="radio" name="when"> <span></span></label>'))
    assert states_20.unreadable("<body><main></main><a href='tel:911'>") == ["the emergency number is not first"]


def test_the_walk_is_told_whole_and_says_that_people_are_still_to_be_asked() -> None:
    written = check_28.WALK.read_text()
    assert check_28.SENT in written and "Five people remain to be asked" in " ".join(written.split())
    assert not [line for line in written.splitlines() if line.count(" ") < 8 and sum(c.isdigit() for c in line) == 20]


def test_the_table_tells_each_step() -> None:
    assert "| 2 | b |" in check_28.as_table([Step("a", "x", 1, 0), Step("b", "y", 2.5, 0.1)])
