"""What a hit costs a Python program, in this process and over HTTP."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from prompt_cache_client import PromptCache
from stack import Sidecar

_HITS = 2000
_ROUNDS = 5
_ANSWER = {"text": "A cache is a place to keep things. " * 28, "finish_reason": "stop"}
"""About 1 KB."""


def run(rounds: int = _ROUNDS) -> None:
    """Print microseconds of `get_or_call` when it hits: the median of rounds, the p99 of the best."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sidecar = stack.enter_context(Sidecar(folder, env={"PROMPT_CACHE_STORE": f"sqlite:///{folder}/server.db"}))
        ways = {"memory://": "memory://", "sqlite://": f"sqlite:///{folder}/own.db", "http://": sidecar.url}
        print(f"\nget_or_call, {_HITS} hits of 1 KB one after another, microseconds: p50 and p99")
        for name, url in ways.items():
            cache = stack.enter_context(PromptCache(url))
            cache.get_or_call("q", lambda: _ANSWER)
            _tell(name, [_timed(lambda: cache.get_or_call("q", _never)) for _ in range(rounds)])  # noqa: B023
            _tell(f"{name}, async", [asyncio.run(_awaited(cache)) for _ in range(rounds)])


def _never() -> dict[str, str]:
    raise AssertionError("this is a hit")


def _timed(hit: Callable[[], object]) -> list[float]:
    found = []
    for _ in range(_HITS):
        began = time.perf_counter()
        hit()
        found.append(time.perf_counter() - began)
    return found


async def _awaited(cache: PromptCache) -> list[float]:
    found = []
    async with cache.as_async() as client:
        for _ in range(_HITS):
            began = time.perf_counter()
            await client.get_or_call("q", _never)  # type: ignore[arg-type]
            found.append(time.perf_counter() - began)
    return found


def _tell(name: str, rounds: list[list[float]]) -> None:
    p50 = statistics.median(statistics.median(each) for each in rounds) * 1e6
    p99 = min(statistics.quantiles(each, n=100)[98] for each in rounds) * 1e6
    print(f"{name:<20} {p50:8.0f} {p99:8.0f}")
