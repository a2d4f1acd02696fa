"""What a hit costs: its throughput and latency beside an endpoint that does nothing, in turns in one run."""

import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from stack import Process, Sidecar, free_port
from stack.web import answers

from .load import Measured, measure

_ROUNDS = 5
_QUESTION = {"prompt": "What does a repeated call cost?", "model": "gpt-4o", "params": {"temperature": 0.2}}
_ANSWER = {"text": "Nothing. " * 110}


class Noop(Process):
    """The endpoint that does nothing."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            f"The no-op endpoint on port {port}",
            [sys.executable, "-m", "tests.bench.noop", f"127.0.0.1:{port}"],
            log=folder / "noop.log",
            ready=lambda: answers(f"{self.url}/ready"),
            env=dict(env),
        )


def run(workers: tuple[int, ...] = (1, 2), rounds: int = _ROUNDS) -> None:
    """Print one line per number of workers and store."""
    print("Hit path: 1 KB answers, 16 keep-alive connections; medians, and ratios to a no-op Flask endpoint")
    print(f"{'workers':>7}  {'store':<8} {'hits/s':>8} {'no-op/s':>8} {'ratio':>6}   p50 ms (no-op)   p99 ms (no-op)")
    for count in workers:
        for store in ("memory", "sqlite") if count == 1 else ("sqlite",):
            _compare(count, store, rounds)


def _compare(workers: int, store: str, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {"PROMPT_CACHE_WORKERS": str(workers)}
        url = "memory://" if store == "memory" else f"sqlite:///{folder}/bench.db"
        with Sidecar(folder, env={**env, "PROMPT_CACHE_STORE": url}) as sidecar, Noop(folder, env) as noop:
            sidecar.client().post("/v1/store", {**_QUESTION, "response": _ANSWER})
            found = sidecar.client().post("/v1/lookup", _QUESTION)
            if found["status"] != "hit":
                raise RuntimeError(f"expected a hit, got {found}")
            pairs: list[tuple[Measured, Measured]] = []
            for _ in range(rounds + 1):
                hit = measure(f"{sidecar.url}/v1/lookup", _QUESTION, folder)
                pairs.append((hit, measure(f"{noop.url}/v1/lookup", _QUESTION, folder)))
            pairs = pairs[1:]  # the first round warms both up
    hits, noops = ([pair[at] for pair in pairs] for at in (0, 1))
    ratio = statistics.median(hit.rate / noop.rate for hit, noop in pairs)
    rates = f"{_median(hits, 'rate'):>8.0f} {_median(noops, 'rate'):>8.0f} {ratio:>6.2f}"
    p50, p99 = (f"{_median(hits, name):>7.2f} ({_median(noops, name):.2f})" for name in ("p50", "p99"))
    print(f"{workers:>7}  {store:<8} {rates}   {p50}   {p99}", flush=True)


def _median(measured: list[Measured], name: str) -> float:
    return float(statistics.median(getattr(each, name) for each in measured))
