"""What the cache saved, and where."""

import time

from .pages import Site, Visit
from .reader import N_


def routes(site: Site) -> None:
    @site.page("/", nav=N_("Overview"))
    def overview(visit: Visit) -> str:
        since = visit.selection.since(time.time())
        total, _ = site.cache.statistics.report(visit.may_see, since=since)
        return visit.render("overview.html", total=total)
