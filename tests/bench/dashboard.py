"""How long the dashboard's pages take on the server, with a year of statistics and many entries behind them."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import requests

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Source
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.savings.statistics import Dimensions
from prompt_cache.stores.sqlite.store import SqliteStore
from stack import Sidecar

ENTRIES = 1_000_000
LIMIT = 0.3
"""Seconds within which a page is to be there."""
_PAGES = ("/?period=today", "/", "/?period=30d", "/?period=30d&workflow=workflow+1", "/status")
_MORE = ("/answers?namespace=bench", "/misses", "/opportunities")
_DAYS, _SERIES, _TOGETHER, _ROUNDS = 365, 40, 500, 7
_ANSWER = msgspec.json.encode({"text": "An answer of some length. " * 8})


def run(entries: int = ENTRIES) -> None:
    """Print the time of each page, served by the default install (2 workers, SQLite)."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _fill(folder / "bench.db", entries)
        env = {"PROMPT_CACHE_STORE": f"sqlite:///{folder}/bench.db", "PROMPT_CACHE_STATS_RETENTION": "400d"}
        sidecar = stack.enter_context(Sidecar(folder, env=env))
        print(f"\nthe dashboard with {_DAYS} days of {_SERIES} series and {entries:,} entries; SQLite")
        with requests.Session() as session:
            for page in (*_PAGES, *_MORE):
                times = sorted(_times(session, f"{sidecar.url}{page}"))
                middle = times[len(times) // 2]
                print(f"{page:<36} p50 {middle * 1000:6.1f} ms  {middle / LIMIT:5.0%} of {LIMIT:g} s")


def _times(session: requests.Session, url: str) -> Iterator[float]:
    session.get(url, timeout=60).raise_for_status()
    for _ in range(_ROUNDS):
        response = session.get(url, timeout=60)
        response.raise_for_status()
        yield response.elapsed.total_seconds()


def _fill(file: Path, entries: int) -> None:
    now = time.time()
    clock = [now - _DAYS * 86400.0]
    cache = PromptCache(SqliteStore(file, clock=lambda: clock[0]), never_expires=True, clock=lambda: clock[0])
    for day in range(_DAYS):
        for _ in range(24):
            for at in range(_SERIES):
                names = Dimensions(f"namespace {at % 4}", f"model {at % 5}", f"workflow {at % 10}", f"node {at}")
                spent = {"calls": 1, "spent_cost_usd": 0.02}
                cache.statistics.count(names, hits=3, misses=1, cost_usd=0.1, seconds=4.0, **spent)
            clock[0] += 3600
        cache.statistics.flush()
        if day % 20 == 0:
            cache.statistics.tidy()
    clock[0] = now
    cache.statistics.tidy()
    for first in range(0, entries, _TOGETHER):
        cache.store_many([_entry(number) for number in range(first, min(entries, first + _TOGETHER))])
    cache.close()


def _entry(number: int) -> NewEntry:
    asked = Request(prompt=f"Question {number}: how is it done?", model="gpt-4o-mini", namespace="bench")
    return NewEntry(response=_ANSWER, request=asked, ttl=None, source=Source("workflow 1", "node 1"))
