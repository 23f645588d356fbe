"""/about."""

from litestar import get

from public_site.about.programs import programs, scripts
from registry.core.pages import Page, page


@get("/about", sync_to_thread=False)
def about() -> Page:
    return page("about/about.html", made_of=programs(), scripts=scripts())


ROUTES = [about]
