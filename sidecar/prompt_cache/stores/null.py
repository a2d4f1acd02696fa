"""Nothing at all: to switch caching off without touching what uses it."""

# ruff: noqa: ARG002 - it does nothing with anything

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .base import CounterMove, CounterRow, Gain, NamespaceSize, Page, Record, RecordQuery, Store


class NullStore(Store):
    """Everything is a miss, every lease is granted, nothing is counted."""

    shared = False
    local = True
    keeps = False

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "NullStore":  # noqa: ARG003
        if url != "null://":
            raise ValueError("null:// takes nothing after the slashes")
        return cls()

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        return [None] * len(keys)

    def put(self, records: Sequence[Record]) -> None:
        return None

    def delete(self, keys: Sequence[str]) -> int:
        return 0

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        if cursor is not None:
            raise ValueError("the cursor is not one that a listing returned")
        return Page([])

    def sizes(self) -> dict[str, NamespaceSize]:
        return {}

    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        return []

    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        return None

    def hits(self, keys: Sequence[str]) -> list[int]:
        return [0] * len(keys)

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        return 1

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        return 0, {}

    def acquire(self, key: str, token: str, ttl: float) -> float:
        return 0.0

    def release(self, key: str, token: str) -> bool:
        return True

    def increment(self, counters: Sequence[CounterRow]) -> None:
        return None

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        return list(counters)

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        return iter(())

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        return None

    def ping(self) -> None:
        return None
