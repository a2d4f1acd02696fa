"""The entries that are stored: read, listed, taken out."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf

import msgspec
from msgspec import Struct

from ..stores.base import NamespaceSize, Order, RecordQuery, Store
from .beside import callers_own, is_beside
from .entry import Entry, unpack_entry
from .errors import UnknownKey
from .filters import EntryFilter, alias_label
from .packing import Corrupt, pack
from .policy import FLUSH, Freshness, MissReason, freshness_of

Scope = Callable[[str], bool]
"""Whether the caller may touch a namespace."""


class Loaded(Struct, frozen=True):
    """What is stored under a key, with what decides whether it may be served."""

    entry: Entry | None = None
    reason: MissReason = MissReason.NOT_FOUND
    """Why there is no entry."""
    versions: Mapping[str, int] = {}
    """The generation of each name it depends on that was ever bumped, and of its namespace's last flush."""
    generation: int | None = None
    """The namespace's, where it came along."""


class Weight(Struct):
    """How many entries were selected, how often they were served, and what that saved in dollars, known prices alone.

    What is not complete is a least.
    """

    entries: int = 0
    entries_complete: bool = True
    hits: int = 0
    saved_usd: float = 0.0
    saved_complete: bool = True


BATCH_BYTES = 64 * 1024 * 1024
"""Bytes that the answers of one batch may have together; the questions after that are pending."""
_FIRST_SLICE = 32
_AT_ONCE = 8
"""Entries that a listing has in memory with their answers."""
_PAGE_BYTES = 4 * 1024**2
"""Bytes of prompts and names, beyond which a page of a listing ends."""

_FEW = 5000
"""Entries whose hits are asked for one by one; of more, those that gained most come first."""
_WEIGHING = 0.1
"""Seconds after which what a selection holds, or saved, is a least: somebody waits for the two."""
_COUNTED = 1000
"""Entries between two looks at the time."""

_NOTHING = Loaded()
_CORRUPT = Loaded(reason=MissReason.CORRUPT)


