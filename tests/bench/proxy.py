"""What the proxy costs: a hit beside a native lookup, a miss beside the call of the provider itself, in turns."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp

from stack import Process, Sidecar, free_port
from stack.web import answers

from .load import EACH, Call, Measured, measure
from .peers import litellm
from .peers.peer import Exchanges

ROUNDS = 5
ALONE = "one caller:"
"""Begins the rows that are called over one connection, so that nobody waits for others; the other have 16."""
_PATH = "/openai/v1/chat/completions"
_ASKED: list[dict[str, Any]] = [
    {"model": "gpt-4o", "messages": [{"role": "user", "content": f"What is {at}?"}]} for at in range(50)
]
_NEW = [{"model": "gpt-4o", "messages": [{"role": "user", "content": f"What is new in {EACH}?"}]}]
_ANSWER = "Nothing. " * 110
_STREAMS = 300


class InstantUpstream(Process):
    """A provider that answers at once, and does nothing else."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            f"The instant upstream on port {port}",
            [sys.executable, "-m", "tests.bench.noop", "provider", f"127.0.0.1:{port}"],
            log=folder / "instant-upstream.log",
            ready=lambda: answers(f"{self.url}/ready"),
            env={"PROMPT_CACHE_WORKERS": "1"},
        )


def run(rounds: int = ROUNDS, seconds: int = 5, *, peers: bool = False) -> None:
    """Print one table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = stack.enter_context(InstantUpstream(folder))
        rows: dict[str, tuple[str, Sequence[Call]]] = {
            "the provider itself": (upstream.url, [("/v1/chat/completions", body) for body in _ASKED]),
            f"{ALONE} provider": (upstream.url, [("/v1/chat/completions", body) for body in _ASKED]),
        }
        for name, store in (("memory", "memory://"), ("sqlite", f"sqlite:///{folder}/bench.db")):
            env = {
                "PROMPT_CACHE_WORKERS": "1",
                "PROMPT_CACHE_STORE": store,
                "PROMPT_CACHE_UPSTREAM_OPENAI_URL": f"{upstream.url}/v1",
            }
            sidecar = stack.enter_context(Sidecar(folder, env=env))
            for body in _ASKED:
                sidecar.client().post(_PATH, body)
                sidecar.client().post("/v1/store", {**body, "response": {"text": _ANSWER}})
            rows[f"native hit, {name}"] = (sidecar.url, [("/v1/lookup", body) for body in _ASKED])
            rows[f"proxied hit, {name}"] = (sidecar.url, [(_PATH, body) for body in _ASKED])
            rows[f"proxied miss, {name}"] = (sidecar.url, [(_PATH, body) for body in _NEW])
            rows[f"{ALONE} miss, {name}"] = (sidecar.url, [(_PATH, body) for body in _NEW])
        if peers:
            asked = Exchanges([str(body["messages"][0]["content"]) for body in _ASKED], _ANSWER)
            filled = stack.enter_context(litellm.serve(folder, 1, asked))
            rows["LiteLLM's proxy, hit"] = (filled.url, filled.calls)
        print("\nThe proxy in front of a provider that answers at once; one worker, keep-alive connections; medians")
        print(f"{'':<26} {'calls/s':>8} {'p50 ms':>7} {'p99 ms':>7}  to native  to provider", flush=True)
        _compare(rows, folder, rounds, seconds)
        asyncio.run(_first_events(rows))


async def _first_events(rows: Mapping[str, tuple[str, Sequence[Call]]]) -> None:
    """Print when the first event of a stream is there, by the provider itself and through the proxy."""
    ways = {"the provider itself": "/v1/chat/completions", "proxied miss, sqlite": _PATH}
    waited: dict[str, list[float]] = {name: [] for name in ways}
    async with aiohttp.ClientSession() as session:
        for at in range(_STREAMS):
            for name, path in ways.items():
                body = {**_NEW[0], "stream": True, "seed": at}
                began = time.perf_counter()
                async with session.post(rows[name][0] + path, json=body) as response:
                    await response.content.readany()
                    waited[name].append((time.perf_counter() - began) * 1000)
                    await response.read()
    p50 = {name: statistics.median(times) for name, times in waited.items()}
    print(f"first event of a stream, one caller: {' ms, '.join(f'{name} {ms:.2f}' for name, ms in p50.items())} ms")


def _compare(rows: Mapping[str, tuple[str, Sequence[Call]]], folder: Path, rounds: int, seconds: int) -> None:
    measured: dict[str, list[Measured]] = {name: [] for name in rows}
    for each in range(rounds + 1):
        for name, (url, calls) in rows.items():
            taken = measure(url, calls, folder, seconds=seconds, connections=1 if name.startswith(ALONE) else 16)
            if each:  # the first round warms all up
                measured[name].append(taken)
    for name, taken_all in measured.items():
        store = name.rpartition(", ")[2]
        native = measured.get(f"native hit, {store}", taken_all)
        provider = measured["the provider itself"]
        rate, p50, p99 = (
            statistics.median(getattr(taken, what) for taken in taken_all) for what in ("rate", "p50", "p99")
        )
        ratios = [
            statistics.median(one.rate / other.rate for one, other in zip(taken_all, those, strict=True))
            for those in (native, provider)
        ]
        print(f"{name:<26} {rate:>8.0f} {p50:>7.2f} {p99:>7.2f}  {ratios[0]:>9.2f}  {ratios[1]:>11.2f}", flush=True)
