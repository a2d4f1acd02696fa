"""What the cache holds: listed, searched, and taken out by what is listed, after a count."""

import re
import time

from flask import Response
from msgspec.structs import replace

from ...core.cache import PromptCache
from ...core.entries import Weight
from ...stores.base import NamespaceSize
from ...values.names import NAMESPACE_PATTERN
from ..api import note_outcome
from ..failures import HttpError
from .found import AGES, PATH, Filters, Page, find
from .pages import Site, Visit
from .reader import N_
from .selection import Selection

_CURSOR = 1024
_NAMESPACE = re.compile(NAMESPACE_PATTERN)


def routes(site: Site) -> None:
    @site.page(PATH, nav=N_("Answers"))
    def answers(visit: Visit) -> str | Response:
        if "" in visit.arguments.values():  # a form without script sends its empty fields
            kept = {name: value for name, value in visit.arguments.items() if value}
            cursor = {"cursor": kept["cursor"]} if "cursor" in kept else {}
            filters = Filters.of(kept, Selection.of(kept))
            return visit.redirect(filters.link(PATH, **cursor))
        spaces = site.cache.namespaces(visit.caller.may_touch)
        filters = _filters(visit, spaces)
        cursor_given = visit.arguments.get("cursor")
        try:
            page = _found(site.cache, filters, cursor_given)
        except ValueError:
            return visit.redirect(filters.link())
        return visit.render(
            "answers.html",
            filters=filters,
            page=page,
            first=cursor_given is None,
            spaces=dict(sorted(spaces.items())),
            size=spaces.get(filters.namespace, NamespaceSize()),
            more_open=bool(filters.chosen.keys() - {"q"}),
            now=time.time(),
            ages=AGES,
        )

    @site.page(f"{PATH}/delete", role="writer")
    def ask_to_delete(visit: Visit) -> str | Response:
        filters = _filters(visit, {})
        if not filters.narrows:
            return visit.redirect(filters.link())
        weight = site.cache.weigh(filters.entries, text=filters.q)
        return visit.render("answers_delete.html", filters=filters, weight=weight, flush=False)

    @site.act(f"{PATH}/delete", role="writer")
    def delete_answers(visit: Visit) -> Response:
        filters = _filters(visit, {}, form=True)
        if not filters.narrows:  # to empty a namespace is another act, and another role's
            raise HttpError(400, "invalid-request", visit.text("Say which answers to delete."))
        deleted = site.cache.invalidate(filters.entries, text=filters.q)
        note_outcome(f"{deleted} deleted")
        left = Filters(Selection(filters.selection.period, filters.namespace))
        return visit.redirect(left.link(), said=_deleted(visit, deleted))

    @site.page(f"{PATH}/flush", role="admin")
    def ask_to_flush(visit: Visit) -> str:
        spaces = site.cache.namespaces(visit.caller.may_touch)
        filters = _all_of(_filters(visit, spaces))
        weight = _weight_of_all(site.cache, filters, spaces.get(filters.namespace, NamespaceSize()))
        return visit.render("answers_delete.html", filters=filters, weight=weight, flush=True)

    @site.act(f"{PATH}/flush", role="admin")
    def flush_answers(visit: Visit) -> Response:
        filters = _all_of(_filters(visit, {}, form=True))
        deleted = site.cache.flush(filters.namespace)
        note_outcome(f"{deleted} deleted")
        return visit.redirect(filters.link(), said=_deleted(visit, deleted))


def _filters(visit: Visit, spaces: dict[str, NamespaceSize], *, form: bool = False) -> Filters:
    """Of the query or the form; where no namespace is chosen, that of these which holds most.

    Raises an HttpError of 403 where it is not the caller's, of 400 where none is said and none is to be chosen.
    """
    given = visit.form if form else visit.arguments
    selection = Selection.of(given)
    if not selection.namespace:
        if not spaces:
            raise HttpError(400, "invalid-request", visit.text("Say which namespace."))
        most = max(spaces, key=lambda name: spaces[name].entries)
        selection = replace(selection, namespace=most)
    name = selection.namespace or ""
    if not _NAMESPACE.fullmatch(name):  # what the cache keeps for itself has names that no caller can say
        raise HttpError(404, "not-found", visit.text("There is no namespace of this name."))
    visit.caller.require_namespaces((name,))
    return Filters.of(given, selection)


def _found(cache: PromptCache, filters: Filters, cursor: str | None) -> Page:
    if filters.q and not cache.keeps_prompts:
        return Page([], None)
    return find(cache, filters, cursor[:_CURSOR] if cursor else None)


def _all_of(filters: Filters) -> Filters:
    return Filters(Selection(filters.selection.period, filters.namespace))


def _weight_of_all(cache: PromptCache, filters: Filters, size: NamespaceSize) -> Weight:
    """What a whole namespace holds is known without counting."""
    weight = cache.weigh(filters.entries)
    return weight if weight.entries_complete else replace(weight, entries=size.entries, entries_complete=True)


def _deleted(visit: Visit, deleted: int) -> str:
    if not deleted:
        return visit.text("There was nothing to delete.")
    return visit.texts("%(num)s answer is deleted.", "%(num)s answers are deleted.", deleted)
