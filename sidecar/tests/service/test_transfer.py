"""Export, import, migrate and purge, over every pair of embedded stores."""

import io
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import msgspec
import pytest

from prompt_cache.cli.progress import Progress
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Source
from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.learning.pairs import Pairs
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.outcome import Outcome
from prompt_cache.core.rules import NamespaceRules, Rules, SemanticRules
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.keys import Keyer
from prompt_cache.keying.request import Request
from prompt_cache.savings.budgets import Budget, Budgets, Charge
from prompt_cache.semantic.embedders.base import Embedded, Embedder
from prompt_cache.service.transfer import Transferred, export_lines, import_lines, migrate, purge
from prompt_cache.stores import Store, StoreUnavailable, open_store
from prompt_cache.testing.stores.harness import record
from prompt_cache.testing.stores.vectors import AXIS

PRETTY = b'{\n  "answer": "l\xc3\xb6sung \\u00e9 \xf0\x9f\x99\x82",\r\n  "n": 1.50,\n  "n2": 1e3\n}\n'
PLAIN = b'{"b": 1, "a":  [1.0, 2]}'


@pytest.fixture(params=["memory", "sqlite", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = open_store(_url(request.param, tmp_path / "one"))
    yield store
    store.close()


def _url(scheme: str, path: Path) -> str:
    return "memory://" if scheme == "memory" else f"{scheme}:///{path}"


def _ask(store: Store, prompt: str, namespace: str = "default") -> Outcome:
    return PromptCache(store).lookup(Lookup(request=Request(prompt=prompt, namespace=namespace)))


def _remember(store: Store, prompt: str, response: bytes, namespace: str = "default", **fields: object) -> str:
    cache = PromptCache(store)
    request = Request(prompt=prompt, namespace=namespace, model="gpt-4o", attributes={"tenant": "ü"})
    new_entry = NewEntry(request=request, response=response, **fields)  # type: ignore[arg-type]
    stored = cache.store(new_entry)
    assert stored.stored
    cache.lookup(Lookup(request=request, source=Source("flow", "node")))
    cache.statistics.flush()
    return stored.key


def _fill(store: Store) -> list[str]:
    return [
        _remember(store, "one", PLAIN, tags=("x", "y"), cost_usd=0.25, latency=1.5),
        _remember(store, "two\nlines", PRETTY, usage={"input_tokens": 3, "output_tokens": 4}),
        _remember(store, "three", b'"text"', depends_on=("kb",)),
        _remember(store, "four", b"[1]", namespace="other"),
    ]


def _state(store: Store, keys: list[str]) -> object:
    cache = PromptCache(store)
    totals, groups = cache.statistics.report(lambda _: True, group_by=("workflow",))
    found = [store.find(EntryFilter(tags=("x",)).query(time.time()), limit=9).keys, store.sizes()["default"]]
    found += [sorted(store.find(EntryFilter(model="gpt-4o").query(time.time()), limit=9).keys)]
    found += [store.find(EntryFilter().query(time.time(), "LINES"), limit=9).keys]
    return [cache.entry(key) for key in keys], msgspec.to_builtins(totals), msgspec.to_builtins(groups), found


def test_an_export_imported_is_the_same_byte_for_byte(store: Store) -> None:
    keys = _fill(store)
    out = io.BytesIO()
    assert export_lines(store, out) == Transferred(entries=4, sums=10)
    home = open_store("memory://")
    assert import_lines(home, io.BytesIO(out.getvalue())) == Transferred(entries=4, sums=10)
    assert _state(home, keys) == _state(store, keys)


def test_an_export_is_for_people_to_read(store: Store) -> None:
    key = _fill(store)[0]
    out = io.BytesIO()
    export_lines(store, out)
    lines = [msgspec.json.decode(line) for line in out.getvalue().splitlines()]
    assert lines[0] == {"format": "prompt-cache-export", "version": 1}
    (line,) = [line for line in lines if line.get("key") == key]
    assert line["response"] == {"b": 1, "a": [1.0, 2]}
    assert line["request"]["messages"][0]["content"] == "one"
    assert (line["tags"], line["cost_usd"], line["model"]) == (["x", "y"], 0.25, "gpt-4o")
    assert out.getvalue().count(b"\n") == len(lines)


@pytest.mark.parametrize(("source", "target"), list(product(["memory", "sqlite", "file"], repeat=2)))
def test_any_store_to_any_store(tmp_path: Path, source: str, target: str) -> None:
    old, new = open_store(_url(source, tmp_path / "old")), open_store(_url(target, tmp_path / "new"))
    keys = _fill(old)
    assert migrate(old, new) == Transferred(entries=4, sums=10)
    assert _state(new, keys) == _state(old, keys)
    assert migrate(old, new) == Transferred(present=4)
    assert _state(new, keys) == _state(old, keys)
    old.close()
    new.close()


class _One(Embedder):
    """All texts are near each other: the guards decide."""

    name = "one"
    threshold = 0.5

    def embed(self, texts: Sequence[str]) -> Embedded:
        return Embedded([AXIS for _ in texts])


def test_what_arrives_is_found_by_other_words_too(tmp_path: Path) -> None:
    def opened() -> PromptCache:
        rules = Rules(NamespaceRules(semantic=SemanticRules(match=True)))
        cache = PromptCache(target, rules=rules, embedder=_One(), token=lambda: "as if by one process")
        while cache.index():
            pass
        return cache

    source, target = (open_store(f"sqlite:///{tmp_path}/{name}.db") for name in ("source", "target"))
    _remember(source, "How do I cancel order number 17?", PLAIN)
    _remember(target, "What is the capital of France?", PLAIN)
    opened()  # has done all that was there
    assert migrate(source, target).entries == 1
    polite = Request(prompt="Please, how do I cancel order number 17?", model="gpt-4o", attributes={"tenant": "ü"})
    outcome = opened().lookup(Lookup(request=polite))
    assert (outcome.status, bytes(outcome.response or b"")) == ("hit", PLAIN)


def test_what_was_broken_off_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [_remember(store, f"question {n}", PLAIN) for n in range(30)]
    home = open_store("memory://")
    monkeypatch.setattr("prompt_cache.service.transfer._BATCH", 7)
    puts = iter([home.put, home.put])

    def put(records: object) -> None:
        step = next(puts, None)
        if step is None:
            raise StoreUnavailable("gone")
        step(records)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(home, "put", put)
        with pytest.raises(StoreUnavailable):
            migrate(store, home)
    assert 0 < home.sizes()["default"].entries < 30
    done = migrate(store, home)
    assert (done.present, done.entries) == (14, 16)
    assert _state(home, keys) == _state(store, keys)


def test_what_is_newer_stays(store: Store) -> None:
    key = _remember(store, "one", b'"old"')
    out = io.BytesIO()
    export_lines(store, out)
    _remember(store, "one", b'"new"')
    assert import_lines(store, io.BytesIO(out.getvalue())).present == 1
    assert PromptCache(store).entry(key).response == b'"new"'


def test_what_has_expired_is_left_behind(store: Store) -> None:
    _remember(store, "one", PLAIN, ttl=10.0)
    _remember(store, "two", PLAIN)
    home = open_store("memory://")
    done = migrate(store, home, clock=lambda: time.time() + 20, rules=Rules(NamespaceRules(keep_stale=0.0)))
    assert (done.entries, done.expired) == (1, 1)
    kept = migrate(store, open_store("memory://"), clock=lambda: time.time() + 20)
    assert (kept.entries, kept.expired) == (2, 0)


def test_what_is_damaged_is_left_behind(store: Store) -> None:
    key = _remember(store, "one", PLAIN)
    store.put([record("damaged", b"no entry")])
    out = io.BytesIO()
    done = export_lines(store, out)
    assert (done.entries, done.unreadable) == (1, 1)
    assert key.encode() in out.getvalue()


class TestVersions:
    def test_what_is_outdated_stays_behind(self, store: Store) -> None:
        _remember(store, "one", PLAIN, depends_on=("kb",))
        store.bump("default", ["kb"])
        home = open_store("memory://")
        done = migrate(store, home)
        assert (done.entries, done.outdated) == (0, 1)
        assert home.sizes() == {}

    def test_what_was_flushed_is_restored(self, store: Store) -> None:
        cache = PromptCache(store)
        _remember(store, "one", PLAIN)
        out = io.BytesIO()
        export_lines(store, out)
        cache.flush("default")
        assert _ask(store, "one").status == "miss"
        import_lines(store, io.BytesIO(out.getvalue()))
        request = Request(prompt="one", model="gpt-4o", attributes={"tenant": "ü"})
        assert cache.lookup(Lookup(request=request)).status == "hit"
        lookup = Lookup(request=request)
        assert cache.hit(lookup, cache.question(lookup))

    def test_the_next_bump_at_the_new_home_holds(self, store: Store) -> None:
        for _ in range(5):
            store.bump("default", ["kb", "prompt"])
        cache = PromptCache(store)
        key = cache.lookup(Lookup(request=Request(prompt="one"))).key
        assert cache.store(NewEntry(key=key, response=PLAIN, depends_on=("kb",))).stored
        home = open_store("memory://")
        migrate(store, home)
        assert _ask(home, "one").status == "hit"
        home.bump("default", ["kb"])
        assert _ask(home, "one").status == "miss"

    def test_an_import_revives_nothing(self, store: Store) -> None:
        cache = PromptCache(store)
        key = cache.lookup(Lookup(request=Request(prompt="one"))).key
        cache.store(NewEntry(key=key, response=PLAIN, depends_on=("kb",)))
        out = io.BytesIO()
        export_lines(store, out)
        store.bump("default", ["kb"])
        store.delete([key])
        import_lines(store, io.BytesIO(out.getvalue()))
        assert _ask(store, "one").status == "miss"


def test_some_namespaces_only(store: Store) -> None:
    _fill(store)
    home = open_store("memory://")
    assert migrate(store, home, namespaces=["other"]) == Transferred(entries=1)
    out = io.BytesIO()
    assert export_lines(store, out, namespaces=["other", "never"]) == Transferred(entries=1)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'{"key": "k"}',
        b'{"format": "prompt-cache-export", "version": 2}',
        b'{"key": 1, "namespace": "default", "created": 1, "expires": null, "response": 1}',
        b'{"key": "k", "namespace": "!misses", "created": 1, "expires": null, "response": 1}',
        b'{"key": "k", "namespace": "default", "created": 1, "expires": null, "response_text": "{"}',
        b'{"key": "k", "namespace": "default", "created": 1, "expires": null, "response": "\xff"}',
        b'{"bucket": 1, "series": "s", "sums": {}}',
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_those_before_are_stored(store: Store, line: bytes) -> None:
    _fill(store)
    out = io.BytesIO()
    export_lines(store, out)
    home = open_store("memory://")
    with pytest.raises(ValueError, match=r"line 4 is not one that an export wrote"):
        import_lines(home, io.BytesIO(b"\n".join([*out.getvalue().split(b"\n")[:3], line])))
    assert sum(held.entries for held in home.sizes().values()) == 2


class TestPurge:
    def test_what_has_expired(self, store: Store) -> None:
        store.put([record("a", ttl=-1.0), record("b")])
        done = purge(store)
        assert (done.expired, done.deleted) == (1, 0)
        assert store.get(["b"]) == [b"body"]

    def test_namespaces(self, store: Store) -> None:
        store.put([record("a", namespace="x"), record("b", namespace="x"), record("c", namespace="xy")])
        assert purge(store, namespaces=["x"]).deleted == 2
        assert list(store.sizes()) == ["xy"]

    def test_what_is_old(self, store: Store) -> None:
        now = time.time()
        for name in ("x", "y"):
            store.put([record(f"{name}{age}", namespace=name, created=now - age) for age in (0, 50, 100)])
        assert purge(store, namespaces=["x"], older_than=75.0).deleted == 1
        assert purge(store, older_than=25.0).deleted == 3
        assert {name: held.entries for name, held in store.sizes().items()} == {"x": 1, "y": 1}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_ends_at_all() -> None:
    store = open_store("memory://")
    for n in range(3):
        _remember(store, f"question {n}", PLAIN)
    screen = _Terminal()
    bar = Progress("export", screen)
    export_lines(store, io.BytesIO(), progress=bar)
    bar.close()
    assert "100% of 3 entries" in screen.getvalue()
    assert screen.getvalue().endswith("\n")


def test_progress_is_silent_elsewhere_unless_forced() -> None:
    silent, forced = io.StringIO(), io.StringIO()
    for stream, wanted in ((silent, False), (forced, True)):
        bar = Progress("import", stream, forced=wanted, unit="bytes")
        bar(5, 10)
        bar(10, 10)
        bar.close()
    assert silent.getvalue() == ""
    assert "50% of 10 bytes" in forced.getvalue()
    assert "100% of 10 bytes" in forced.getvalue()
    assert "\r" not in forced.getvalue()


def test_what_was_said_of_pairs_and_aliases_travel_along(store: Store) -> None:
    cache = PromptCache(store)
    key = _ask(store, "one").key
    cache.store(NewEntry(key=key, response=PLAIN))
    cache.accept(key, Request(prompt="two"))
    cache.reject(key, Request(prompt="two"))
    alias, _ = cache.accept(key, Request(prompt="three"))
    out = io.BytesIO()
    assert export_lines(store, out).pairs == 2
    home = open_store("memory://")
    assert import_lines(home, io.BytesIO(out.getvalue())).pairs == 2
    assert import_lines(home, io.BytesIO(out.getvalue())).pairs == 0
    pairs = Pairs(home, Keyer(), lambda _event, _what: None)
    two, three = (cache.key_of(Request(prompt=prompt)) for prompt in ("two", "three"))
    assert [pairs.known(asked, [key])[key].same for asked in (two, three)] == [False, True]
    assert PromptCache(home).entry(alias).alias_of == key
    PromptCache(home).delete(key)
    assert _ask(home, "three").status == "miss"
    other = open_store("memory://")
    assert migrate(store, other, namespaces=["another"]).pairs == 0
    assert migrate(store, other).pairs == 2


@pytest.mark.parametrize("pair", ["x" * 64, "pair:" + "0" * 64, "pair:" + "0" * 64 + ":people\n", "miss:a"])
def test_no_line_of_a_pair_reaches_another_record(pair: str) -> None:
    line = msgspec.json.encode({"pair": pair, "namespace": "default", "said": {"same": True, "by": "people", "at": 1}})
    with pytest.raises(ValueError, match="line 1"):
        import_lines(open_store("memory://"), io.BytesIO(line))


def test_what_was_spent_of_budgets_travels_and_what_calls_have_reserved_does_not(store: Store, tmp_path: Path) -> None:
    budgets = [Budget(name="b ü", usd=10.0, per="month", then="cache_only")]
    here = Budgets(store, time.time, budgets)
    here.spend(Charge("default"), 3.0)
    here.flush()
    here.reserve(Charge("default"), 2.0)
    out = io.BytesIO()
    assert export_lines(store, out).sums == 1
    home = open_store(f"sqlite:///{tmp_path / 'home.db'}")
    for _ in range(2):  # what has arrived is not brought twice
        import_lines(home, io.BytesIO(out.getvalue()))
        migrate(store, home)
    (state,) = Budgets(home, time.time, budgets).states()
    assert (state.spent_usd, state.reserved_usd) == (3.0, 0.0)
    (state,) = here.states()
    assert (state.spent_usd, state.reserved_usd) == (3.0, 2.0)
    home.close()
