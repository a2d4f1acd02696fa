"""Looking inside and taking out: by key, request, tags, model, attributes, age, namespace."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from prompt_cache.core.errors import UnknownKey
from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.outcome import Outcome
from prompt_cache.core.policy import NotStored
from prompt_cache.core.store import NewEntry
from prompt_cache.stores.base import Page, Record, RecordQuery
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import Asker, request


@pytest.fixture
def asker() -> Asker:
    """Holds five answers in two namespaces, the first of them an hour old."""
    asker = Asker()
    asker.fill("old", tags=["doc:1"], model="gpt-4o-mini", attributes={"tenant": "a"})
    asker.clock.turn(3600)
    asker.fill("one", tags=["doc:1", "doc:2"], model="gpt-4o-mini", attributes={"tenant": "b", "language": "fr"})
    asker.fill("two", tags=["doc:2"], model="my-deployment", attributes={"tenant": "a", "language": "fr"})
    asker.fill("three")
    asker.fill("elsewhere", namespace="other", tags=["doc:1"], attributes={"tenant": "a"})
    return asker


FIELDS: dict[str, dict[str, Any]] = {
    "old": {"model": "gpt-4o-mini", "attributes": {"tenant": "a"}},
    "one": {"model": "gpt-4o-mini", "attributes": {"tenant": "b", "language": "fr"}},
    "two": {"model": "my-deployment", "attributes": {"tenant": "a", "language": "fr"}},
    "three": {},
    "elsewhere": {"namespace": "other", "attributes": {"tenant": "a"}},
}


def left(asker: Asker) -> set[str]:
    return {prompt for prompt, fields in FIELDS.items() if asker.ask(prompt, **fields).status == "hit"}


@pytest.mark.parametrize(
    ("conditions", "gone"),
    [
        pytest.param({"tags": ("doc:1",)}, {"old", "one"}, id="tag"),
        pytest.param({"tags": ("doc:1", "doc:2")}, {"old", "one", "two"}, id="any of the tags"),
        pytest.param({"tags": ("doc",)}, set(), id="a tag is no prefix"),
        pytest.param({"model": "gpt-4o-mini"}, {"old", "one"}, id="model asked for"),
        pytest.param({"model": "gpt-4o-mini-2024-07-18"}, {"old", "one", "two", "three"}, id="model that answered"),
        pytest.param({"attributes": {"tenant": "a"}}, {"old", "two"}, id="attribute"),
        pytest.param({"attributes": {"tenant": "a", "language": "fr"}}, {"two"}, id="all attributes"),
        pytest.param({"older_than": 3599}, {"old"}, id="older than"),
        pytest.param({"older_than": 3600}, set(), id="not as old as that"),
        pytest.param({"tags": ("doc:1",), "attributes": {"tenant": "b"}}, {"one"}, id="all conditions together"),
        pytest.param({"tags": ("doc:2",), "older_than": 10}, set(), id="nothing meets them all"),
        pytest.param({"namespace": "other", "tags": ("doc:1",)}, {"elsewhere"}, id="another namespace"),
        pytest.param({"namespace": "nowhere", "tags": ("doc:1",)}, set(), id="no such namespace"),
    ],
)
def test_invalidate__by(asker: Asker, conditions: dict[str, Any], gone: set[str]) -> None:
    selection = EntryFilter(**conditions)
    assert asker.cache.invalidate(selection, dry_run=True) == len(gone)
    assert left(asker) == set(FIELDS)
    assert asker.cache.invalidate(selection) == len(gone)
    assert left(asker) == set(FIELDS) - gone
    assert asker.cache.invalidate(selection) == 0


def key_of(asker: Asker, prompt: str) -> str:
    return asker.ask(prompt, **FIELDS[prompt]).key


@pytest.mark.parametrize(
    ("conditions", "deleted"),
    [
        ({}, 1),
        ({"namespace": "default"}, 1),
        ({"namespace": "other"}, 0),
        ({"tags": ("doc:2", "x")}, 1),
        ({"tags": ("x",)}, 0),
        ({"model": "gpt-4o-mini"}, 1),
        ({"model": "gpt-4o"}, 0),
        ({"attributes": {"language": "fr"}}, 1),
        ({"attributes": {"language": "de"}}, 0),
        ({"older_than": 10}, 0),
    ],
)
def test_invalidate__by_key_and(asker: Asker, conditions: dict[str, Any], deleted: int) -> None:
    selection = EntryFilter(key=key_of(asker, "one"), **conditions)
    assert asker.cache.invalidate(selection, dry_run=True) == deleted
    assert asker.cache.invalidate(selection) == deleted
    assert left(asker) == set(FIELDS) - ({"one"} if deleted else set())


def test_invalidate__by_key_finds_the_namespace_itself_within_scope(asker: Asker) -> None:
    selection = EntryFilter(key=key_of(asker, "elsewhere"))
    assert asker.cache.invalidate(selection, scope=lambda namespace: namespace == "default") == 0
    assert asker.cache.invalidate(selection) == 1


def test_invalidate__by_an_unknown_key_deletes_nothing(asker: Asker) -> None:
    assert asker.cache.invalidate(EntryFilter(key="f" * 64)) == 0


def test_invalidate__remembered_misses_stay(asker: Asker) -> None:
    key = asker.ask("a new question").key
    asker.cache.invalidate(EntryFilter(older_than=0.0))
    asker.cache.invalidate(EntryFilter(key=f"miss:{key}"))
    assert asker.answer(key).stored


def test_invalidate__more_than_a_page(asker: Asker) -> None:
    for at in range(2500):
        asker.fill(f"question {at}", "x", tags=["many"])
    assert asker.cache.invalidate(EntryFilter(tags=("many",)), dry_run=True) == 2500
    assert asker.cache.invalidate(EntryFilter(tags=("many",))) == 2500
    assert left(asker) == set(FIELDS)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ({"a": "b=c"}, {"a=b": "c"}),
        ({"a=b": "c"}, {"a": "b=c"}),
        ({"a": '","b'}, {"a": "", "b": ""}),
        ({'a":"x","b': "y"}, {"b": "y"}),
        ({"a": "x,b:y"}, {"b": "y"}),
    ],
)
def test_invalidate__no_attribute_can_pass_for_another(stored: dict[str, str], asked: dict[str, str]) -> None:
    asker = Asker()
    asker.fill(attributes=stored)
    assert asker.cache.invalidate(EntryFilter(attributes=asked)) == 0
    assert asker.cache.invalidate(EntryFilter(attributes=stored)) == 1


@pytest.mark.parametrize("tag", ["model:gpt-4o", 'attribute:["tenant","a"]', "tag:x"])
def test_invalidate__no_tag_can_pass_for_another_label(tag: str) -> None:
    asker = Asker()
    asker.fill(tags=[tag])
    assert asker.cache.invalidate(EntryFilter(model="gpt-4o")) == 0
    assert asker.cache.invalidate(EntryFilter(attributes={"tenant": "a"})) == 0
    assert asker.cache.invalidate(EntryFilter(tags=("x",))) == 0
    assert asker.cache.invalidate(EntryFilter(tags=(tag,))) == 1


# -- flush -----


def test_flush__a_namespace(asker: Asker) -> None:
    assert asker.cache.flush("default") == 4
    assert left(asker) == {"elsewhere"}


@pytest.mark.parametrize("namespace", ["default", None])
@pytest.mark.parametrize("by", ["ticket", "key", "request"])
def test_flush__outdates_what_is_being_asked(asker: Asker, by: str, namespace: str | None) -> None:
    asked = asker.ask("a new question")
    asker.cache.flush(namespace)
    new_entry = NewEntry(
        response=b'"old"',
        key=None if by == "request" else asked.key,
        request=request(prompt="a new question") if by == "request" else None,
        ticket=str(asked.ticket) if by == "ticket" else None,
    )
    stored = asker.cache.store(new_entry)
    assert (stored.stored, stored.reason) == (False, NotStored.FLUSHED)
    assert left(asker) <= {"elsewhere"}
    assert asker.fill("a new question")


def test_flush__of_all_reaches_namespaces_where_nothing_is_stored_yet(asker: Asker) -> None:
    asked = asker.ask("a", namespace="empty")
    assert asker.cache.flush() == 5
    assert asker.answer(asked.key, ticket=asked.ticket).reason == NotStored.FLUSHED


def test_flush__of_another_namespace_or_scope_outdates_nothing(asker: Asker) -> None:
    asked = asker.ask("a new question")
    asker.cache.flush("other")
    asker.cache.flush(None, lambda namespace: namespace == "other")
    assert asker.answer(asked.key, ticket=asked.ticket).stored


def test_flush__just_before_an_answer_is_put_leaves_it_unserved() -> None:
    class Racing(MemoryStore):
        meanwhile: Callable[[], object] | None = None

        def put(self, records: Sequence[Record]) -> None:
            if self.meanwhile:
                act, self.meanwhile = self.meanwhile, None
                act()
            super().put(records)

    asker = Asker(Racing)
    asked = asker.ask()
    asker.store.meanwhile = asker.cache.flush
    asker.answer(asked.key, ticket=asked.ticket)
    assert asker.ask(max_stale=1e6).status == "miss"


@pytest.mark.parametrize("dies", [False, True])
def test_flush__what_is_put_after_it_is_never_served_not_even_where_nobody_takes_it_back(dies: bool) -> None:
    class Racing(MemoryStore):
        racing = False

        def put(self, records: Sequence[Record]) -> None:
            racing, self.racing = self.racing, False
            if racing:
                asker.cache.flush("default")
            super().put(records)
            if racing:
                lookup = Lookup(request=request())
                assert asker.cache.hit(lookup, asker.cache.question(lookup)) is None
                found.append(asker.ask())
                if dies:
                    raise KeyboardInterrupt

    found: list[Outcome] = []
    asker = Asker(Racing)
    asked = asker.ask()
    asker.store.racing = True
    with contextlib.suppress(KeyboardInterrupt):
        asker.answer(asked.key, ticket=asked.ticket)
    assert [each.status for each in (*found, asker.ask())] == ["miss", "miss"]


# -- look inside -----


def prompts(asker: Asker, **options: Any) -> list[str]:
    selection = EntryFilter(**{name: options.pop(name) for name in ("namespace", "tags", "model") if name in options})
    found, _ = asker.cache.entries(selection, **options)
    return [(entry.request or b"").decode().split('"content":"')[1].split('"')[0] for _, entry in found]


def test_entries__are_listed_newest_first(asker: Asker) -> None:
    assert prompts(asker)[-1] == "old"
    assert set(prompts(asker)) == {"old", "one", "two", "three"}
    assert prompts(asker, namespace="other") == ["elsewhere"]


def test_entries__by_tag_model_and_text(asker: Asker) -> None:
    assert set(prompts(asker, tags=("doc:2",))) == {"one", "two"}
    assert prompts(asker, model="my-deployment") == ["two"]
    assert prompts(asker, text="THR") == ["three"]
    assert prompts(asker, text="nothing like it") == []


def test_entries__in_pages(asker: Asker) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page, cursor = asker.cache.entries(EntryFilter(), limit=1, cursor=cursor)
        seen += [key for key, _ in page]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 4


class Counting(MemoryStore):
    """Knows the most bytes it was ever asked for at once."""

    most = 0

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        bodies = super().get(keys)
        self.most = max(self.most, sum(len(body or b"") for body in bodies))
        return bodies


def listing(asker: Asker, limit: int) -> Iterator[list[str]]:
    """The keys of each page."""
    cursor: str | None = None
    while True:
        page, cursor = asker.cache.entries(EntryFilter(), limit=limit, cursor=cursor)
        yield [key for key, _ in page]
        if cursor is None:
            return


def test_entries__of_large_answers_take_little_memory() -> None:
    asker = Asker(Counting)
    keys = [asker.fill(f"question {at}", "x" * 100_000) for at in range(60)]
    asker.store.most = 0
    assert sorted(key for page in listing(asker, 1000) for key in page) == sorted(keys)
    assert asker.store.most < 1_000_000
    assert all(entry.response == b"" for _, entry in asker.cache.entries(EntryFilter(), limit=60)[0])


def test_entries__of_long_prompts_end_a_page_early() -> None:
    asker = Asker()
    keys = [asker.fill(f"{at} " + "x" * 500_000, "an answer") for at in range(40)]
    pages = list(listing(asker, 1000))
    assert sorted(key for page in pages for key in page) == sorted(keys)
    assert max(map(len, pages)) <= 16


class Restless(MemoryStore):
    """Which loses records while it is being listed."""

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        page = super().find(query, limit=limit, cursor=cursor)
        if len(page.keys) > 20:
            self.delete(page.keys[2:4])
        return page


def test_entries__that_vanish_meanwhile_hide_no_others() -> None:
    asker = Asker(Restless)
    keys = [asker.fill(f"{at} " + "x" * 500_000, "an answer") for at in range(40)]
    listed = [key for page in listing(asker, 1000) for key in page]
    assert len(listed) == len(set(listed))
    assert set(listed) == {key for key in keys if asker.store.get([key]) != [None]}


def test_entries__of_a_foreign_cursor(asker: Asker) -> None:
    with pytest.raises(ValueError, match="cursor"):
        asker.cache.entries(EntryFilter(), cursor="made up")


def test_entry__by_key(asker: Asker) -> None:
    entry = asker.cache.entry(key_of(asker, "one"))
    assert (entry.tags, entry.namespace) == (["doc:1", "doc:2"], "default")


def test_entry__out_of_scope_or_unknown(asker: Asker) -> None:
    for key in (key_of(asker, "elsewhere"), "f" * 64):
        with pytest.raises(UnknownKey):
            asker.cache.entry(key, lambda namespace: namespace == "default")


def test_entry__a_remembered_miss_is_none_and_stays_so(asker: Asker) -> None:
    key = asker.ask("a new question").key
    with pytest.raises(UnknownKey):
        asker.cache.entry(f"miss:{key}")
    assert asker.reported == []
    assert asker.answer(key).stored


def test_a_request_with_attributes_that_do_not_matter__takes_out_each_answer_to_it() -> None:
    asker = Asker()
    for flow in ("1", "2"):
        asker.fill("q", attributes={"tenant": "a", "flow": flow})
    asker.fill("q", attributes={"tenant": "a"})
    asker.fill("q", attributes={"tenant": "b", "flow": "1"})
    asker.fill("r", attributes={"tenant": "a", "flow": "1"})
    alike = EntryFilter(request=request(prompt="q", attributes={"tenant": "a"}), any_attributes=("flow",))

    assert asker.cache.invalidate(alike, dry_run=True) == 3
    assert asker.cache.invalidate(alike) == 3
    assert asker.ask("q", attributes={"tenant": "b", "flow": "1"}).status == "hit"
    assert asker.ask("r", attributes={"tenant": "a", "flow": "1"}).status == "hit"
    assert asker.cache.invalidate(alike) == 0
