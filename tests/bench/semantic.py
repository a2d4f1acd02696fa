"""What a question costs that is worded differently: searching, and a whole lookup without its embedding."""

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Entry
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.questions import Questions
from prompt_cache.core.records import record_of
from prompt_cache.core.rules import NamespaceRules, Rules, SemanticRules
from prompt_cache.keying.keys import Keyer, canonical_json
from prompt_cache.keying.normalize import Normalizers
from prompt_cache.keying.request import Request
from prompt_cache.semantic.embedders.base import Embedded, Embedder
from prompt_cache.semantic.partition import Place, place_of
from prompt_cache.stores import Store, VectorRecord, VectorStore, open_store
from stack import Postgres, Redis

SIZES = (1_000, 10_000, 100_000)
DIMENSION = 384
_BATCH = 500
_CALLS = 300
_FOUND = 0.9
"""The least share; Redis searches what is large by an index, which misses some."""
_SEMANTIC, _EXACT = "semantic", "exact"
_RULES = Rules(NamespaceRules(), {_SEMANTIC: NamespaceRules(semantic=SemanticRules(match=True))})
_POLITE = "Please, "
_ANSWER = b'{"text": "' + b"It costs nothing. " * 56 + b'"}'


class Ready(Embedder):
    """Has every vector in advance, so that what is measured has no embedding in it; politeness turns one a little."""

    name = "ready"
    threshold = 0.6

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def embed(self, texts: Sequence[str]) -> Embedded:
        return Embedded([self._known.get(text) or self.learn(text) for text in texts])

    def learn(self, text: str) -> bytes:
        plain = text.removeprefix(_POLITE).lower()
        vector = np.random.default_rng(crc32(plain.encode())).standard_normal(DIMENSION)
        if text.startswith(_POLITE):
            vector += 0.2 * np.random.default_rng(crc32(text.encode())).standard_normal(DIMENSION)
        vector = vector / np.linalg.norm(vector)
        known = self._known[text] = bytes(vector.astype("<f4").tobytes())
        return known


