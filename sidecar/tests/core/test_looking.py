"""Looking inside: what each entry was good for, who asked, and what a selection weighs before it is deleted."""

import msgspec
import pytest

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entries import Entries
from prompt_cache.core.entry import Source
from prompt_cache.core.errors import InvalidRequest, UnknownKey
from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.policy import MissReason
from prompt_cache.http.app import create_app
from prompt_cache.stores.base import Page, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import Asker, request

SUPPORT = Source("Support", "Answer")


@pytest.fixture
def asker() -> Asker:
    return Asker()


def hits(cache: PromptCache, *keys: str) -> list[int]:
    cache.statistics.flush()
    return cache.hits(keys)


def keys(cache: PromptCache, chosen: EntryFilter, **ways: object) -> list[str]:
    return [key for key, _ in cache.entries(chosen, **ways)[0]]  # type: ignore[arg-type]


def test_hits_are_counted_by_entry(asker: Asker) -> None:
    paris, rome = asker.fill("Paris?", model="gpt-4o-mini"), asker.fill("Rome?")
    for _ in range(3):
        asker.ask("Paris?", model="gpt-4o-mini")
    assert hits(asker.cache, rome, paris) == [0, 3]
    asker.ask("Rome?")
    assert hits(asker.cache, rome, paris, "nothing") == [1, 3, 0]


def test_hits_are_counted_where_they_save_nothing(asker: Asker) -> None:
    key = asker.fill("Rome?", cost_usd=0.0)
    assert asker.cache.entry(key).worth == 0.0
    asker.ask("Rome?")
    assert hits(asker.cache, key) == [1]
    assert keys(asker.cache, EntryFilter(), order="gained") == [key]


def test_an_answer_that_is_stored_anew_begins_anew(asker: Asker) -> None:
    key = asker.fill("Rome?")
    asker.ask("Rome?")
    assert hits(asker.cache, key) == [1]
    asker.answer(key)
    assert hits(asker.cache, key) == [0]


def test_hits_of_an_alias_are_its_originals_as_well(asker: Asker) -> None:
    original = asker.fill("Rome?")
    alias, _ = asker.cache.accept(original, request(prompt="What of Rome?"))
    asker.ask("What of Rome?")
    asker.ask("Rome?")
    assert hits(asker.cache, original, alias) == [2, 1]
    found, more = asker.cache.aliases(original, "default")
    assert ([key for key, _ in found], more) == ([alias], False)
    assert keys(asker.cache, EntryFilter(aliases=True)) == [alias]
    weight = asker.cache.weigh(EntryFilter())
    assert (weight.entries, weight.hits) == (2, 2)
    assert asker.cache.weigh(EntryFilter(aliases=True)).hits == 1


