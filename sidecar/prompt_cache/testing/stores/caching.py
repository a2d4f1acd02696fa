"""The cache itself on the store: lookups, invalidation, leases and counters give the same answers on any engine."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

import msgspec
import pytest

from ...core.cache import PromptCache
from ...core.entry import Source
from ...core.errors import UnknownKey
from ...core.filters import EntryFilter
from ...core.lookup import Lookup
from ...core.outcome import Outcome
from ...core.policy import MissReason
from ...core.rules import NamespaceRules, Rules
from ...core.store import NewEntry
from ...keying.request import Request
from ...stores.base import Bounds, Store
from .harness import Harness, record
from .leases import THREADS

_ANSWER = msgspec.json.encode({"answer": "Hällo 🙂", "numbers": [1, 2.5, None]})


class Caching(Harness):
    @pytest.fixture
    def cache(self, store: Store) -> PromptCache:
        return PromptCache(store)

    def test_a_miss_then_a_hit(self, cache: PromptCache) -> None:
        asked = _ask(cache, "What?")
        assert (asked.status, asked.reason) == ("miss", MissReason.NOT_FOUND)
        assert cache.store(NewEntry(key=asked.key, response=_ANSWER)).stored
        hit = _ask(cache, "What?")
        assert hit.status == "hit"
        assert bytes(hit.response) == _ANSWER  # type: ignore[arg-type]

    def test_what_is_missed_is_remembered_by_whoever_saw_it_until_a_flush(self, store: Store) -> None:
        workers = [PromptCache(store), PromptCache(store)]
        for cache in workers:
            for question in ("once", "again and again", "again and again"):
                _ask(cache, f"{question} by {workers.index(cache)}" if question == "once" else question)
            cache.missed.flush()
        found = {each.missed.times for each in workers[0].missed.page("default")[0]}
        assert found == {1, 4}
        assert workers[1].missed.namespaces(lambda _: True) == ["default"]
        assert "default" not in workers[0].sizes()
        _ask(workers[1], "noted and not written")
        assert workers[0].flush("default") == 0
        workers[1].missed.flush()
        assert workers[0].missed.page("default") == ([], None)

    def test_what_is_missed_once_gives_way_to_what_repeats(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("prompt_cache.core.missed.keeping._BOUNDS", Bounds(max_entries=20))
        cache = PromptCache(store)
        for at in range(60):
            _ask(cache, f"flood {at}")
            if at < 2:
                _ask(cache, "again and again " * 50)
            if at % 10 == 9:
                cache.missed.flush()
        page, cursor = cache.missed.page("default", limit=15)
        rest, _ = cache.missed.page("default", limit=15, cursor=cursor) if cursor else ([], None)
        assert 2 in {each.missed.times for each in [*page, *rest]}
        assert len(page) + len(rest) <= 20

    def test_five_megabytes_are_answered_byte_for_byte(self, cache: PromptCache) -> None:
        answer = msgspec.json.encode({"text": "ü🙂" * 875_000})
        assert len(answer) > 5_000_000
        _remember(cache, "Tell me all", answer)
        assert bytes(_ask(cache, "Tell me all").response) == answer  # type: ignore[arg-type]

    def test_invalidate_by_everything(self, cache: PromptCache) -> None:
        _remember(cache, "one", tags=("red", "x"), model="gpt-4o", attributes={"tenant": "a"})
        _remember(cache, "two", tags=("blue",), model="gpt-4o", attributes={"tenant": "b"})
        _remember(cache, "three", tags=("blue", "x"), model="llama", attributes={"tenant": "a", "language": "de"})
        _remember(cache, "four", namespace="other", tags=("red", "blue", "x"), model="gpt-4o")
        for selection, expected in (
            (EntryFilter(tags=("red",)), 1),
            (EntryFilter(tags=("red", "blue")), 3),
            (EntryFilter(tags=("re", "blu", "redd")), 0),
            (EntryFilter(model="gpt-4o"), 2),
            (EntryFilter(attributes={"tenant": "a"}), 2),
            (EntryFilter(attributes={"tenant": "a", "language": "de"}), 1),
            (EntryFilter(model="gpt-4o", tags=("x", "blue"), attributes={"tenant": "b"}), 1),
            (EntryFilter(older_than=60.0), 0),
            (EntryFilter(older_than=0.0), 3),
            (EntryFilter(namespace="other", tags=("red",)), 1),
            (EntryFilter(namespace="othe"), 0),
        ):
            assert cache.invalidate(selection, dry_run=True) == expected, selection
        assert cache.invalidate(EntryFilter(tags=("x",), model="llama")) == 1
        assert [_ask(cache, prompt, model=model, attributes=attributes).status for prompt, model, attributes in (
            ("one", "gpt-4o", {"tenant": "a"}),
            ("two", "gpt-4o", {"tenant": "b"}),
            ("three", "llama", {"tenant": "a", "language": "de"}),
        )] == ["hit", "hit", "miss"]  # fmt: skip

    def test_invalidate_by_the_model_that_answered(self, cache: PromptCache) -> None:
        completion = {
            "model": "gpt-4o-2024-08-06",
            "choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}],
        }
        _remember(cache, "one", msgspec.json.encode(completion), model="gpt-4o")
        assert cache.invalidate(EntryFilter(model="gpt-4o-2024-08-06"), dry_run=True) == 1
        assert cache.invalidate(EntryFilter(model="gpt-4o")) == 1

    def test_flush_one_namespace_or_all(self, cache: PromptCache) -> None:
        for namespace in ("a", "a.b", "ab"):
            for prompt in ("one", "two"):
                _remember(cache, prompt, namespace=namespace)
        assert cache.flush("a") == 2
        assert _ask(cache, "one", namespace="a").status == "miss"
        assert _ask(cache, "one", namespace="a.b").status == "hit"
        assert cache.flush() == 4

    def test_a_bump_outdates_all_that_depends_on_it_at_once(self, cache: PromptCache) -> None:
        _remember(cache, "one", depends_on=("kb", "prompt"))
        _remember(cache, "two", depends_on=("prompt",))
        _remember(cache, "three")
        assert cache.bump("default", ["kb"]) == {"kb": 1}
        outcomes = [_ask(cache, prompt) for prompt in ("one", "two", "three")]
        assert [outcome.status for outcome in outcomes] == ["miss", "hit", "hit"]
        assert outcomes[0].reason is MissReason.VERSION_CHANGED

    def test_an_answer_from_before_a_bump_is_never_served(self, cache: PromptCache) -> None:
        asked = _ask(cache, "one")
        cache.bump("default", ["kb"])
        assert not cache.store(NewEntry(key=asked.key, response=_ANSWER, depends_on=("kb",))).stored
        assert _ask(cache, "one").status == "miss"

    def test_one_caller_gets_the_miss_the_others_wait(self, cache: PromptCache) -> None:
        first = _ask(cache, "one", lease=30.0)
        second = _ask(cache, "one", lease=30.0)
        assert (first.status, second.status) == ("miss", "pending")
        assert cache.store(NewEntry(key=first.key, response=_ANSWER, lease=str(first.lease))).stored
        assert _ask(cache, "one", lease=30.0).status == "hit"
        assert _ask(cache, "two", lease=30.0).status == "miss"

    def test_of_many_threads_one_calls_the_model(self, cache: PromptCache) -> None:
        gate, calls = Barrier(THREADS), count()

        def run(_: int) -> bytes:
            gate.wait()
            while True:
                outcome = _ask(cache, "one", lease=60.0)
                if outcome.status == "hit":
                    return bytes(outcome.response)  # type: ignore[arg-type]
                if outcome.status == "miss":
                    next(calls)
                    time.sleep(0.05)
                    cache.store(NewEntry(key=outcome.key, response=_ANSWER, lease=str(outcome.lease)))
                else:
                    time.sleep(0.02)

        with ThreadPoolExecutor(THREADS) as pool:
            assert set(pool.map(run, range(THREADS))) == {_ANSWER}
        assert next(calls) == 1

    def test_entries_are_listed_newest_first_and_searched(self, cache: PromptCache) -> None:
        for prompt in ("the first cat", "the second DOG", "the third dog"):
            _remember(cache, prompt)
        pages, cursor = [], None
        while True:
            entries, cursor = cache.entries(EntryFilter(), limit=2, cursor=cursor)
            pages += [msgspec.json.decode(entry.request or b"")["messages"][0]["content"] for _, entry in entries]
            if cursor is None:
                break
        assert pages == ["the third dog", "the second DOG", "the first cat"]
        found, _ = cache.entries(EntryFilter(), text="dog", limit=9)
        assert len(found) == 2

    def test_prompts_are_kept_nowhere_when_told_so(self, store: Store) -> None:
        cache = PromptCache(store, store_prompts=False)
        _remember(cache, "a very private question")
        assert _ask(cache, "a private question that nobody answered").status == "miss"
        assert cache.entries(EntryFilter(), text="private", limit=9)[0] == []
        namespaces = store.sizes()
        assert len(namespaces) == 2, "that of the answer, and that of what is asked and not answered"
        for namespace in namespaces:
            keys = [key for key, _ in store.eviction_candidates(namespace, 100)]
            assert keys
            assert not any(b"private" in (body or b"") for body in store.get(keys))

    def test_bounds_hold_and_the_dearest_stay(self, store: Store) -> None:
        cache = PromptCache(store, rules=Rules(NamespaceRules(bounds=Bounds(max_entries=20))))
        for n in range(30):
            _remember(cache, f"question {n}", cost_usd=n / 100)
        assert store.sizes()["default"].entries <= 20
        assert _ask(cache, "question 29").status == "hit"
        assert _ask(cache, "question 0").status == "miss"

    def test_counters_of_two_caches_add_up(self, store: Store) -> None:
        caches = [PromptCache(store), PromptCache(store)]
        source = Source("support", "agent")
        _remember(caches[0], "one", cost_usd=0.25, model="gpt-4o")
        for cache in caches:
            assert cache.lookup(Lookup(request=Request(prompt="one", model="gpt-4o"), source=source)).status == "hit"
            cache.statistics.flush()
        totals, groups = caches[1].statistics.report(lambda _: True, group_by=("workflow",))
        assert (totals.hits, totals.misses, totals.stored) == (2, 1, 1)
        assert totals.saved.cost_usd == pytest.approx(0.5)
        assert {group.group: group.hits for group in groups} == {"": 0, "support": 2}

    def test_nul_is_a_character_like_any_other(self, cache: PromptCache) -> None:
        for key in ("\0", "key\0"):
            with pytest.raises(UnknownKey):
                cache.entry(key)
            assert not cache.release(key, "lease\0")
        _remember(cache, "one\0", model="model\0", attributes={"tenant": "\0"}, tags=("tag\0",), depends_on=("kb\0",))
        source = Source("work\0flow", "no\0de")
        again = Request(prompt="one\0", model="model\0", attributes={"tenant": "\0"})
        assert cache.lookup(Lookup(request=again, source=source)).status == "hit"
        cache.statistics.flush()
        _, groups = cache.statistics.report(lambda _: True, group_by=("workflow",))
        assert "work\0flow" in {group.group for group in groups}
        assert len(cache.entries(EntryFilter(), text="\0", limit=9)[0]) <= 1
        assert cache.invalidate(EntryFilter(attributes={"tenant": "\0"}, tags=("tag\0",)), dry_run=True) == 1
        cache.bump("default", ["kb\0"])
        assert cache.lookup(Lookup(request=again)).status == "miss"

    def test_a_corrupt_entry_is_a_reported_miss_and_gone(self, store: Store) -> None:
        reports: list[tuple[str, str]] = []
        cache = PromptCache(store, report=lambda event, key: reports.append((event, key)))
        key = _remember(cache, "one")
        (body,) = store.get([key])
        assert body is not None
        store.put([record(key, body[:-1] + bytes([body[-1] ^ 1]))])
        outcome = _ask(cache, "one")
        assert (outcome.status, outcome.reason) == ("miss", MissReason.CORRUPT)
        assert reports == [("corrupt_entry", key)]
        assert store.get([key]) == [None]


def _ask(
    cache: PromptCache,
    prompt: str,
    *,
    namespace: str = "default",
    model: str | None = None,
    attributes: dict[str, str] | None = None,
    lease: float | None = None,
) -> Outcome:
    request = Request(prompt=prompt, namespace=namespace, model=model, attributes=attributes)
    return cache.lookup(Lookup(request=request, lease=lease))


def _remember(
    cache: PromptCache,
    prompt: str,
    response: bytes = _ANSWER,
    *,
    namespace: str = "default",
    model: str | None = None,
    attributes: dict[str, str] | None = None,
    tags: tuple[str, ...] = (),
    depends_on: tuple[str, ...] = (),
    cost_usd: float | None = None,
) -> str:
    key = _ask(cache, prompt, namespace=namespace, model=model, attributes=attributes).key
    new_entry = NewEntry(key=key, response=response, tags=tags, depends_on=depends_on, cost_usd=cost_usd)
    assert cache.store(new_entry).stored
    return key
