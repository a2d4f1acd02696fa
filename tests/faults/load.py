"""Load to break things under: threads that keep asking, and what each of them was answered."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

from requests.structures import CaseInsensitiveDict

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores import StoreUnavailable

_T = TypeVar("_T")


class Answer(NamedTuple):
    """What came back over HTTP, and after how many seconds."""

    status: int
    headers: Mapping[str, str]
    body: Any
    seconds: float


def post(url: str, path: str, body: Any, *, timeout: float = 30.0) -> Answer:
    """One request on a connection of its own. Raises OSError or HTTPException when nobody answers."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        headers = CaseInsensitiveDict(dict(answer.headers.items()))
        return Answer(answer.status, headers, json.loads(answer.read()), time.monotonic() - began)
    finally:
        connection.close()


class Load(Generic[_T]):
    """Calls `work(thread, turn)` over and over in some threads; a context manager that ends them.

    An exception of `work` ends its thread and is raised at the end.
    """

    def __init__(self, work: Callable[[int, int], _T], *, threads: int = 4) -> None:
        self.results: list[_T] = []
        self._work = work
        self._stopped = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]

    def wait_for(self, condition: Callable[[list[_T]], bool], timeout: float = 30.0) -> None:
        """Go on until the results from now on meet a condition."""
        first, deadline = len(self.results), time.monotonic() + timeout
        while not condition(self.results[first:]):
            assert not self._failures, self._failures
            assert time.monotonic() < deadline, self.results[-5:]
            time.sleep(0.02)

    def _run(self, thread: int) -> None:
        turn = 0
        try:
            while not self._stopped.is_set():
                self.results.append(self._work(thread, turn))
                turn += 1
        except BaseException as failure:
            self._failures.append(failure)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads), "a call hangs"
        for failure in self._failures:
            raise failure


class Tried(NamedTuple):
    """How a lookup ended (`hit`, `miss`, `unavailable`), and after how many seconds."""

    status: str
    seconds: float


QUESTIONS = 20


def answer_to(question: int) -> bytes:
    return json.dumps({"answer": f"of question {question}", "padding": "x" * 500}).encode()


def fill(cache: PromptCache) -> None:
    """Store the answers to all the questions."""
    for question in range(QUESTIONS):
        cache.store(NewEntry(request=Request(prompt=f"question {question}"), response=answer_to(question)))


def ask(cache: PromptCache, thread: int, turn: int) -> Tried:
    """Look up a question whose answer is stored, or one that nobody asked before; a wrong answer is an assertion."""
    known = turn % 3 < 2
    question = (thread + turn) % QUESTIONS
    prompt = f"question {question}" if known else f"new question {thread}/{turn}/{time.monotonic_ns()}"
    began = time.monotonic()
    try:
        outcome = cache.lookup(Lookup(request=Request(prompt=prompt)))
    except StoreUnavailable:
        status = "unavailable"
    else:
        status = outcome.status
        assert status == ("hit" if known else "miss"), (prompt, outcome)
        assert not known or bytes(outcome.response) == answer_to(question)  # type: ignore[arg-type]
    return Tried(status, time.monotonic() - began)


def remember(cache: PromptCache, thread: int, turn: int) -> Tried:
    """Miss, store, hit; for engines that lose what they held when they go down."""
    request = Request(prompt=f"question {thread}/{turn}")
    began = time.monotonic()
    status: str
    try:
        if turn % 2 == 0:
            status = cache.lookup(Lookup(request=request)).status
            assert status == "miss"
        else:
            cache.store(NewEntry(request=request, response=answer_to(turn)))
            outcome = cache.lookup(Lookup(request=request))
            status = outcome.status
            assert status == "hit"
            assert bytes(outcome.response) == answer_to(turn)  # type: ignore[arg-type]
    except StoreUnavailable:
        status = "unavailable"
    return Tried(status, time.monotonic() - began)
