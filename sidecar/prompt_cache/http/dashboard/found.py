"""Which answers are looked at: the filters of a list, as its URL has them, and the rows it finds."""

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from ...core.cache import PromptCache
from ...core.entry import Entry
from ...core.filters import EntryFilter
from ...keying.request import last_user_text
from ...stores.base import Order
from .readable import decoded, shown
from .selection import Selection

PATH = "/answers"
Sort = Literal["newest", "saved", "never"]
SORTS: tuple[Sort, ...] = get_args(Sort)
AGES: Mapping[str, float] = {"1d": 86400.0, "7d": 7 * 86400.0, "30d": 30 * 86400.0, "90d": 90 * 86400.0}
PAGE = 25
_LONGEST = 1024
_EXCERPT = 240


class Filters(Struct, frozen=True):
    """All conditions together. `selection` has those that other pages share; its `namespace` is always one."""

    selection: Selection
    q: str | None = None
    tag: str | None = None
    older: str | None = None
    """One of AGES."""
    aliases: bool = False
    sort: Sort = "newest"
    """`never` is the newest of those that were never served."""

    @classmethod
    def of(cls, given: Mapping[str, str], selection: Selection) -> "Filters":
        """Of a query or a form; what cannot be read is as if it was left out."""
        older, sort = given.get("older"), given.get("sort")
        return cls(
            selection,
            q=given.get("q", "").strip()[:_LONGEST] or None,
            tag=given.get("tag", "").strip()[:_LONGEST] or None,
            older=older if older in AGES else None,
            aliases=given.get("aliases") == "1",
            sort=next((each for each in SORTS if each == sort), "newest"),
        )

    @property
    def namespace(self) -> str:
        return self.selection.namespace or ""

    @property
    def own(self) -> dict[str, str]:
        """Those of this page alone that are set."""
        given = {"q": self.q, "tag": self.tag, "older": self.older, "aliases": "1" if self.aliases else None}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def chosen(self) -> dict[str, str]:
        """All that are set, but for the namespace."""
        shared = {name: value for name, value in self.selection.where.items() if name != "namespace"}
        return shared | self.own

    @property
    def narrows(self) -> bool:
        """Whether not all answers of the namespace are meant."""
        return bool(self.chosen) or self.sort == "never"

    @property
    def fields(self) -> dict[str, str]:
        """As a form carries them on."""
        sort = {} if self.sort == "newest" else {"sort": self.sort}
        return {"namespace": self.namespace, "period": self.selection.period, **self.chosen, **sort}

    def link(self, path: str = PATH, /, **changes: str | None) -> str:
        """To a page with the same filters but for these changes."""
        sort = None if self.sort == "newest" else self.sort
        return self.selection.link(path, **({"sort": sort, **self.own} | changes))

    @property
    def order(self) -> Order:
        return "gained" if self.sort == "saved" else "newest"

    @property
    def entries(self) -> EntryFilter:
        """The same in the cache's words, the text apart."""
        where = self.selection
        return EntryFilter(
            namespace=self.namespace,
            tags=(self.tag,) if self.tag else (),
            model=where.model,
            workflow=where.workflow,
            node=where.node,
            older_than=AGES[self.older] if self.older else None,
            aliases=self.aliases,
            unserved=self.sort == "never",
        )


class Row(Struct, frozen=True, kw_only=True):
    """An answer in a list."""

    key: str
    entry: Entry
    question: str | None
    """The beginning of what was asked at last; None where prompts are not kept."""
    hits: int
    saved: float | None
    """US dollars; None without a price."""


class Page(Struct, frozen=True):
    rows: list[Row]
    next: str | None
    """The cursor of the page that follows; it may follow even where this one has no rows."""


def find(cache: PromptCache, filters: Filters, cursor: str | None) -> Page:
    """One page. Raises ValueError about the cursor."""
    found, more = cache.entries(filters.entries, text=filters.q, order=filters.order, limit=PAGE, cursor=cursor)
    hits = cache.hits([key for key, _ in found])
    return Page([row(key, entry, times) for (key, entry), times in zip(found, hits, strict=True)], more)


def row(key: str, entry: Entry, hits: int) -> Row:
    saved = None if entry.cost_usd is None else hits * entry.cost_usd
    return Row(key=key, entry=entry, question=question_of(entry), hits=hits, saved=saved)


def question_of(entry: Entry) -> str | None:
    """The beginning of what was asked at last, in one line; None where prompts are not kept."""
    if entry.request is None:
        return None
    try:
        parts = decoded(entry.request)
        text = last_user_text(parts)
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    words = " ".join(text[: 4 * _EXCERPT].split())
    return shown(words[:_EXCERPT] + ("…" if len(words) > _EXCERPT or len(text) > 4 * _EXCERPT else ""))
