"""What a store must do. It knows nothing of prompts: it keeps opaque bodies by key, finds them by labels, and counts.

A store is four small parts together: records, versions, leases and counters. Whoever needs but one part says so in its
types. A fifth part, vectors, is not every engine's: it is asked for with `isinstance`.

Every method takes many at once. `StoreUnavailable` is raised whenever the engine cannot be reached in time, so that
no caller ever mistakes a broken store for an empty one. Times are seconds since the epoch.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct


class StoreUnavailable(Exception):
    """The engine cannot be reached, did not answer in time, or is broken."""


class StoreBusy(StoreUnavailable):
    """The engine works, and reads go on, but somebody else has kept writers waiting for longer than the timeout."""


class StoreFull(StoreUnavailable):
    """The engine works but takes no more: the disk or its memory is full."""


def is_expendable(namespace: str) -> bool:
    """Whether what a namespace holds can be had again: where room is short, it gives way before anything else does."""
    return namespace.startswith("!")


class Record(Struct, frozen=True, kw_only=True):
    """One thing to keep. After `expires` it is gone, for every reader, to the second."""

    key: str
    namespace: str
    body: bytes
    created: float
    expires: float | None = None
    labels: tuple[str, ...] = ()
    worth: float = 0.0
    """What keeping it saves; the least worth per byte is evicted first."""
    text: str | None = None
    """What a text search looks through."""

    @property
    def size(self) -> int:
        """Bytes it is accounted for."""
        return len(self.body) + len(self.text or "")


Order = Literal["newest", "oldest", "gained"]


class RecordQuery(Struct, frozen=True, kw_only=True):
    """Which records of one namespace: all conditions hold together."""

    namespace: str
    labels: tuple[str, ...] = ()
    """Records that carry every one of these."""
    any_label: tuple[str, ...] = ()
    """Records that carry at least one of these."""
    created_before: float | None = None
    text: str | None = None
    """Records whose text contains this, whatever the case."""
    unserved: bool = False
    """Records that nothing was gained by since they were put."""
    order: Order = "newest"
    """Which come first. `gained` is what gained most, and passes over what gained nothing."""


class Page(Struct, frozen=True):
    """Found keys, in the order of the query; `cursor` continues after them, None at the end."""

    keys: list[str]
    cursor: str | None = None


class Gain(Struct, frozen=True):
    """What a record was good for since it was put: how often it was served, and what that was worth together."""

    hits: int = 0
    worth: float = 0.0


class NamespaceSize(Struct, frozen=True):
    """How much a namespace holds."""

    entries: int = 0
    bytes: int = 0


class Bounds(Struct, frozen=True):
    """How much a namespace may hold; None is without limit."""

    max_entries: int | None = None
    max_bytes: int | None = None

    def exceeded(self, size: NamespaceSize) -> bool:
        return (self.max_entries is not None and size.entries > self.max_entries) or (
            self.max_bytes is not None and size.bytes > self.max_bytes
        )

    def relaxed(self) -> "Bounds":
        """Five percent lower: evicting down to here makes room for more than one put."""
        return Bounds(
            None if self.max_entries is None else self.max_entries - self.max_entries // 20,
            None if self.max_bytes is None else self.max_bytes - self.max_bytes // 20,
        )


class CounterRow(Struct, frozen=True):
    """Sums of one series in one stretch of time; buckets are found in the order of their names, `series` is opaque."""

    bucket: str
    series: str
    sums: dict[str, float]


class CounterMove(Struct, frozen=True):
    """Sums that go to another place: those of a row, by their names. Without a bucket they are forgotten."""

    row: CounterRow
    bucket: str | None = None
    series: str = ""


class RecordStore(ABC):
    """Bodies by key, found by labels, weighed by what they are worth."""

    @abstractmethod
    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Bodies in the order of the keys, None where there is nothing (left)."""

    @abstractmethod
    def put(self, records: Sequence[Record]) -> None:
        """Keep records, replacing those of the same key with their labels. Each record whole or not at all.

        Raises StoreFull when there is no room; what was kept before stays.
        """

    @abstractmethod
    def delete(self, keys: Sequence[str]) -> int:
        """Forget records; returns how many there were."""

    @abstractmethod
    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        """One page of what is selected. Records put meanwhile neither repeat nor hide those that stay; of those by
        gain, one that gains meanwhile may.

        Of those created at the same time, one order is the reverse of the other. A cursor is for the same query only.
        Raises ValueError when the cursor is not one of its own.
        """

    @abstractmethod
    def sizes(self) -> dict[str, NamespaceSize]:
        """What each namespace holds, without walking through it."""

    @abstractmethod
    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        """(key, size) of the records with the least worth per byte, oldest first among equals."""

    @abstractmethod
    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        """Add to the hits and the worth of records that are there; keys that are not are passed over."""

    @abstractmethod
    def hits(self, keys: Sequence[str]) -> list[int]:
        """How often each was served since it was put, in the order of the keys; 0 where there is nothing."""

    def clear(self, namespace: str) -> int:
        """Forget a whole namespace; returns how many records there were."""
        return sum(self.delete(keys) for keys in self.find_all(RecordQuery(namespace=namespace)))

    def find_all(self, query: RecordQuery) -> Iterator[list[str]]:
        """Keys of all that is selected, in any order, a page at a time; made for deleting what it yields."""
        cursor: str | None = None
        while True:
            page = self.find(query, limit=1000, cursor=cursor)
            if page.keys:
                yield page.keys
            cursor = page.cursor
            if cursor is None:
                return

    def evict(self, namespace: str, bounds: Bounds, size: NamespaceSize, keep: Collection[str] = ()) -> int:
        """Forget the least worth per byte until the bounds hold with a little room; returns how many.

        `size` is what the namespace holds, as `sizes` says it. What is to be kept stays, even beyond the bounds.
        """
        target, evicted = bounds.relaxed(), 0
        while target.exceeded(size):
            victims = []
            for key, bytes_ in self.eviction_candidates(namespace, 1000 + len(keep)):
                if not target.exceeded(size):
                    break
                if key in keep:
                    continue
                victims.append(key)
                size = NamespaceSize(size.entries - 1, size.bytes - bytes_)
            if not victims:
                break
            evicted += self.delete(victims)
        return evicted


