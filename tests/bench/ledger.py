"""How long a report takes over a year of statistics: `python -m tests.bench.ledger [series] [engine ...]`."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from prompt_cache.savings.buckets import DAY, HOUR, day_of, hour_of
from prompt_cache.savings.series import Dimensions
from prompt_cache.savings.statistics import GroupBy, Statistics
from prompt_cache.stores import open_store
from prompt_cache.stores.base import CounterRow
from stack import Postgres, Redis

_ENGINES = ("sqlite", "redis", "postgresql")
_SERIES = 60
_DAYS = 365
_HOURLY = 30
_SUMS = (
    *("hits", "misses", "miss:not_found", "stored", "cost_usd", "input_tokens", "output_tokens", "seconds", "calls"),
    *("spent_cost_usd", "spent_input_tokens", "spent_output_tokens", "spent_cached_input_tokens", "spent_seconds"),
)
_PAGE: tuple[tuple[GroupBy, ...], ...] = (("day",), ("workflow",), ("node",), ("model",), ("namespace",))
"""What a page of the dashboard groups by."""


def run(series: int = _SERIES, engines: Sequence[str] = _ENGINES) -> None:
    """Print seconds, those of the processor in this process beside them: servers have theirs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        starts: dict[str, Callable[[], str]] = {
            "sqlite": lambda: f"sqlite:///{folder}/ledger.db",
            "redis": lambda: stack.enter_context(Redis(folder, major=8)).url,
            "postgresql": lambda: stack.enter_context(Postgres(folder)).url,
        }
        print(f"{series} series a day and hour | 1 day | 7 days | 30 days | a year")
        for name in engines:
            store = open_store(starts[name](), timeout=60.0)
            for rows in _year(series, time.time()):
                store.increment(rows)
            statistics = Statistics(store, time.time)
            print(name, *(_measured(statistics, days * DAY) for days in (1, 7, 30, 365)), sep=" | ", flush=True)
            store.close()


def _year(series: int, now: float) -> Iterator[list[CounterRow]]:
    names = [
        Dimensions(f"team-{n % 5}", f"model-{n % 7}", f"Workflow {n % 12}", f"Node {n}").series for n in range(series)
    ]
    for day in range(_DAYS):
        hours = [hour_of(now - day * DAY - hour * HOUR) for hour in range(24)] if day < _HOURLY else []
        for bucket in (day_of(now - day * DAY), *hours):
            yield [CounterRow(bucket, name, {each: float(at + 1) for at, each in enumerate(_SUMS)}) for name in names]


def _measured(statistics: Statistics, span: float) -> str:
    wall, processor = time.perf_counter(), time.process_time()
    statistics.reports(lambda _: True, _PAGE, since=time.time() - span)
    return f"{time.perf_counter() - wall:.3f} ({time.process_time() - processor:.3f})"


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else _SERIES, sys.argv[2:] or _ENGINES)
