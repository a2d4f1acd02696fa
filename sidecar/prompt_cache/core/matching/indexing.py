"""Gives vectors to entries that have none: from before there was this embedder, or from while it was away."""

from collections.abc import Callable, Mapping
from functools import cache as cached
from hashlib import sha256

import msgspec

from ...semantic.embedders.base import EmbedderUnavailable
from ...stores.base import Record, RecordQuery, Store
from ...values.names import is_namespace
from ..entries import Entries
from ..rules import Rules
from .candidates import calls_tools
from .matcher import Matcher

NAMESPACE = "~indexed"
"""Of notes that a namespace is done; no caller can name it."""
_AT_ONCE = 32
_LEASE = 60.0
_SURE = 60.0
"""Seconds for which a namespace that is done is not looked at again; what brings entries from elsewhere undoes it."""


class Indexing:
    """Works in small steps, beside the requests. Of several processes one does a namespace."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        rules: Rules,
        matcher: Matcher,
        *,
        clock: Callable[[], float],
        token: Callable[[], str],
    ) -> None:
        self._store = store
        self._entries = entries
        self._rules = rules
        self._matcher = matcher
        self._clock = clock
        self._token = cached(token)
        self._cursors: dict[str, str | None] = {}
        """Where the next step of a namespace begins."""
        self._done: dict[str, float] = {}
        """When a namespace was seen to be done."""

    def step(self) -> bool:
        """Have some entries embedded; False when there is nothing left to do. Raises StoreUnavailable."""
        name = self._matcher.searches
        if name is None:
            return False
        if self._matcher.unplaced:
            return self._catch_up()
        now = self._clock()
        for namespace in self._store.sizes():
            wanted = is_namespace(namespace) and self._rules[namespace].semantic.match
            if not wanted or 0 <= now - self._done.get(namespace, -_SURE) < _SURE:
                continue
            note = "indexed:" + sha256(f"{namespace}\n{name}".encode()).hexdigest()
            if self._store.get([note]) != [None]:
                self._done[namespace] = now
            elif not self._store.acquire(note, self._token(), _LEASE):
                self._go_on(namespace, note)
                return True
        return False

    def _catch_up(self) -> bool:
        """Place what was stored while the embedder was away; False while it still is."""
        waiting = self._matcher.unplaced
        some = [waiting.popleft() for _ in range(min(_AT_ONCE, len(waiting)))]
        keys: dict[str, list[str]] = {}
        for key, namespace in some:
            keys.setdefault(namespace, []).append(key)
        try:
            for namespace, each in keys.items():
                self._index(each, namespace)
        except EmbedderUnavailable:
            waiting.extend(some)
            return False
        return True

    def _go_on(self, namespace: str, note: str) -> None:
        page = self._store.find(RecordQuery(namespace=namespace), limit=_AT_ONCE, cursor=self._cursors.get(namespace))
        try:
            self._index(page.keys, namespace)
        except EmbedderUnavailable:
            return  # the same again, later
        self._cursors[namespace] = page.cursor
        if page.cursor is None:
            now = self._clock()
            self._store.put([Record(key=note, namespace=NAMESPACE, body=b"done", created=now)])
            self._done[namespace] = now

    def _index(self, keys: list[str], namespace: str) -> None:
        loaded = self._entries.load(keys, namespace)
        requests: Mapping[str, dict[str, object]] = {
            key: msgspec.json.decode(each.entry.request)
            for key, each in loaded.items()
            if each.entry and each.entry.request and not each.entry.alias_of and not calls_tools(each.entry)
        }
        marks = self._matcher.marks_of([(namespace, request) for request in requests.values()])
        self._matcher.place(
            [mark.record(key, namespace) for key, mark in zip(requests, marks, strict=True) if mark is not None]
        )