class Entries:
    """Reads entries, and takes damaged ones out."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        report: Callable[[str, str], None],
        forget: Callable[[Sequence[str]], None] = lambda _: None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`forget` is told of whose questions nothing is to be left. The `timer`'s seconds only ever grow."""
        self._store = store
        self._forget = forget
        self._clock = clock
        self._timer = timer
        self._report = report

    def load(self, keys: Sequence[str], namespace: str | None = None) -> dict[str, Loaded]:
        """What is stored under each key, served or not. Raises StoreUnavailable.

        With the `namespace` that all keys share, its versions come along where the store is a trip away.
        """
        if namespace is None or not self._store.remote:
            return self._with_versions(self._read(keys, self._store.get(keys)))
        bodies, generation, versions = self._store.get_with_versions(keys, namespace)
        loaded = self._read(keys, bodies)
        if versions is None:
            loaded = self._with_versions(loaded)
        return {
            key: Loaded(each.entry, each.reason, each.versions if versions is None else versions, generation)
            for key, each in loaded.items()
        }

    def load_within(self, keys: Sequence[str], namespace: str | None = None) -> dict[str, Loaded]:
        """The same, slice by slice, of as many of the keys, in order, as have no more than BATCH_BYTES together."""
        loaded: dict[str, Loaded] = {}
        size = 0
        while len(loaded) < len(keys) and size < BATCH_BYTES:
            at = len(loaded)
            slice_ = max(1, (BATCH_BYTES - size) * at // size) if size else max(_FIRST_SLICE, at)
            for key, each in self.load(keys[at : at + slice_], namespace).items():
                size += len(each.entry.response) if each.entry else 0
                if size > BATCH_BYTES and loaded:
                    break
                loaded[key] = each
        return loaded

    def _read(self, keys: Sequence[str], bodies: Sequence[bytes | None]) -> dict[str, Loaded]:
        pairs = zip(keys, bodies, strict=True)
        read = {key: _NOTHING if body is None else self._unpacked(key, body) for key, body in pairs}
        return self._without_orphans(read)

    def _without_orphans(self, read: dict[str, Loaded]) -> dict[str, Loaded]:
        """An alias is there as long as the entry is whose answer it has: whatever took that out took the alias too."""
        aliases = {key: each.entry for key, each in read.items() if each.entry and each.entry.alias_of}
        if not aliases:
            return read
        origins = list(dict.fromkeys(entry.alias_of or "" for entry in aliases.values()))
        bodies = dict(zip(origins, self._store.get(origins), strict=True))
        orphans = [key for key, entry in aliases.items() if not _stands(entry, bodies[entry.alias_of or ""])]
        if orphans:
            self._store.delete(orphans)
        return read | dict.fromkeys(orphans, _NOTHING)

    def _with_versions(self, loaded: dict[str, Loaded]) -> dict[str, Loaded]:
        names: dict[str, set[str]] = {}
        for each in loaded.values():
            if each.entry:
                names.setdefault(each.entry.namespace, {FLUSH}).update(each.entry.depends_on)
        if not names:
            return loaded
        versions = {namespace: self._store.versions(namespace, sorted(some))[1] for namespace, some in names.items()}
        return {
            key: Loaded(each.entry, versions=versions[each.entry.namespace]) if each.entry else each
            for key, each in loaded.items()
        }

    def peek(self, key: str, namespace: str) -> Loaded:
        """What is stored under a key, by reading alone: what is damaged is left for `load` to take out."""
        body, flushed = self._store.get_with_version(key, namespace, FLUSH)
        try:
            entry = unpack_entry(body) if body is not None else None
        except Corrupt:
            entry = None
        if entry is None or (entry.alias_of and not _stands(entry, self._store.get([entry.alias_of])[0])):
            return _NOTHING
        versions = self._store.versions(entry.namespace, entry.depends_on)[1] if entry.depends_on else {}
        return Loaded(entry, versions={**versions, FLUSH: flushed})

    def _unpacked(self, key: str, body: bytes) -> Loaded:
        try:
            return Loaded(unpack_entry(body))
        except Corrupt:
            if is_beside(key):
                return _NOTHING
            self._report("corrupt_entry", key)
            self._store.delete([key])
            return _CORRUPT

    def one(self, key: str, scope: Scope) -> Entry:
        """The entry of a key, served or not. Raises UnknownKey."""
        entry = self.load([key])[key].entry
        if entry is None or not scope(entry.namespace):
            raise UnknownKey(key)
        return entry

    def look(self, key: str, scope: Scope) -> tuple[Entry, Freshness]:
        """The entry of a key, and whether it would be served now. Raises UnknownKey."""
        loaded = self.load([key])[key]
        if loaded.entry is None or not scope(loaded.entry.namespace):
            raise UnknownKey(key)
        return loaded.entry, freshness_of(loaded.entry, self._clock(), loaded.versions)

    def page(
        self, entry_filter: EntryFilter, text: str | None, limit: int, cursor: str | None, order: Order = "newest"
    ) -> tuple[list[tuple[str, Entry]], str | None]:
        """(key, entry) of what a filter without key and request lets through, in order; the next page's cursor.

        The entries come without their answers. A page ends early when it grows large, or takes long to find.
        """
        query = entry_filter.query(self._clock(), text, order)
        page = self._store.find(query, limit=limit, cursor=cursor)
        listed = self._summaries(page.keys, _PAGE_BYTES)
        if len(listed) < len(page.keys):  # only a listing of this length knows where the next one begins
            page = self._store.find(query, limit=len(listed), cursor=cursor)
            listed |= self._summaries([key for key in page.keys if key not in listed])
        return [(key, entry) for key in page.keys if (entry := listed[key])], page.cursor

    def _summaries(self, keys: Sequence[str], most: float = inf) -> dict[str, Entry | None]:
        """Entries without their answers, of as many keys as go into so many bytes; None where nothing is left."""
        summaries: dict[str, Entry | None] = {}
        size = 0
        for at in range(0, len(keys), _AT_ONCE):
            if size > most:
                break
            some = keys[at : at + _AT_ONCE]
            for key, loaded in self._read(some, self._store.get(some)).items():
                entry = loaded.entry
                summaries[key] = summary = entry and msgspec.structs.replace(entry, response=b"")
                size += len(pack(summary)) if summary else 0
        return summaries

    def hits(self, keys: Sequence[str]) -> list[int]:
        """How often each was served since it was stored, those hits that are not handed over yet apart."""
        return self._store.hits(keys)

    def aliases(self, key: str, namespace: str, limit: int) -> tuple[list[tuple[str, Entry]], bool]:
        """The newest aliases of an entry, without their answers, and whether there are more."""
        page = self._store.find(RecordQuery(namespace=namespace, labels=(alias_label(key),)), limit=limit)
        found = self._summaries(page.keys)
        return [(alias, entry) for alias in page.keys if (entry := found[alias])], page.cursor is not None

    def weigh(self, entry_filter: EntryFilter, text: str | None) -> Weight:
        """What a filter without key and request lets through, and what that saved so far."""
        query = entry_filter.query(self._clock(), text)
        weight = Weight()
        few: list[str] = []
        page = self._store.find(query, limit=_COUNTED)
        end = self._timer() + _WEIGHING
        while True:
            weight.entries += len(page.keys)
            few += page.keys if weight.entries <= _FEW else []
            if page.cursor is None:
                break
            if self._timer() > end:
                weight.entries_complete = False
                break
            page = self._store.find(query, limit=_COUNTED, cursor=page.cursor)
        if not weight.entries:
            weight.saved_complete = weight.entries_complete
        elif not entry_filter.unserved:
            every = weight.entries_complete and weight.entries == len(few)
            self._add_saved(weight, self._served_of(few) if every else self._most_gained(query), entry_filter.aliases)
        return weight

    def _add_saved(self, weight: Weight, served: Iterator[list[tuple[str, int]]], aliases: bool) -> None:
        """An alias's hits are its original's as well, and count where aliases alone are meant."""
        end = self._timer() + _WEIGHING
        for some in served:
            found = self._summaries([key for key, _ in some])
            for key, hits in some:
                entry = found[key]
                if entry and (aliases or not entry.alias_of):
                    weight.hits += hits
                    weight.saved_usd += hits * (entry.cost_usd or 0.0)
            if self._timer() > end:
                weight.saved_complete = False
                return

    def _served_of(self, keys: Sequence[str]) -> Iterator[list[tuple[str, int]]]:
        """Some at once: (key, hits) of those that were served."""
        served = [(key, hits) for key, hits in zip(keys, self._store.hits(keys), strict=True) if hits]
        for at in range(0, len(served), _AT_ONCE):
            yield served[at : at + _AT_ONCE]

    def _most_gained(self, query: RecordQuery) -> Iterator[list[tuple[str, int]]]:
        """The same of a query, those that gained most first, so that what is left out is little."""
        cursor: str | None = None
        by_gain = msgspec.structs.replace(query, order="gained")
        while True:
            page = self._store.find(by_gain, limit=_AT_ONCE, cursor=cursor)
            yield list(zip(page.keys, self._store.hits(page.keys), strict=True))
            cursor = page.cursor
            if cursor is None:
                return

    def invalidate(
        self, entry_filter: EntryFilter, key: str | None, dry_run: bool, scope: Scope, text: str | None = None
    ) -> int:
        """Delete what the filter lets through, of one key or of all; returns how many, or in a dry run would be."""
        query = entry_filter.query(self._clock(), text)
        chosen = self._store.find_all(query) if key is None else self._matching(key, entry_filter, scope)
        return sum(len(keys) if dry_run else self._take_out(keys) for keys in chosen)

    def invalidate_alike(self, entry_filter: EntryFilter, digests: Mapping[str, str], dry_run: bool) -> int:
        """The same for all that answer what has these digests, whatever the filter's `any_attributes` say."""
        ignored = {f"attributes.{name}" for name in entry_filter.any_attributes}

        def compared(fields: Mapping[str, str]) -> dict[str, str]:
            return {name: digest for name, digest in fields.items() if name not in ignored}

        asked, deleted = compared(digests), 0
        query = entry_filter.query(self._clock())
        for keys in self._store.find_all(query):
            entries = self._summaries(keys).items()
            chosen = [key for key, entry in entries if entry and compared(entry.digests) == asked]
            aliases = [alias for key in chosen for alias in self._aliases(key, query.namespace)]
            chosen = list(dict.fromkeys(chosen + aliases))
            deleted += len(chosen) if dry_run else self._take_out(chosen)
        return deleted

    def _take_out(self, keys: Sequence[str]) -> int:
        self._forget(keys)
        return self._store.delete(keys)

    def _aliases(self, key: str, namespace: str) -> list[str]:
        """The aliases of an entry, so that they go with it and count; `_without_orphans` is what can be relied on."""
        query = RecordQuery(namespace=namespace, labels=(alias_label(key),))
        return [alias for keys in self._store.find_all(query) for alias in keys]

    def _matching(self, key: str, entry_filter: EntryFilter, scope: Scope) -> Iterator[list[str]]:
        entry = self.load([key])[key].entry
        if entry and scope(entry.namespace) and entry_filter.matches(entry, self._clock()):
            yield [key, *self._aliases(key, entry.namespace)]

    def delete(self, key: str, scope: Scope) -> int:
        """Forget one entry and its aliases. Raises UnknownKey."""
        entry = self.one(key, scope)
        return self._take_out([key, *self._aliases(key, entry.namespace)])

    def sizes(self, scope: Scope) -> dict[str, NamespaceSize]:
        """How much each namespace in the scope holds."""
        return {name: size for name, size in callers_own(self._store.sizes()).items() if scope(name)}


def _stands(alias: Entry, origin: bytes | None) -> bool:
    """Whether the entry whose answer an alias has is still the very same."""
    try:
        entry = unpack_entry(origin) if origin is not None else None
    except Corrupt:
        return False
    return entry is not None and entry.created == alias.created and entry.response == alias.response
