"""Records, versions, leases and counters in Redis."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import ceil, inf
from typing import Any
from urllib.parse import quote, unquote

from msgspec import Struct

from ...values.defaults import STORE_PREFIX
from ..base import (
    MANY_NAMES,
    CounterMove,
    CounterRow,
    Gain,
    NamespaceSize,
    Neighbour,
    Page,
    Record,
    RecordQuery,
    Store,
    StoreFull,
    VectorRecord,
    VectorStore,
    is_expendable,
)
from . import scripts
from .address import parse
from .cluster import Clustered
from .connect import connect
from .link import Command, Link
from .places import TIME, Place, beginning, cursor_of
from .shards import Shards
from .vectors import Vectors

_GRACE = 60.0
"""Seconds a body stays beyond its end: our clock decides when it ends, the server's only frees it."""
_CHUNK = 250
_CHUNK_BYTES = 1 << 20
_WORK = 1000
"""Records that one call of a listing looks at."""
_ROUNDS = 20


class Stream(Struct, frozen=True):
    """Part of what a query selects: in one shard, those with all, some and none of these labels."""

    shard: str
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class RedisStore(Store, VectorStore):
    """A record, and all that finds it, lies in one hash slot, so that one script changes it whole."""

    remote = True

    def __init__(
        self, connections: Link, *, prefix: str = STORE_PREFIX, clock: Callable[[], float] = time.time
    ) -> None:
        self._link = connections
        self._prefix = prefix
        self._clock = clock
        self._shards = Shards(prefix, clustered=isinstance(connections, Clustered))
        self._vectors = Vectors(connections, self._shards, self._run, clock)
        self._checked = False

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "RedisStore":
        """See `address.FORMS`."""
        if not prefix or set(prefix) & set("{}"):
            raise ValueError("the prefix of the Redis keys must be some text without { and }")
        return cls(connect(parse(url), timeout), prefix=prefix)

    # -- records -----

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        now = self._clock()
        if len(keys) == 1:
            return [_alive(self._link.call("GET", f"{self._shards.of(keys[0])}:body:{keys[0]}", again=True), now)]
        found: dict[str, bytes | None] = {}
        for shard, some in self._shards.split(keys, str):
            names = [f"{shard}:body:{key}" for key in some]
            values = self._link.call("MGET", *names, again=True)
            found.update(zip(some, (_alive(value, now) for value in values), strict=True))
        return [found[key] for key in keys]

    def put(self, records: Sequence[Record]) -> None:
        try:
            self._put(records)
        except StoreFull:
            if all(is_expendable(record.namespace) for record in records) or not self._give_way():
                raise
            self._put(records)

    def _give_way(self) -> int:
        """Forget some of what is expendable; returns how many."""
        spaces = [namespace for namespace in self.sizes() if is_expendable(namespace)]
        return sum(self.delete([key for key, _ in self.eviction_candidates(each, _WORK)]) for each in spaces)

    def _put(self, records: Sequence[Record]) -> None:
        now = self._clock()
        for shard, some in self._shards.split(records, lambda record: record.key):
            arguments: list[Any] = []
            pending = 0
            for record in some:
                arguments += _arguments(record, now)
                pending += record.size
                if pending > _CHUNK_BYTES:
                    self._run(scripts.PUT, shard, *arguments, again=True)
                    arguments, pending = [], 0
            if arguments:
                self._run(scripts.PUT, shard, *arguments, again=True)

    def delete(self, keys: Sequence[str]) -> int:
        now = self._clock()
        chunks = self._shards.split(keys, str)
        return sum(self._run(scripts.DELETE, shard, repr(now), *some) for shard, some in chunks)

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        first = min if query.order == "oldest" else max
        reached = beginning(query, cursor)
        found: list[Place] = []
        for _ in range(_ROUNDS):
            # Beyond the first place where some stream stopped, others may hold what comes before what was found.
            seen: list[Place] = []
            known: list[Place] = []
            for stream in self._streams(query):
                some, stopped = self._look(stream, query, reached, limit)
                seen += some
                known += [stopped] if stopped else []
            horizon = first(known, default=None)
            seen.sort(reverse=query.order != "oldest")
            complete = [place for place in seen if horizon is None or first(place, horizon) == place]
            room = limit - len(found)
            found += complete[:room]
            if len(complete) > room or (len(found) == limit and horizon):
                return Page([key.decode() for _, key in found], cursor_of(found[-1]))
            if horizon is None:
                return Page([key.decode() for _, key in found])
            reached = horizon
        return Page([key.decode() for _, key in found], cursor_of(reached) if reached else None)

    def find_all(self, query: RecordQuery) -> Iterator[list[str]]:
        for stream in self._streams(query):
            reached, more = beginning(query, None), True
            while more:
                places, reached = self._look(stream, query, reached, _WORK)
                more = reached is not None
                if places:
                    yield [key.decode() for _, key in places]

    def sizes(self) -> dict[str, NamespaceSize]:
        sizes: dict[str, list[int]] = {}
        for shard in self._shards.names:
            for field, value in _pairs(self._link.call("HGETALL", f"{shard}:held", again=True)):
                sizes.setdefault(unquote(field[2:]), [0, 0])[field[0] == "b"] += int(value)
        return {namespace: NamespaceSize(entries, bytes_) for namespace, (entries, bytes_) in sizes.items()}

    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        least: list[tuple[float, bytes, bytes, int]] = []
        for shard in self._shards.names:
            for key, size, density, created in self._run(
                scripts.EVICTION_CANDIDATES, shard, _name(namespace), limit, again=True
            ):
                least.append((float(density), created, key, int(size)))
        return [(key.decode(), size) for _, _, key, size in sorted(least)[:limit]]

    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        for shard, some in self._shards.split(list(gains), str):
            parts = [part for key in some for part in (key, gains[key].hits, repr(float(gains[key].worth)))]
            self._run(scripts.ADD_GAINS, shard, *parts)

    def hits(self, keys: Sequence[str]) -> list[int]:
        hits: dict[str, int] = {}
        for shard, some in self._shards.split(keys, str):
            numbers = self._link.call("HMGET", f"{shard}:hits", *some, again=True)
            hits.update((key, int(number or 0)) for key, number in zip(some, numbers, strict=True))
        return [hits[key] for key in keys]

    # -- versions -----

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        generation: int = self._run(scripts.BUMP, self._versions(namespace), *dict.fromkeys(names))
        return generation

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        generation, *numbers = self._link.call("HMGET", self._versions(namespace), "", *names, again=True)
        known = zip(names, numbers, strict=True)
        return int(generation or 0), {name: int(number) for name, number in known if number is not None}

    def get_with_versions(
        self, keys: Sequence[str], namespace: str
    ) -> tuple[list[bytes | None], int, dict[str, int] | None]:
        now = self._clock()
        chunks = list(self._shards.split(keys, str))
        asked: list[Command] = [("MGET", *(f"{shard}:body:{key}" for key in some)) for shard, some in chunks]
        *answers, (complete, pairs) = self._link.call_all(
            asked, scripts.VERSIONS, self._versions(namespace), MANY_NAMES + 1
        )
        found = {
            key: _alive(value, now)
            for (_, some), values in zip(chunks, answers, strict=True)
            for key, value in zip(some, values, strict=True)
        }
        numbers = {name: int(number) for name, number in _pairs(pairs)}
        generation = numbers.pop("", 0)
        return [found[key] for key in keys], generation, numbers if complete else None

    def _versions(self, namespace: str) -> str:
        return f"{self._prefix}:versions:{namespace}"

    # -- leases -----

    def acquire(self, key: str, token: str, ttl: float) -> float:
        left: int = self._run(scripts.ACQUIRE, self._lease(key), token, max(ceil(ttl * 1000), 1))
        return left / 1000

    def release(self, key: str, token: str) -> bool:
        return bool(self._run(scripts.RELEASE, self._lease(key), token))

    def _lease(self, key: str) -> str:
        return f"{self._prefix}:lease:{key}"

    # -- counters -----

    def increment(self, counters: Sequence[CounterRow]) -> None:
        if counters:
            self._run(scripts.INCREMENT, self._counters, *_increments(counters))

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        if not counters:
            return []
        values = iter(self._run(scripts.INCREMENT_AND_GET, self._counters, *_increments(counters)))
        return [
            CounterRow(row.bucket, row.series, {name: float(next(values)) for name in row.sums}) for row in counters
        ]

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        places: dict[bytes, tuple[str, str]] = {}
        for bucket in self._run(scripts.BUCKETS, self._counters, since, until, again=True):
            rows: dict[str, dict[str, float]] = {}
            answer = self._run(scripts.COUNTERS, self._counters, bucket, again=True)
            for field, value in zip(answer[::2], answer[1::2], strict=True):
                if (place := places.get(field)) is None:  # most are in every bucket
                    name, _, series = field.decode().partition(" ")
                    place = places[field] = unquote(name), series
                rows.setdefault(place[1], {})[place[0]] = float(value)
            for series in sorted(rows):
                yield CounterRow(bucket.decode(), series, rows[series])

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        rest = iter(moves)
        while some := list(islice(rest, _CHUNK)):
            arguments = [
                part
                for move in some
                for name in move.row.sums
                for part in (
                    move.row.bucket,
                    _field(name, move.row.series),
                    move.bucket or "",
                    _field(name, move.series),
                )
            ]
            self._run(scripts.MOVE_COUNTERS, self._counters, *arguments, again=True)

    @property
    def _counters(self) -> str:
        return f"{{{self._prefix}:counters}}"

    # -- vectors -----

    def check_vectors(self) -> None:
        self._vectors.check()

    def put_vectors(self, vectors: Sequence[VectorRecord]) -> None:
        self._vectors.put(vectors)

    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        return self._vectors.nearest(wanted, limit, least)

    def delete_vectors(self, keys: Sequence[str]) -> None:
        self._vectors.delete(keys)

    # -- life -----

    def ping(self) -> None:
        self._link.check()

    def sweep(self) -> int:
        swept = 0
        for shard in self._shards.names:
            while gone := self._run(scripts.SWEEP, shard, repr(self._clock()), _CHUNK):
                swept += gone
        return swept

    def close(self) -> None:
        self._link.close()

    # -- inside -----

    def _run(self, script: scripts.Script, key: str, *arguments: Any, again: bool = False) -> Any:
        if not self._checked:  # before the first write: a server that drops any key must not be trusted with one
            self._link.check()
            self._checked = True
        return self._link.run(script, key, *arguments, again=again)

    def _look(
        self, stream: Stream, query: RecordQuery, place: Place | None, limit: int
    ) -> tuple[list[Place], Place | None]:
        """What is found of a stream after a place (or all), and the place up to which was looked, None at its end."""
        found, score, key = self._run(
            scripts.FIND,
            stream.shard,
            repr(self._clock()),
            _name(query.namespace),
            repr(place[0]) if place else "",
            place[1] if place else b"",
            limit,
            _WORK,
            (query.text or "").casefold(),
            query.order,
            "" if query.created_before is None else repr(query.created_before),
            int(query.unserved),
            len(stream.all),
            len(stream.any),
            len(stream.none),
            *stream.all,
            *stream.any,
            *stream.none,
            again=True,
        )
        return [(float(score), key) for key, score in found], (float(score), key) if score else None

    def _streams(self, query: RecordQuery) -> list[Stream]:
        labels, some = tuple(dict.fromkeys(query.labels)), tuple(dict.fromkeys(query.any_label))
        if labels or not some:
            return [Stream(shard, all=labels, any=some) for shard in self._shards.names]
        return [
            Stream(shard, all=(label,), none=some[:at]) for shard in self._shards.names for at, label in enumerate(some)
        ]