class VersionStore(ABC):
    """Which names were bumped, in one sequence per namespace."""

    @abstractmethod
    def bump(self, namespace: str, names: Iterable[str]) -> int:
        """Advance the namespace's generation by one and give the names, if any, that number.

        Holds at once, everywhere.
        """

    @abstractmethod
    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        """(the namespace's generation, that of each name that was ever bumped). They begin at 0 and never fall."""


class LeaseStore(ABC):
    """Who may ask the model for a key, one at a time."""

    @abstractmethod
    def acquire(self, key: str, token: str, ttl: float) -> float:
        """Take the lease of a key for `ttl` seconds, or keep it for so long. 0.0 when this token has it from now on;
        otherwise the seconds the holder has left.
        """

    @abstractmethod
    def release(self, key: str, token: str) -> bool:
        """Give a lease back; False when this token does not hold it (any more)."""


class CounterStore(ABC):
    """Sums that many processes add to."""

    @abstractmethod
    def increment(self, counters: Sequence[CounterRow]) -> None:
        """Add to the sums of (bucket, series)."""

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        """Add to the sums of (bucket, series), and return what those that were named are then, row by row.

        Made for few. Of those who add to the same sums at the same time, each sees at least what those before it added;
        an engine that can lets nobody see what was added after.
        """
        self.increment(counters)
        found = {
            (row.bucket, row.series): row.sums
            for bucket in {row.bucket for row in counters}
            for row in self.counters(bucket, f"{bucket}\0")
        }
        sums = (found.get((row.bucket, row.series), {}) for row in counters)
        return [
            CounterRow(row.bucket, row.series, {name: held.get(name, 0.0) for name in row.sums})
            for row, held in zip(counters, sums, strict=True)
        ]

    @abstractmethod
    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        """Sums whose bucket is at or after `since` and before `until`."""

    @abstractmethod
    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        """Add what these sums are by now to those of another place, and forget them here.

        Each sum whole or not at all, whatever breaks off and whoever adds to it meanwhile; what is not there is passed
        over. No place is moved from that another is moved to.
        """


