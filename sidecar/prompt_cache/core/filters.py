"""Which entries are meant: the labels an entry is found by, and selections of them."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from ..keying.request import Request
from ..stores.base import Order, RecordQuery
from ..values.names import DEFAULT_NAMESPACE
from .entry import Entry

_ALIAS = "alias"


class EntryFilter(Struct, frozen=True, kw_only=True):
    """Which entries of a namespace: all conditions together; `tags` is any of them."""

    namespace: str | None = None
    """None stands for the default one, or with a key for the key's own."""
    key: str | None = None
    request: Request | None = None
    """Only the entry that answers this request."""
    any_attributes: tuple[str, ...] = ()
    """Names of attributes that the request need not share with an entry, so that it may answer several."""
    question: str | None = None
    """The digest of its question. Only entries with attributes are found by it: any other is found by its key."""
    tags: tuple[str, ...] = ()
    model: str | None = None
    """The model asked for, or the one that answered."""
    attributes: Mapping[str, str] = {}
    older_than: float | None = None
    """Seconds since it was stored."""
    workflow: str | None = None
    """Of who asked first."""
    node: str | None = None
    aliases: bool = False
    """Only entries that have another one's answer."""
    unserved: bool = False
    """Only entries that were never served since they were stored."""

    def query(self, now: float, text: str | None = None, order: Order = "newest") -> RecordQuery:
        """The same for a store, key and request apart."""
        return RecordQuery(
            namespace=self.namespace or DEFAULT_NAMESPACE,
            labels=(
                *([_question(self.question)] if self.question else []),
                *([_model(self.model)] if self.model else []),
                *_attributes(self.attributes),
                *_source(self.workflow or "", self.node or ""),
                *([_ALIAS] if self.aliases else []),
            ),
            any_label=tuple(_tag(tag) for tag in self.tags),
            created_before=None if self.older_than is None else now - self.older_than,
            text=text,
            unserved=self.unserved,
            order=order,
        )

    def matches(self, entry: Entry, now: float) -> bool:
        """Whether an entry meets all conditions, key and request apart."""
        query, carried = self.query(now), set(labels(entry))
        return (
            self.namespace in (None, entry.namespace)
            and carried.issuperset(query.labels)
            and (not query.any_label or not carried.isdisjoint(query.any_label))
            and (query.created_before is None or entry.created < query.created_before)
        )


def labels(entry: Entry) -> tuple[str, ...]:
    """What the store finds an entry by: its tags, models and attributes, with these its question; who asked."""
    models = sorted({model for model in (entry.model, entry.answered_by) if model})
    question = [_question(entry.digests["question"])] if entry.attributes and "question" in entry.digests else []
    alias = [_ALIAS, alias_label(entry.alias_of)] if entry.alias_of else []
    source = _source(entry.source.workflow, entry.source.node)
    return (*map(_tag, entry.tags), *map(_model, models), *_attributes(entry.attributes), *question, *source, *alias)


def alias_label(key: str) -> str:
    """What aliases of the entry of a key are found by."""
    return f"alias_of:{key}"


def _question(digest: str) -> str:
    return f"question:{digest}"


def _tag(tag: str) -> str:
    return f"tag:{tag}"


def _model(model: str) -> str:
    return f"model:{model}"


def _source(workflow: str, node: str) -> list[str]:
    return [*([f"workflow:{workflow}"] if workflow else []), *([f"node:{node}"] if node else [])]


def _attributes(attributes: Mapping[str, str]) -> list[str]:
    # As JSON, so that no name or value can pass for another pair.
    return [f"attribute:{msgspec.json.encode(pair).decode()}" for pair in attributes.items()]
