"""A store whose every call goes through one place, which may refuse it, or look at how it does."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import ParamSpec, Protocol, TypeVar

from .base import (
    Bounds,
    CounterMove,
    CounterRow,
    Gain,
    NamespaceSize,
    Neighbour,
    Page,
    Record,
    RecordQuery,
    Store,
    VectorRecord,
    VectorStore,
)

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Gate(Protocol):
    """What all calls go through."""

    def call(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do it; raises what it raises."""

    def iterate(self, work: Callable[[], Iterator[_T]]) -> Iterator[_T]:
        """The same for what comes bit by bit."""


class Through(Store):
    """A store behind a gate."""

    def __init__(self, store: Store, gate: Gate) -> None:
        self.shared, self.keeps, self.local, self.remote = store.shared, store.keeps, store.local, store.remote
        self._store = store
        self._gate = gate
        self._call = gate.call

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "Through":
        """No gate is known by a URL alone."""
        raise NotImplementedError

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        return self._call(self._store.get, keys)

    def put(self, records: Sequence[Record]) -> None:
        return self._call(self._store.put, records)

    def delete(self, keys: Sequence[str]) -> int:
        return self._call(self._store.delete, keys)

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        return self._call(self._store.find, query, limit=limit, cursor=cursor)

    def sizes(self) -> dict[str, NamespaceSize]:
        return self._call(self._store.sizes)

    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        return self._call(self._store.eviction_candidates, namespace, limit)

    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        return self._call(self._store.add_gains, gains)

    def hits(self, keys: Sequence[str]) -> list[int]:
        return self._call(self._store.hits, keys)

    def clear(self, namespace: str) -> int:
        return self._call(self._store.clear, namespace)

    def find_all(self, query: RecordQuery) -> Iterator[list[str]]:
        return self._gate.iterate(lambda: self._store.find_all(query))

    def evict(self, namespace: str, bounds: Bounds, size: NamespaceSize, keep: Collection[str] = ()) -> int:
        return self._call(self._store.evict, namespace, bounds, size, keep)

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        return self._call(self._store.bump, namespace, names)

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        return self._call(self._store.versions, namespace, names)

    def acquire(self, key: str, token: str, ttl: float) -> float:
        return self._call(self._store.acquire, key, token, ttl)

    def release(self, key: str, token: str) -> bool:
        return self._call(self._store.release, key, token)

    def increment(self, counters: Sequence[CounterRow]) -> None:
        return self._call(self._store.increment, counters)

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        return self._call(self._store.increment_and_get, counters)

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        return self._gate.iterate(lambda: self._store.counters(since, until))

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        return self._call(self._store.move_counters, moves)

    def get_with_version(self, key: str, namespace: str, name: str) -> tuple[bytes | None, int]:
        return self._call(self._store.get_with_version, key, namespace, name)

    def get_with_versions(
        self, keys: Sequence[str], namespace: str
    ) -> tuple[list[bytes | None], int, dict[str, int] | None]:
        return self._call(self._store.get_with_versions, keys, namespace)

    def ping(self) -> None:
        return self._call(self._store.ping)

    def sweep(self) -> int:
        return self._call(self._store.sweep)

    def close(self) -> None:
        self._store.close()


class ThroughVectors(Through, VectorStore):
    """The same around a store that has vectors."""

    def __init__(self, store: Store, gate: Gate) -> None:
        super().__init__(store, gate)
        if not isinstance(store, VectorStore):
            raise TypeError("the store has no vectors")
        self._vectors: VectorStore = store

    def check_vectors(self) -> None:
        return self._call(self._vectors.check_vectors)

    def put_vectors(self, vectors: Sequence[VectorRecord]) -> None:
        return self._call(self._vectors.put_vectors, vectors)

    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        return self._call(self._vectors.nearest, wanted, limit=limit, least=least)

    def delete_vectors(self, keys: Sequence[str]) -> None:
        return self._call(self._vectors.delete_vectors, keys)
