"""Whether a store slows down as it fills: get and put at a thousand, a hundred thousand and a million entries.

    python -m tests.bench.store_sizes [--sizes 1000,100000,1000000] sqlite:////folder/cache.db redis://localhost/0

A get is the store's own; a lookup is what a caller waits for in the sidecar's process: making the key, the get, and
judging the entry. What is written goes into namespaces of its own and is cleared at the end. Ratios are to the first
size, in one run.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prompt_cache.cache import Lookup, PromptCache
from prompt_cache.deposit import record_of
from prompt_cache.entry import Entry
from prompt_cache.request import Request
from prompt_cache.stores import Record, open_store

SIZES = (1_000, 100_000, 1_000_000)
_NAMESPACES = 10
_BATCH = 1000
_GETS = 20_000
_PUTS = 2_000
_ANSWER = b'{"text": "' + b"It costs nothing. " * 56 + b'"}'


@dataclass(frozen=True)
class Measured:
    """Calls per second of one caller, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Row:
    """What one size of one store gave; `load` is records per second put in batches."""

    name: str
    size: int
    load: float
    get: Measured
    lookup: Measured
    put: Measured


def measure(name: str, url: str, sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """One row per size, as they come. The store must be ours alone, and bounded by none of these sizes."""
    store = open_store(url, timeout=30.0, prefix="prompt-cache-bench")
    cache, held = PromptCache(store), 0
    try:
        for size in sizes:
            begun, before = time.perf_counter(), held
            for first in range(held, size, _BATCH):
                store.put([_record(cache, n) for n in range(first, min(first + _BATCH, size))])
            held = size
            load = (held - before) / (time.perf_counter() - begun)
            asked = [random.Random(at).randrange(size) for at in range(_GETS)]
            yield Row(name, size, load, _get(cache, asked), _lookup(cache, asked), _put(cache, size))
            store.delete([_key(cache, size + n) for n in range(_PUTS)])
    finally:
        for number in range(_NAMESPACES):
            store.clear(f"bench-{number}")
        store.close()


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Lines of a Markdown table; times in milliseconds, and how often the first size's median they are."""
    calls = ("get", "lookup", "put")
    heads = [f"{call} {head}" for call in calls for head in ("p50", "p99", "per s", "× first")]
    yield f"| store | entries | {' | '.join(heads)} | loaded per s |"
    yield "|---" * (len(heads) + 3) + "|"
    first = {row.name: row for row in reversed(rows)}
    for row in rows:
        cells = [row.name, f"{row.size:,}"]
        for call in calls:
            measured, base = getattr(row, call), getattr(first[row.name], call)
            cells += [f"{measured.p50:.3f}", f"{measured.p99:.3f}", f"{measured.rate:,.0f}"]
            cells.append(f"{measured.p50 / base.p50:.2f}")
        yield f"| {' | '.join(cells)} | {row.load:,.0f} |"


def run(urls: dict[str, str], sizes: Sequence[int] = SIZES) -> list[Row]:
    """Measure stores, each by the name it goes by, and print the table."""
    rows: list[Row] = []
    for name, url in urls.items():
        for row in measure(name, url, sizes):
            medians = f"get {row.get.p50:.3f} ms, lookup {row.lookup.p50:.3f} ms, put {row.put.p50:.3f} ms"
            print(f"{name} at {row.size:,}: {medians}", file=sys.stderr)
            rows.append(row)
    print("\n".join(table(rows)))
    return rows


def _get(cache: PromptCache, asked: Sequence[int]) -> Measured:
    keys, found = [_key(cache, number) for number in asked], 0
    for key in keys[: len(keys) // 4]:
        cache.store.get([key])

    def get(n: int) -> None:
        nonlocal found
        found += cache.store.get([keys[n]])[0] is not None

    return _complete(_timed(get, len(keys)), found, len(keys))


def _lookup(cache: PromptCache, asked: Sequence[int]) -> Measured:
    lookups, found = [Lookup(request=_request(number)) for number in asked], 0

    def look_up(n: int) -> None:
        nonlocal found
        found += cache.lookup(lookups[n]).status == "hit"

    return _complete(_timed(look_up, len(lookups)), found, len(lookups))


def _complete(measured: Measured, found: int, asked: int) -> Measured:
    if found != asked:
        raise RuntimeError(f"{asked - found} of {asked} entries were not there: is the store bounded?")
    return measured


def _put(cache: PromptCache, size: int) -> Measured:
    records = [_record(cache, size + n) for n in range(_PUTS)]
    return _timed(lambda n: cache.store.put([records[n]]), _PUTS)


def _timed(call: Callable[[int], None], times: int) -> Measured:
    taken = []
    for n in range(times):
        begun = time.perf_counter()
        call(n)
        taken.append(time.perf_counter() - begun)
    taken.sort()
    return Measured(times / sum(taken), taken[times // 2] * 1000, taken[times * 99 // 100] * 1000)


def _request(number: int) -> Request:
    return Request(prompt=f"What does call {number} cost?", model="gpt-4o", namespace=f"bench-{number % _NAMESPACES}")


def _key(cache: PromptCache, number: int) -> str:
    return cache.key_of(_request(number))[0]


def _record(cache: PromptCache, number: int) -> Record:
    now = time.time()
    entry = Entry(
        namespace=f"bench-{number % _NAMESPACES}",
        response=_ANSWER,
        created=now,
        expires=now + 86_400,
        model="gpt-4o",
        tags=[f"part-{number % 1000}"],
        cost_usd=number % 97 / 1000,
    )
    return record_of(_key(cache, number), entry, 0.0)


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