def test_hits_that_the_store_did_not_take_are_handed_over_later(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise StoreUnavailable

    key = asker.fill("Rome?")
    asker.ask("Rome?")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(asker.store, "increment", away)
        assert hits(asker.cache, key) == [0]
    asker.ask("Rome?")
    assert hits(asker.cache, key) == [2]


def test_entries_are_found_by_who_asked(asker: Asker) -> None:
    ours = asker.answer(asker.ask("Ours?").key, source=SUPPORT).key
    theirs = asker.answer(asker.ask("Theirs?").key, source=Source("Other", "Answer")).key
    asker.fill("Nobody's?")
    assert keys(asker.cache, EntryFilter(workflow="Support")) == [ours]
    assert set(keys(asker.cache, EntryFilter(node="Answer"))) == {ours, theirs}
    assert keys(asker.cache, EntryFilter(workflow="Support", node="Else")) == []


def test_entries_are_listed_by_what_they_saved(asker: Asker) -> None:
    cheap, dear, never = (asker.fill(f"{name}?", cost_usd=cost) for name, cost in (("A", 0.1), ("B", 5.0), ("C", 9.0)))
    asker.ask("B?")
    for _ in range(4):
        asker.ask("A?")
    asker.cache.statistics.flush()
    assert keys(asker.cache, EntryFilter(), order="gained") == [dear, cheap]
    assert keys(asker.cache, EntryFilter(unserved=True)) == [never]


def test_a_selection_is_weighed_before_it_is_deleted(asker: Asker) -> None:
    for at in range(30):
        asker.fill(f"{at}?", tags=["x" if at % 2 else "y"], cost_usd=0.5)
        for _ in range(at % 3):
            asker.ask(f"{at}?")
    asker.fill("free?", {"text": "free"}, tags=["x"])
    asker.ask("free?")
    asker.cache.statistics.flush()
    chosen = EntryFilter(tags=("x",))
    weight = asker.cache.weigh(chosen)
    served = sum(at % 3 for at in range(30) if at % 2)
    assert (weight.entries, weight.hits, weight.entries_complete, weight.saved_complete) == (16, served + 1, True, True)
    assert weight.saved_usd == pytest.approx(0.5 * served)
    assert asker.cache.weigh(chosen, text="free?").entries == 1
    assert asker.cache.invalidate(chosen, text="free?", dry_run=True) == 1
    assert asker.cache.invalidate(chosen, text="FREE?") == 1
    assert asker.cache.invalidate(chosen) == 15
    assert asker.cache.weigh(EntryFilter()).entries == 15


@pytest.mark.parametrize("filled", [True, False])
def test_weighing_ends_in_time_though_there_is_always_another_page(filled: bool) -> None:
    class Endless(MemoryStore):
        seconds = 0.0

        def find(self, *_: object, **__: object) -> Page:
            self.seconds += 0.03
            return Page(["key"] if filled else [], "more")

    store = Endless()
    entries = Entries(store, lambda: 0.0, lambda _event, _key: None, timer=lambda: store.seconds)
    weight = entries.weigh(EntryFilter(), "nothing")
    assert (bool(weight.entries), weight.entries_complete, weight.saved_complete) == (filled, False, False)
    assert store.seconds < 0.3


def test_whether_an_entry_is_served_is_told(asker: Asker) -> None:
    key = asker.fill("Rome?", ttl=60.0, depends_on=["kb"])
    entry, freshness = asker.cache.look(key)
    assert (entry.namespace, freshness.fresh) == ("default", True)
    asker.cache.bump("default", ["kb"])
    assert asker.cache.look(key)[1].reason is MissReason.VERSION_CHANGED
    with pytest.raises(UnknownKey):
        asker.cache.look(key, lambda _: False)


def test_an_answer_is_rejected_for_other_words(asker: Asker) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Rome?"}]
    key = asker.fill(messages=messages, model="gpt-4o-mini", params={"temperature": 0})
    reworded = [messages[0], {"role": "user", "content": "What of Rome?"}]
    asked = request(messages=reworded, model="gpt-4o-mini", params={"temperature": 0})
    alias, _ = asker.cache.accept(key, asked)
    assert asker.cache.reject_wording(key, "  What of   Rome? ") == 1  # normalized as what is asked
    with pytest.raises(UnknownKey):
        asker.cache.entry(alias)
    assert asker.cache.entry(key)
    with pytest.raises(UnknownKey):
        asker.cache.reject_wording(key, "What of Rome?", lambda _: False)


@pytest.mark.parametrize("content", [[{"type": "image_url", "image_url": {"url": "https://a.example"}}], ""])
def test_what_has_no_words_has_no_others(asker: Asker, content: object) -> None:
    key = asker.fill(messages=[{"role": "user", "content": content}])
    with pytest.raises(InvalidRequest):
        asker.cache.reject_wording(key, "Something else")


def test_without_prompts_nobody_knows_the_rest_of_a_question() -> None:
    asker = Asker(store_prompts=False)
    key = asker.fill("Rome?")
    with pytest.raises(InvalidRequest, match="not kept"):
        asker.cache.reject_wording(key, "What of Rome?")


def test_the_api_tells_the_hits(asker: Asker) -> None:
    key = asker.fill("Rome?")
    asker.ask("Rome?")
    asker.cache.statistics.flush()
    client = create_app(asker.cache, Config()).test_client()
    assert client.get(f"/v1/entries/{key}").json["hits"] == 1  # type: ignore[index]
    assert [each["hits"] for each in msgspec.json.decode(client.get("/v1/entries").data)["items"]] == [1]
