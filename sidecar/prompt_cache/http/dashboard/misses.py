"""What was missed, the latest first, and why; on click with what changes between look-alikes."""

import time
from collections.abc import Iterable

from flask import Response
from msgspec import Struct

from ...core.errors import UnknownKey
from ...core.missed.questions import TOGETHER, Explained
from .missed_words import differing, reason_of, refusal_of, why
from .pages import Site, Visit
from .readable import shown
from .reader import N_

_PAGE = 50
_EXCERPT = 180


class Row(Struct, frozen=True):
    """A missed question in a list."""

    explained: Explained
    question: str
    why: str
    link: str


def routes(site: Site) -> None:
    @site.page("/misses", nav=N_("Misses"))
    def misses(visit: Visit) -> str:
        since, namespace = visit.selection.since(time.time()), visit.selection.namespace
        following, left_out = None, 0
        if namespace is not None and visit.may_see(namespace):
            found, following = _page(site, namespace, since, visit.arguments.get("cursor"))
        else:
            found = [each for each in site.cache.missed.latest(visit.may_see, _PAGE) if each.missed.last >= since]
            left_out = len(site.cache.missed.namespaces(visit.may_see)) - TOGETHER
        selected = [each for each in found if _is_selected(visit, each)]
        return visit.render(
            "misses.html",
            rows=[_row(visit, each) for each in selected],
            namespaces=site.cache.missed.namespaces(visit.caller.may_touch),
            keeps_prompts=site.cache.keeps_prompts,
            left_out=left_out,
            following=following and visit.selection.link("/misses", cursor=following),
        )

    @site.page("/misses/<key>")
    def missed(visit: Visit, key: str) -> str:
        explained = site.cache.missed.one(key, visit.caller.may_touch)
        found = explained.missed
        return visit.render(
            "missed.html",
            missed=found,
            nearest=explained.nearest,
            why=why(visit, explained),
            fields=differing(visit, explained.nearest.fields) if explained.nearest else "",
            reasons=_counted((reason_of(visit, name), count) for name, count in found.reasons.items()),
            refused=_counted((refusal_of(visit, name), count) for name, count in found.refused.items()),
            messages=site.cache.missed.marked(found),
            masks=site.cache.missed.masks_of(found),
            keeps_prompts=site.cache.keeps_prompts,
        )

    @site.act("/misses/<key>/forget", role="admin")
    def forget(visit: Visit, key: str) -> Response:
        if not site.cache.missed.forget_one(key, visit.caller.may_touch):
            raise UnknownKey(key)
        return visit.redirect(visit.selection.link("/misses"), said=visit.text(N_("The question is forgotten.")))


def _page(site: Site, namespace: str, since: float, cursor: str | None) -> tuple[list[Explained], str | None]:
    """Where a cursor cannot be read, the first page."""
    try:
        return site.cache.missed.page(namespace, since=since, limit=_PAGE, cursor=cursor)
    except ValueError:
        return site.cache.missed.page(namespace, since=since, limit=_PAGE)


def _counted(some: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(some, key=lambda each: -each[1])


def _is_selected(visit: Visit, explained: Explained) -> bool:
    missed = explained.missed
    has = {
        "namespace": missed.namespace,
        "model": missed.model or "",
        "workflow": missed.source.workflow,
        "node": missed.source.node,
    }
    return all(has[name] == value for name, value in visit.selection.where.items())


def _row(visit: Visit, explained: Explained) -> Row:
    missed = explained.missed
    question = shown(missed.question)
    if len(question) > _EXCERPT:
        question = f"{question[:_EXCERPT]}…"
    return Row(explained, shown(question), why(visit, explained), visit.selection.link(f"/misses/{missed.key}"))
