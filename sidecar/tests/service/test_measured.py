"""A store that is measured does what it did, and its calls and failures are counted."""

from collections.abc import Iterator, Sequence
from inspect import getmembers, isfunction
from typing import Any

import pytest

from prompt_cache.observability.measures import Measures
from prompt_cache.service.measured import _OPERATIONS, measured
from prompt_cache.stores import Store, VectorStore, open_store
from prompt_cache.stores.base import CounterRow, Record, StoreBusy, StoreFull, StoreUnavailable
from prompt_cache.stores.breaker import behind_breaker
from prompt_cache.stores.memory import MemoryStore


class Failing(MemoryStore):
    """Raises what it is told to."""

    failure: Exception | None = None

    def _check(self) -> None:
        if self.failure:
            raise self.failure

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        self._check()
        return super().get(keys)

    def put(self, records: Sequence[Record]) -> None:
        self._check()
        super().put(records)

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        self._check()
        yield from super().counters(since, until)


def errors(measures: Measures) -> dict[str, float]:
    family = next(each for each in measures.board.families if each.name == "prompt_cache_store_errors")
    return {labels[0]: numbers[0] for labels, numbers in measures.board.sums(family) if numbers[0]}


def calls(measures: Measures) -> dict[str, float]:
    family = next(each for each in measures.board.families if each.name == "prompt_cache_store_duration_seconds")
    return {labels[0]: sum(numbers[:-1]) for labels, numbers in measures.board.sums(family) if any(numbers)}


def test_calls__are_counted_by_what_they_do() -> None:
    measures = Measures()
    store = measured(MemoryStore(), measures)
    store.put([Record(key="k", namespace="default", body=b"x", created=0.0)])
    assert store.get(["k"]) == [b"x"]
    store.sizes()
    store.acquire("k", "token", 1.0)
    store.increment([CounterRow("b", "s", {"n": 1.0})])
    assert calls(measures) == {"read": 1, "write": 1, "find": 1, "lease": 1, "count": 1}
    assert errors(measures) == {}


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(StoreUnavailable("away"), "unavailable"), (StoreBusy("busy"), "busy"), (StoreFull("full"), "full")],
)
@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.get(["k"]),
        lambda store: store.get_with_version("k", "default", "name"),
        lambda store: store.put([]),
        lambda store: list(store.counters("a", "b")),
    ],
)
def test_failures__are_counted_once_by_kind_and_raised(failure: Exception, kind: str, act: Any) -> None:
    measures, engine = Measures(), Failing()
    store = measured(engine, measures)
    engine.failure = failure
    with pytest.raises(type(failure)):
        act(store)
    assert errors(measures) == {kind: 1}
    assert calls(measures) == {}


def test_failures__of_callers_are_no_failures_of_the_store() -> None:
    measures = Measures()
    engine = Failing()
    engine.failure = ValueError("not one of its own")
    with pytest.raises(ValueError, match="not one"):
        measured(engine, measures).get(["k"])
    assert errors(measures) == {}


def test_failures__that_a_breaker_raises_count_too() -> None:
    measures, engine = Measures(), Failing()
    engine.failure = StoreUnavailable("away")
    store = measured(behind_breaker(engine, 0.0), measures)  # which takes each failure for a wait
    for _ in range(5):
        with pytest.raises(StoreUnavailable):
            store.get(["k"])
    assert errors(measures) == {"unavailable": 5}
    store.close()


def test_calls__of_every_kind_have_a_name() -> None:
    methods = {name for each in (Store, VectorStore) for name, _ in getmembers(each, isfunction) if name[0] != "_"}
    assert methods - {"find_all", "counters", "close"} == set(_OPERATIONS)  # which come bit by bit, or are no call


@pytest.mark.parametrize("url", ["memory://", "null://"])
def test_store__says_of_itself_what_it_said(url: str) -> None:
    store = open_store(url)
    seen = measured(store, Measures())
    for name in ("shared", "local", "keeps", "remote"):
        assert getattr(seen, name) == getattr(store, name)
    assert isinstance(seen, VectorStore) == isinstance(store, VectorStore)
