"""What a hit costs: its throughput and latency beside endpoints that do nothing, in turns in one run."""

import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

from stack import Failure, Process, Redis, Sidecar, free_port
from stack.progress import say
from stack.web import answers

from .load import Call, Measured, measure
from .peers import Serve
from .peers.peer import Exchanges, Filled, OneProcessOnly

ROUNDS = 5
_ANSWER = "Nothing. " * 110
_EXCHANGES = Exchanges([f"What does repeated call {at} cost?" for at in range(50)], _ANSWER)
_QUESTIONS = [{"prompt": prompt, "model": "gpt-4o", "params": {"temperature": 0.2}} for prompt in _EXCHANGES.prompts]
HITS: Sequence[Call] = [("/v1/lookup", question) for question in _QUESTIONS]
STORES: Sequence[Call] = [("/v1/store", {**question, "response": {"text": _ANSWER}}) for question in _QUESTIONS]
MIXED: Sequence[Call] = [
    call for at, store in enumerate(STORES) for call in (*(HITS[(at * 4 + n) % len(HITS)] for n in range(4)), store)
]
"""Of five calls one stores."""
_FLASK, _RAW = "no-op Flask, gthread", "no-op ASGI"


class Noop(Process):
    """An endpoint that does nothing: `flask` under plain gunicorn, or `asgi` as the sidecar is served."""

    def __init__(self, kind: str, folder: Path, env: Mapping[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            f"The no-op endpoint on port {port}",
            [sys.executable, "-m", "tests.bench.noop", kind, f"127.0.0.1:{port}"],
            log=folder / f"noop-{kind}.log",
            ready=lambda: answers(f"{self.url}/ready"),
            env=dict(env),
        )


def run(
    workers: tuple[int, ...] = (1, 2),
    rounds: int = ROUNDS,
    seconds: int = 5,
    peers: Mapping[str, Serve] = MappingProxyType({}),
) -> None:
    """Print one table: of each number of workers the rows that can have it, and their ratios to its own references."""
    print("1 KB answers, 50 questions, 16 keep-alive connections; medians, and ratios to doing nothing")
    for count in workers:
        with ExitStack() as stack:
            served, missing = _serve(stack, count, peers)
            if count == workers[0]:  # below what installing says
                print(f"\nworkers  {'':<32} {'calls/s':>8} {'p50 ms':>7} {'p99 ms':>7}  to Flask  to ASGI", flush=True)
            _compare(stack, served, rounds, seconds, count)
        for name in missing:
            print(f"{count:>7}  {name:<32} cannot be installed or started on this machine: see above", flush=True)


def _serve(stack: ExitStack, workers: int, peers: Mapping[str, Serve]) -> tuple[dict[str, Filled], list[str]]:
    """Start all that has so many workers, and name the peers that this machine cannot have."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    env = {"PROMPT_CACHE_WORKERS": str(workers)}
    served = {
        name: Filled(stack.enter_context(Noop(kind, folder, env)).url, HITS)
        for name, kind in ((_FLASK, "flask"), (_RAW, "asgi"))
    }
    redis = stack.enter_context(Redis(folder, major=8))
    stores = {"memory": "memory://", "sqlite": f"sqlite:///{folder}/bench.db", "redis": redis.url}
    if workers > 1:
        del stores["memory"]  # it lives in one process
    for name, url in stores.items():
        sidecar = stack.enter_context(Sidecar(folder, env={**env, "PROMPT_CACHE_STORE": url}))
        for path, body in STORES:
            sidecar.client().post(path, body)
        served[f"hit, {name}"] = Filled(sidecar.url, HITS)
        served[f"hits and a fifth stores, {name}"] = Filled(sidecar.url, MIXED)
    missing = []
    for name, serve in peers.items():
        try:
            served[name] = stack.enter_context(serve(folder, workers, _EXCHANGES))
        except OneProcessOnly:
            continue
        except Failure as failure:
            say(f"{failure}")
            missing.append(name)
    return served, missing


def _compare(stack: ExitStack, served: Mapping[str, Filled], rounds: int, seconds: int, workers: int) -> None:
    """Call all in turns, and print their rows."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    measured: dict[str, list[Measured]] = {name: [] for name in served}
    for each in range(rounds + 1):
        for name, one in served.items():
            taken = measure(one.url, one.calls, folder, seconds=seconds)
            if each:  # the first round warms all up
                measured[name].append(taken)
    for name, taken_all in measured.items():
        p50, p99 = _median(taken_all, "p50"), _median(taken_all, "p99")
        ratios = "  ".join(f"{_ratio(taken_all, measured[reference]):>7.2f}" for reference in (_FLASK, _RAW))
        rate = _median(taken_all, "rate")
        print(f"{workers:>7}  {name:<32} {rate:>8.0f} {p50:>7.2f} {p99:>7.2f}  {ratios}", flush=True)


def _ratio(these: Sequence[Measured], those: Sequence[Measured]) -> float:
    """Of each round, since machines are never alike for long."""
    return statistics.median(one.rate / other.rate for one, other in zip(these, those, strict=True))


def _median(measured: Sequence[Measured], name: str) -> float:
    return float(statistics.median(getattr(each, name) for each in measured))