class VectorRecord(Struct, frozen=True, kw_only=True):
    """Where a record stands among those it is compared with."""

    key: str
    """That of the record. A record has one vector at most."""
    namespace: str
    space: str
    """Opaque; a vector is compared with those of its space alone, and never with one of another dimension."""
    vector: bytes
    """Little-endian float32, of length one."""


class Neighbour(Struct, frozen=True):
    """A record that is close to what was asked for."""

    key: str
    similarity: float
    """The cosine of both vectors, from -1 to 1, exact to 1e-3 whatever the engine approximates."""


class VectorsUnsupported(Exception):
    """This engine, as it is installed, cannot search vectors; the message is a sentence for people with the fix."""


class VectorStore(ABC):
    """Nearest neighbours among the vectors of records.

    A vector goes with its record: it is gone when that is deleted, replaced, cleared with its namespace or swept. An
    engine that cannot see to that at once may still find it; whoever finds a key without a record deletes the vector.
    """

    @abstractmethod
    def check_vectors(self) -> None:
        """Return when vectors can be kept and searched; an engine may set up then what that needs.

        Raises VectorsUnsupported, StoreUnavailable.
        """

    @abstractmethod
    def put_vectors(self, vectors: Sequence[VectorRecord]) -> None:
        """Keep vectors of records that are there, replacing those of the same keys; others may be passed over.

        Once it returns, every process finds them.
        """

    @abstractmethod
    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        """For each (space, vector): at most `limit` neighbours at least so similar, the closest first, of equals any.

        What has ended takes no place among them.
        """

    @abstractmethod
    def delete_vectors(self, keys: Sequence[str]) -> None:
        """Forget the vectors of these keys; the records stay."""


MANY_NAMES = 100
"""Names of a namespace up to which all their versions are brought along with a body."""


class Store(RecordStore, VersionStore, LeaseStore, CounterStore):
    """A storage engine. Safe to share between threads; where it says so, between processes and machines too."""

    shared: bool = True
    """Whether other processes see the same records."""
    local: bool = False
    """Whether reading takes microseconds: there is no network, and no file beside the database, to wait for."""
    keeps: bool = True
    """Whether what is put is ever found again."""
    remote: bool = False
    """Whether it is a server, which may fall silent and keep each caller waiting."""

    @classmethod
    @abstractmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "Store":
        """Open by URL. `timeout` bounds every call, in seconds; `prefix` keeps clear of others in a shared engine.

        Raises ValueError with a sentence for people when the URL cannot be meant.
        """

    def get_with_version(self, key: str, namespace: str, name: str) -> tuple[bytes | None, int]:
        """(the body as `get` has it, the version of one name or 0), in one look if it can.

        The version is no older than the body, and 0 where there is no body.
        """
        (body,) = self.get([key])
        return body, 0 if body is None else self.versions(namespace, (name,))[1].get(name, 0)

    def get_with_versions(
        self, keys: Sequence[str], namespace: str
    ) -> tuple[list[bytes | None], int, dict[str, int] | None]:
        """(bodies as `get` has them, the namespace's generation, the versions of all its names), in one trip if it can.

        None for the versions when they are too many to bring along, or the engine does not: ask for them by name. They
        are no older than the bodies.
        """
        bodies = self.get(keys)
        generation, versions = self.versions(namespace, ())
        return bodies, generation, None if generation else versions

    @abstractmethod
    def ping(self) -> None:
        """Return when the engine answers; raise StoreUnavailable otherwise."""

    def sweep(self) -> int:
        """Free what expired records still hold; returns how many. Engines that expire records themselves do nothing."""
        return 0

    def close(self) -> None:
        """Let go of connections and files."""
