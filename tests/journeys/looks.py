"""What axe finds on a page. It is put into each document as it is made, so that a page looked at in several lights has
it once; and it is asked for violations alone: of all that passed it would write a description of every element.
"""

from typing import Any

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright")
ASK = "options => axe.run(document, options).then(found => ({violations: found.violations}))"


def page_in(browser: Any, **options: Any) -> Any:
    """A page of its own for axe. It is itself a script, so our policy is stepped over; nothing of ours needs one."""
    context = browser.new_context(bypass_csp=True, **options)
    context.add_init_script(axe.Axe().axe_script)
    return context.new_page()


def looked_at(page: Any, what: str, *rules: str) -> None:
    """Nothing on the page keeps anybody out, by all of axe's rules or by those named."""
    if not page.evaluate("() => 'axe' in window"):  # a page that a test opened for another reason
        page.evaluate(axe.Axe().axe_script)
    # Without `preload` axe does not fetch our style sheets once more, for a rule that is experimental and off.
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": list(rules)} if rules else {})
    found = axe.AxeResults(page.evaluate(ASK, options))
    assert found.violations_count == 0, f"{what}: {found.generate_report()}"