def _arguments(record: Record, now: float) -> list[Any]:
    expires, keep = ("", "")
    if record.expires is not None:
        expires = repr(record.expires)
        keep = str(max(ceil((record.expires - now) * 1000), 0) + int(_GRACE * 1000))
    labels = dict.fromkeys(record.labels)
    return [
        record.key,
        _name(record.namespace),
        repr(record.created),
        TIME.pack(record.created),
        expires,
        keep,
        record.size,
        repr(record.worth / max(record.size, 1)),
        TIME.pack(inf if record.expires is None else record.expires) + record.body,
        (record.text or "").casefold(),
        len(labels),
        *labels,
    ]


def _alive(value: bytes | None, now: float) -> bytes | None:
    """The body, which follows when it ends."""
    if value is None or TIME.unpack_from(value)[0] <= now:
        return None
    return value[TIME.size :]


def _name(namespace: str) -> str:
    """As part of a key: without a colon, which ends it there."""
    return quote(namespace, safe="!")


def _increments(counters: Sequence[CounterRow]) -> Iterator[Any]:
    """As the scripts take them."""
    for row in counters:
        yield row.bucket
        yield len(row.sums)
        for name, value in row.sums.items():
            yield _field(name, row.series)
            yield repr(float(value))


def _field(name: str, series: str) -> str:
    """A sum in the hash of its bucket."""
    return f"{quote(name)} {series}"


def _pairs(answer: list[bytes]) -> Iterator[tuple[str, bytes]]:
    for field, value in zip(answer[::2], answer[1::2], strict=True):
        yield field.decode(), value
