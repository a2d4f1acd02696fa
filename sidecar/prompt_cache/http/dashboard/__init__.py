"""The pages that people look at: what the cache saved, what it holds, how it fares.

A page is one module here with a function `routes`, one template that extends `base.html`, and its line in PAGES:

    def routes(site: Site) -> None:
        @site.page("/answers", nav=N_("Answers"))
        def answers(visit: Visit) -> str:
            return visit.render("answers.html", entries=...)

        @site.act("/answers/<key>/delete", role="admin")
        def delete(visit: Visit, key: str) -> Response:
            site.cache.delete(key, visit.caller.may_touch)
            return visit.redirect("/answers", said=visit.text("The answer is deleted."))

What a page shows depends on `visit.selection` (period and filters, as the URL has them), `visit.caller` (its role and
namespaces) and `visit.reader` (language, numbers, money). Forms that act use the macro `form` of `macros.html`, which
brings the token that `site.act` asks for.
"""

from ...config import Config
from ...core.cache import PromptCache
from . import answer, answers, health, misses, opportunities, overview
from .doors import Sessions
from .pages import Dashboard, Site
from .signing_in import SignIn

PAGES = (overview, answers, answer, misses, opportunities, health)
"""In the order of the navigation."""


def dashboard(cache: PromptCache, config: Config) -> tuple[Dashboard, SignIn]:
    """The pages, and the way in to them."""
    sessions = Sessions(config)
    site = Site(cache, config, sessions)
    for page in PAGES:
        page.routes(site)
    return Dashboard(site), SignIn(site)
