"""Moving what is kept: to lines of JSON and back, from store to store, and out.

Everything here can be broken off and run again: what has arrived is not brought twice, and what is newer at its
destination stays. Version counters do not travel. An entry that a bump has outdated is left behind, and the others
begin under the counters of their new home, never younger there than they were: the next bump outdates them all.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import msgspec
from msgspec import Struct

from ..core.beside import callers_own
from ..core.entry import Entry, unpack_entry
from ..core.learning.pairs import KeptPair, keep_pairs, kept_pairs
from ..core.matching.indexing import NAMESPACE as INDEXED
from ..core.packing import Corrupt
from ..core.policy import FLUSH, outdated
from ..core.records import record_of
from ..core.rules import Rules
from ..savings.buckets import BUDGETS
from ..savings.budgets import settled
from ..stores.base import CounterRow, RecordQuery, Store
from .lines import counter_line, entry_line, header_line, pair_line, parse
from .sums import Arriving

Progress = Callable[[int, int | None], None]
"""Told how much is done, and of how much where that is known: entries, or bytes of a file that is read."""

_BATCH = 500
_BATCH_BYTES = 8 * 1024**2


class Transferred(Struct):
    """What became of what was there."""

    entries: int = 0
    present: int = 0
    """Left as they are: the destination has the same or newer ones."""
    expired: int = 0
    outdated: int = 0
    """Left behind: what they depend on was bumped."""
    unreadable: int = 0
    """Left behind: their stored bytes are damaged."""
    sums: int = 0
    """Rows of the savings statistics."""
    pairs: int = 0
    """What was said of pairs of questions."""


class Purged(Struct, frozen=True):
    """How many entries went: because they had expired, and because they were asked to go."""

    expired: int
    deleted: int


def export_lines(
    store: Store, out: BinaryIO, *, namespaces: Sequence[str] | None = None, progress: Progress | None = None
) -> Transferred:
    """Write entries (of these namespaces, or all) and statistics as lines of JSON. Raises StoreUnavailable."""
    done = Transferred()
    out.write(header_line())
    for key, entry in _entries(store, namespaces, done, progress):
        out.write(entry_line(key, entry))
        done.entries += 1
    for pair in kept_pairs(store, namespaces):
        out.write(pair_line(pair))
        done.pairs += 1
    if namespaces is None:
        for row in _sums(store):
            out.write(counter_line(row))
            done.sums += 1
    out.flush()
    return done


def import_lines(
    store: Store,
    lines: BinaryIO,
    *,
    rules: Rules | None = None,
    progress: Progress | None = None,
    size: int | None = None,
    clock: Callable[[], float] = time.time,
) -> Transferred:
    """Store what `export_lines` wrote; `size` is the file's, in bytes, where it is known.

    Raises ValueError that names the line that cannot be read (those before it are stored), StoreUnavailable.
    """
    home, read = _Home(store, rules or Rules(), clock), 0
    for number, line in enumerate(lines, 1):
        read += len(line)
        try:
            parsed = parse(line)
        except (ValueError, UnicodeDecodeError) as error:
            home.settle()
            raise ValueError(
                f"line {number} is not one that an export wrote ({error}); all before it is stored"
            ) from None
        if isinstance(parsed, CounterRow):
            home.count(parsed)
        elif isinstance(parsed, KeptPair):
            home.learn(parsed)
        elif parsed is not None:
            home.take(*parsed)
        if progress and number % _BATCH == 0:
            progress(read, size)
    home.settle()
    if progress:
        progress(read, read)
    return home.done


def migrate(
    source: Store,
    target: Store,
    *,
    namespaces: Sequence[str] | None = None,
    rules: Rules | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.time,
) -> Transferred:
    """Copy entries (of these namespaces, or all) and statistics to another store. Raises StoreUnavailable."""
    home = _Home(target, rules or Rules(), clock)
    for key, entry in _entries(source, namespaces, home.done, progress):
        home.take(key, entry)
    for pair in kept_pairs(source, namespaces):
        home.learn(pair)
    if namespaces is None:
        for row in _sums(source):
            home.count(row)
    home.settle()
    return home.done


def purge(
    store: Store,
    *,
    namespaces: Sequence[str] | None = None,
    older_than: float | None = None,
    clock: Callable[[], float] = time.time,
) -> Purged:
    """Free what has expired; delete these namespaces, or what in them (or anywhere) is older than so many seconds."""
    expired, deleted = store.sweep(), 0
    if older_than is not None:
        for namespace in _namespaces(store, namespaces):
            query = RecordQuery(namespace=namespace, created_before=clock() - older_than)
            deleted += sum(store.delete(keys) for keys in store.find_all(query))
    elif namespaces is not None:
        deleted = sum(store.clear(namespace) for namespace in namespaces)
    return Purged(expired, deleted)


def _namespaces(store: Store, asked: Sequence[str] | None) -> Sequence[str]:
    return sorted(callers_own(store.sizes())) if asked is None else asked


def _entries(
    store: Store, namespaces: Sequence[str] | None, done: Transferred, progress: Progress | None
) -> Iterator[tuple[str, Entry]]:
    usage, seen = store.sizes(), 0
    names = _namespaces(store, namespaces)
    total = sum(usage[name].entries for name in names if name in usage)
    for namespace in names:
        for keys in store.find_all(RecordQuery(namespace=namespace)):
            for some in (keys[at : at + _BATCH] for at in range(0, len(keys), _BATCH)):
                yield from _current(store, namespace, some, done)
                seen += len(some)
                if progress:
                    progress(seen, max(seen, total))


def _current(store: Store, namespace: str, keys: Sequence[str], done: Transferred) -> Iterator[tuple[str, Entry]]:
    entries: dict[str, Entry] = {}
    for key, body in zip(keys, store.get(keys), strict=True):
        try:
            if body is not None:
                entries[key] = unpack_entry(body)
        except Corrupt:
            done.unreadable += 1
    names = {FLUSH}.union(*(entry.depends_on for entry in entries.values()))
    numbers = store.versions(namespace, sorted(names))[1]
    for key, entry in entries.items():
        if outdated((FLUSH,), entry.admitted, numbers):
            continue
        if outdated(entry.depends_on, entry.generation, numbers):
            done.outdated += 1
        else:
            yield key, entry


def _sums(store: Store) -> Iterator[CounterRow]:
    """All that is added up, without what calls have reserved of budgets: those are of the store that they began on."""
    for row in store.counters("", "~"):
        yield CounterRow(row.bucket, row.series, settled(row.sums)) if row.bucket.startswith(BUDGETS) else row


class _Home:
    """Where entries and sums arrive, a batch at a time."""

    def __init__(self, store: Store, rules: Rules, clock: Callable[[], float]) -> None:
        self.done = Transferred()
        self._store = store
        self._rules = rules
        self._clock = clock
        self._waiting: dict[str, Entry] = {}
        self._bytes = 0
        self._pairs: list[KeptPair] = []
        self._sums: Arriving | None = None

    def take(self, key: str, entry: Entry) -> None:
        self._waiting[key] = entry
        self._bytes += len(entry.response) + len(entry.request or b"")
        if len(self._waiting) >= _BATCH or self._bytes >= _BATCH_BYTES:
            self._settle_entries()

    def learn(self, pair: KeptPair) -> None:
        """Keep what was said of a pair, unless something else was said later by the same."""
        self._pairs.append(pair)
        if len(self._pairs) >= _BATCH:
            self._settle_pairs()

    def count(self, row: CounterRow) -> None:
        """Bring a row of sums up to these; what the destination has of them already is not added again."""
        self._sums = self._sums or Arriving(self._store, self._clock())
        self.done.sums += self._sums.take(row)

    def settle(self) -> None:
        """Store what still waits, and have what arrived embedded by a sidecar, within a minute or when it starts."""
        self._settle_entries()
        self._settle_pairs()
        if self.done.entries:
            self._store.clear(INDEXED)
        if self._sums:
            self._sums.settle()

    def _settle_pairs(self) -> None:
        pairs, self._pairs = self._pairs, []
        if pairs:
            self.done.pairs += keep_pairs(self._store, pairs)

    def _settle_entries(self) -> None:
        waiting, self._waiting, self._bytes = self._waiting, {}, 0
        if not waiting:
            return
        generations = {
            name: self._store.versions(name, ())[0] for name in {each.namespace for each in waiting.values()}
        }
        records, now = [], self._clock()
        for (key, entry), body in zip(waiting.items(), self._store.get(list(waiting)), strict=True):
            generation = generations[entry.namespace]
            arrived = msgspec.structs.replace(entry, generation=min(entry.generation, generation), admitted=generation)
            record = record_of(key, arrived, self._rules[entry.namespace].keep_stale)
            if record.expires is not None and record.expires <= now:
                self.done.expired += 1
            elif body is not None and _created(body) >= entry.created:
                self.done.present += 1
            else:
                records.append(record)
        if records:
            self._store.put(records)
            self.done.entries += len(records)


def _created(body: bytes) -> float:
    try:
        return unpack_entry(body).created
    except Corrupt:
        return float("-inf")
