"""Whether a store slows down as it fills: get, lookup and put at a thousand, a hundred thousand and a million entries.

    python -m tests.bench.store_sizes [--sizes 1000,100000,1000000] 'sqlite:////folder/{}.db' redis://localhost/0

A get is the store's own; a lookup is what a caller waits for in the sidecar's process: making the key, the get, and
judging the entry. Beside the store that grows stands one that stays small, and calls go to the two in turns: ratios are
between them, so that a machine that is busy for a while slows both. `{}` in a URL stands for a name of each of the two;
where it has none, they go by their prefix. What is written is cleared at the end.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Entry
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.records import record_of
from prompt_cache.keying.request import Request
from prompt_cache.stores import Record, Store, open_store

SIZES = (1_000, 100_000, 1_000_000)
_NAMESPACES = 10
_BATCH = 1000
_TURNS = 50
_GETS = 400
_PUTS = 40
_ANSWER = b'{"text": "' + b"It costs nothing. " * 56 + b'"}'


@dataclass(frozen=True)
class Measured:
    """Calls per second of one caller, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Row:
    """What each call took at one size, and on the small store beside it; `load` is records put per second."""

    name: str
    size: int
    load: float
    calls: dict[str, tuple[Measured, Measured]]


def measure(name: str, url: str, sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """One row per size, as they come. The store must be ours alone, and bounded by none of these sizes."""
    grown, small = (_open(url, which) for which in ("grown", "small"))
    try:
        _fill(small, 0, sizes[0])
        held = 0
        for size in sizes:
            begun = time.perf_counter()
            _fill(grown, held, size)
            load = (size - held) / (time.perf_counter() - begun)
            held = size
            for filled, number in ((small, sizes[0]), (grown, size)):
                if (there := sum(each.entries for each in filled.store.sizes().values())) != number:
                    raise RuntimeError(f"{there} entries are there, not {number}: has another store this URL?")
            calls = {call: _both(work, grown, size, small, sizes[0]) for call, work in _CALLS.items()}
            yield Row(name, size, load, calls)
    finally:
        for filled in (grown, small):
            for number in range(_NAMESPACES):
                filled.store.clear(_namespace(number))
            filled.store.close()


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Lines of a Markdown table: milliseconds, calls per second, and medians as multiples of the small store's."""
    heads = [f"{call} {head}" for call in _CALLS for head in ("p50", "p99", "per s", "× small")]
    yield f"| store | entries | {' | '.join(heads)} | loaded per s |"
    yield "|---" * (len(heads) + 3) + "|"
    for row in rows:
        cells = [row.name, f"{row.size:,}"]
        for grown, small in row.calls.values():
            cells += [f"{grown.p50:.3f}", f"{grown.p99:.3f}", f"{grown.rate:,.0f}", f"{grown.p50 / small.p50:.2f}"]
        yield f"| {' | '.join(cells)} | {row.load:,.0f} |"


def run(urls: dict[str, str], sizes: Sequence[int] = SIZES) -> list[Row]:
    """Measure stores, each by the name it goes by, and print the table."""
    rows: list[Row] = []
    for name, url in urls.items():
        for row in measure(name, url, sizes):
            medians = ", ".join(f"{call} {grown.p50:.3f} ms" for call, (grown, _) in row.calls.items())
            print(f"{name} at {row.size:,}: {medians}", file=sys.stderr)
            rows.append(row)
    print("\n".join(table(rows)))
    return rows


class Filled(NamedTuple):
    """A store to measure, by itself and behind a cache."""

    store: Store
    cache: PromptCache


def _open(url: str, which: str) -> Filled:
    store = open_store(url.replace("{}", which), timeout=30.0, prefix=f"prompt-cache-bench-{which}")
    return Filled(store, PromptCache(store))


def _fill(filled: Filled, held: int, size: int) -> None:
    for first in range(held, size, _BATCH):
        filled.store.put([_record(filled, n) for n in range(first, min(first + _BATCH, size))])


Work = Callable[[Filled, Sequence[int]], list[float]]


def _get(filled: Filled, asked: Sequence[int]) -> list[float]:
    keys = [_key(filled, number) for number in asked]
    return _timed(lambda n: filled.store.get([keys[n]]) != [None], len(keys))


def _lookup(filled: Filled, asked: Sequence[int]) -> list[float]:
    lookups = [Lookup(request=_request(number)) for number in asked]
    return _timed(lambda n: filled.cache.lookup(lookups[n]).status == "hit", len(lookups))


def _put(filled: Filled, asked: Sequence[int]) -> list[float]:
    records = [_record(filled, -1 - number) for number in asked]

    def put(n: int) -> bool:
        filled.store.put([records[n]])
        return True

    taken = _timed(put, len(records))
    filled.store.delete([record.key for record in records])
    return taken


_CALLS: dict[str, Work] = {"get": _get, "lookup": _lookup, "put": _put}


def _both(work: Work, grown: Filled, size: int, small: Filled, first: int) -> tuple[Measured, Measured]:
    chance = random.Random(size)
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(_TURNS):
        for at, (filled, held) in enumerate(((grown, size), (small, first))):
            times = work(filled, [chance.randrange(held) for _ in range(_PUTS if work is _put else _GETS)])
            if turn >= _TURNS // 5:  # the first turns warm both up
                taken[at].extend(times)
    return _measured(taken[0]), _measured(taken[1])


def _timed(call: Callable[[int], bool], times: int) -> list[float]:
    taken, done = [], 0
    for n in range(times):
        begun = time.perf_counter()
        done += call(n)
        taken.append(time.perf_counter() - begun)
    if done != times:
        raise RuntimeError(f"{times - done} of {times} entries were not there: is the store bounded?")
    return taken


def _measured(taken: list[float]) -> Measured:
    taken.sort()
    return Measured(len(taken) / sum(taken), taken[len(taken) // 2] * 1000, taken[len(taken) * 99 // 100] * 1000)


def _namespace(number: int) -> str:
    return f"bench-{number % _NAMESPACES}"


def _request(number: int) -> Request:
    return Request(prompt=f"What does call {number} cost?", model="gpt-4o", namespace=_namespace(number))


def _key(filled: Filled, number: int) -> str:
    return filled.cache.key_of(_request(number))


def _record(filled: Filled, number: int) -> Record:
    now = time.time()
    entry = Entry(
        namespace=_namespace(number),
        response=_ANSWER,
        created=now,
        expires=now + 86_400,
        model="gpt-4o",
        tags=[f"part-{number % 1000}"],
        cost_usd=number % 97 / 1000,
    )
    return record_of(_key(filled, number), entry, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), metavar="N,N,...")
    options = parser.parse_args()
    schemes = [url.partition(":")[0] for url in options.urls]
    names = [name if schemes.count(name) == 1 else url for name, url in zip(schemes, options.urls, strict=True)]
    urls = dict(zip(names, options.urls, strict=True))
    run(urls, [int(size) for size in options.sizes.split(",")])


if __name__ == "__main__":
    main()