def run(sizes: Sequence[int] = SIZES, only: Sequence[str] = ()) -> None:
    """Print a table of the engines, and what vectors take in the memory of two workers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engines: dict[str, Callable[[], str]] = {
            "memory": lambda: "memory://?max_bytes=16GB",
            "sqlite": lambda: f"sqlite:///{folder}/bench.db",
            "file": lambda: f"file:///{folder}/files?durability=normal",
            "redis": lambda: stack.enter_context(Redis(folder, major=8)).url,
            "postgresql": lambda: stack.enter_context(Postgres(folder)).url,
        }
        print(f"\nQuestions worded differently, {DIMENSION} dimensions, all in one space; ms, without embedding")
        heads = ("search p50", "p99", "lookup p50", "p99", "to exact hit", "exact hit p50", "to exact alone", "found")
        print(f"| store | entries | {' | '.join(heads)} |\n|---{'|---' * (len(heads) + 1)}|", flush=True)
        for name, start in engines.items():
            if not only or name in only:
                for line in _rows(name, start(), sizes):
                    print(line, flush=True)
        if not only or "sqlite" in only:
            _workers(folder / "workers.db", max(sizes))


def _rows(name: str, url: str, sizes: Sequence[int]) -> Iterator[str]:
    store, embedder = open_store(url, timeout=30.0), Ready()
    cache = PromptCache(store, rules=_RULES, embedder=embedder)
    held = 0
    try:
        for size in sizes:
            fill(store, embedder, held, size)
            held = size
            yield _row(name, store, cache, embedder, size)
    finally:
        for namespace in (_SEMANTIC, _EXACT):
            store.clear(namespace)
        store.close()


def _row(name: str, store: Store, cache: PromptCache, embedder: Ready, size: int) -> str:
    chance = random.Random(size)
    numbers = [chance.randrange(size) for _ in range(_CALLS)]
    space = _place(0).space(embedder.name, DIMENSION)
    vectors = [embedder.learn(_POLITE + _question(number)) for number in numbers]
    assert isinstance(store, VectorStore)
    search = store.nearest
    found: list[bool] = []
    taken: dict[str, list[float]] = {name: [] for name in ("search", "lookup", "hit", "plain")}
    search([(space, vectors[0])], limit=8, least=0.6)  # the first may have a matrix to make
    for number, vector in zip(numbers, vectors, strict=True):  # in turns, since machines are never alike for long
        found.append(_time(taken["search"], lambda: len(search([(space, vector)], limit=8, least=0.6)[0]) == 1))  # noqa: B023
        calls = [
            ("lookup", _POLITE + _question(number), _SEMANTIC),
            ("hit", _question(number), _SEMANTIC),
            ("plain", _question(number), _EXACT),
        ]
        for what, prompt, namespace in chance.sample(calls, len(calls)):
            lookup = Lookup(request=Request(prompt=prompt, namespace=namespace))
            done = _time(taken[what], lambda: cache.lookup(lookup).status == "hit")  # noqa: B023
            if what == "lookup":
                found.append(done)
            elif not done:
                raise RuntimeError("what is there was not found")
    if (share := sum(found) / len(found)) < _FOUND:
        raise RuntimeError(f"of what was asked for {share:.1%} was found")
    medians = {what: statistics.median(times) * 1e3 for what, times in taken.items()}
    tails = {what: statistics.quantiles(times, n=100)[98] * 1e3 for what, times in taken.items()}
    cells = [f"{value:.2f}" for what in ("search", "lookup") for value in (medians[what], tails[what])]
    cells.append(f"{medians['lookup'] / medians['hit']:.1f}")
    cells += [f"{medians['hit']:.3f}", f"{medians['hit'] / medians['plain']:.2f}", f"{share:.1%}"]
    return f"| {name} | {size:,} | {' | '.join(cells)} |"


def _time(taken: list[float], call: Callable[[], bool]) -> bool:
    begun = time.perf_counter()
    done = call()
    taken.append(time.perf_counter() - begun)
    return done


def _question(number: int) -> str:
    return f"How do I cancel order number {number}?"


_questions = Questions(_RULES, Keyer(), Normalizers())


def _parts(number: int, namespace: str = _SEMANTIC) -> tuple[str, dict[str, Any]]:
    question = _questions.of(Request(prompt=_question(number), namespace=namespace))
    return question.key, question.parts


def _place(number: int) -> Place:
    place = place_of(_parts(number)[1], Keyer())
    assert isinstance(place, Place)
    return place


def fill(store: Store, embedder: Ready, held: int, size: int) -> None:
    """Entries, each in a namespace that matches semantically and in one that does not."""
    now, space = time.time(), _place(0).space(embedder.name, DIMENSION)
    assert isinstance(store, VectorStore)
    for first in range(held, size, _BATCH):
        records, vectors = [], []
        for number in range(first, min(first + _BATCH, size)):
            for namespace in (_SEMANTIC, _EXACT):
                key, parts = _parts(number, namespace)
                entry = Entry(
                    namespace=namespace,
                    response=_ANSWER,
                    created=now,
                    expires=now + 86_400,
                    request=canonical_json(parts),
                )
                records.append(record_of(key, entry, 0.0))
                if namespace == _SEMANTIC:
                    vector = embedder.learn(_question(number))
                    vectors.append(VectorRecord(key=key, namespace=namespace, space=space, vector=vector))
        store.put(records)
        store.put_vectors(vectors)


_WORKER = """
import sys
from pathlib import Path
from prompt_cache.stores import open_store
from tests.bench.semantic import DIMENSION, Ready, _place, _question

def memory():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))

store, embedder = open_store(sys.argv[1], timeout=30.0), Ready()
vector = embedder.learn(_question(1))
store.nearest([("nothing", vector)], limit=8, least=0.6)
store.sizes()
before = memory()
print("ready", flush=True)
for line in sys.stdin:
    assert len(store.nearest([(_place(0).space(embedder.name, DIMENSION), vector)], limit=8, least=0.6)[0]) == 1
    print(memory() - before, flush=True)
"""


def _workers(path: Path, size: int) -> None:
    """Two processes search: what each takes more than before, shared pages divided among those who have them."""
    url = f"sqlite:///{path}"
    store = open_store(url, timeout=30.0)
    fill(store, Ready(), 0, size)
    store.close()
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", _WORKER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(2)
        ]
        for worker in workers:
            _told(worker)
        for _ in range(3):
            taken = []
            for worker in workers:
                print(file=worker.stdin, flush=True)
                taken.append(int(_told(worker)))
        for worker in workers:
            worker.kill()
    print(f"{size:,} vectors of {DIMENSION} dimensions in SQLite, two workers: {sum(taken) / 1000:.0f} MB in all")


def _told(worker: "subprocess.Popen[str]") -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()
