"""A miss that would have been a hit but for a date or time says so."""

from typing import Any

import pytest
from msgspec import UNSET

from prompt_cache.core.errors import UnknownKey
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.near import Near
from prompt_cache.core.rules import NamespaceRules, Rules
from prompt_cache.keying.keys import Keyer
from prompt_cache.stores.base import StoreUnavailable
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.core.test_trips import FarAway
from sidecar.tests.support import Asker, request

EARLIER, LATER = "It is 16:10. What is a cache?", "It is 16:11. What is a cache?"


@pytest.fixture
def asker() -> Asker:
    return Asker(MemoryStore)


def test_near__another_time_of_day(asker: Asker) -> None:
    assert asker.ask(EARLIER).near is UNSET
    assert asker.ask(EARLIER).near is UNSET  # the very same question
    assert asker.ask(LATER).near == Near(differs_by="date_or_time", mask="clock")
    assert asker.ask(EARLIER).near == Near()
    assert asker.ask("It is 16:12. What is a rabbit?").near is UNSET
    assert asker.ask("What is a cache?").near is UNSET


@pytest.mark.parametrize(
    "asked",
    [
        {"system": "Today is Wednesday, {}. Be brief."},
        {
            "messages": [
                {"role": "system", "content": [{"type": "text", "text": "{}"}]},
                {"role": "user", "content": "Hi"},
            ]
        },
        {"messages": [{"role": "user", "parts": [{"text": "It is {}."}]}]},
        {"prompt": "It is {}.", "normalize": "loose"},
    ],
)
def test_near__wherever_users_or_the_system_say_it(asker: Asker, asked: dict[str, Any]) -> None:
    def at(time: str, value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("{}", time)
        if isinstance(value, list):
            return [at(time, each) for each in value]
        return {name: at(time, each) for name, each in value.items()}

    asker.ask(**at("2026-11-25T16:10:00Z", asked))
    assert asker.ask(**at("2026-11-26T08:00:00Z", asked)).near == Near()


@pytest.mark.parametrize(
    "other",
    [
        {"namespace": "other"},
        {"attributes": {"tenant": "b"}},
        {"model": "gpt-4o"},
        {"params": {"temperature": 1}},
        {"normalize": "none"},
        {"system": "Be brief."},
    ],
)
def test_near__everything_else_is_the_same(asker: Asker, other: dict[str, Any]) -> None:
    asker.ask(EARLIER)
    assert asker.ask(LATER, **other).near is UNSET


def test_near__what_a_model_or_a_tool_said_counts_as_it_is(asker: Asker) -> None:
    for at in ("16:10", "16:11"):
        said = [{"role": "assistant", "content": f"It is {at}."}, {"role": "user", "content": "Thanks"}]
        assert asker.ask(messages=said).near is UNSET


def test_near__not_with_the_mask_and_not_where_another_reason_holds(asker: Asker) -> None:
    asker.ask(EARLIER, normalize=["mask:clock"])
    assert asker.ask(LATER, normalize=["mask:clock"]).near is UNSET
    asker.fill(EARLIER, ttl=10)
    asker.ask(LATER)
    asker.clock.turn(11)
    expired = asker.ask(EARLIER)
    assert (expired.status, expired.near) == ("miss", UNSET)
    assert asker.ask(EARLIER, max_stale=100).status == "stale"


def test_near__the_mask_it_names_makes_the_two_one() -> None:
    masking = NamespaceRules(normalize=("mask:clock",), mask_system=True)
    asker = Asker(MemoryStore, rules=Rules(masking))
    asker.fill(EARLIER, system="Today is 2026-11-25.")
    assert asker.ask(LATER, system="Today is 2026-11-26.").status == "hit"


def test_near__for_a_day(asker: Asker) -> None:
    asker.ask(EARLIER)
    asker.clock.turn(86399)
    assert asker.ask(LATER).near == Near()
    asker.clock.turn(86401)
    assert asker.ask(EARLIER).near is UNSET


def test_near__not_between_secrets() -> None:
    store = MemoryStore()
    one, other = (Asker(lambda _: store, keyer=Keyer(secret)) for secret in (b"one", b"other"))
    one.ask(EARLIER)
    assert other.ask(LATER).near is UNSET
    assert one.ask(LATER).near == Near()


def test_near__what_is_kept_is_no_entry_and_holds_no_text(asker: Asker) -> None:
    asker.ask(EARLIER)
    (kept,) = (key for key in asker.store._records if key.startswith("near:"))
    with pytest.raises(UnknownKey):
        asker.cache.entry(kept)
    with pytest.raises(UnknownKey):
        asker.cache.delete(kept)
    with pytest.raises(UnknownKey):
        asker.answer(kept)
    assert b"cache" not in asker.store._records[kept].body
    assert asker.cache.sizes() == {}
    assert asker.cache.flush() == 0
    assert asker.ask(LATER).near == Near()


def test_near__in_a_batch_in_one_look_whatever_its_size() -> None:
    asker = Asker(FarAway)
    asker.ask("It is 07:00. What is 5?")
    asker.store.trips.clear()
    prompts = [f"It is {at // 60:02}:{at % 60:02}. What is {at % 10}?" for at in range(1000)]
    outcomes = asker.cache.lookup_many([Lookup(request=request(prompt=prompt)) for prompt in prompts])
    assert asker.store.trips.count("get") == 1
    assert asker.store.trips.count("put") == 1
    near = [at for at, outcome in enumerate(outcomes) if outcome.near is not UNSET]
    assert near == [5, *range(10, 1000)]


def test_near__costs_no_look_where_nothing_names_a_time_and_none_on_a_hit() -> None:
    asker = Asker(FarAway)
    asker.fill(EARLIER)
    for prompt, trips in ((EARLIER, ["get_with_versions"]), ("What is 5?", ["get_with_versions", "put"])):
        asker.store.trips.clear()
        asker.ask(prompt)
        assert asker.store.trips == trips


def test_near__a_store_that_is_away_leaves_a_miss(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    asker.ask(EARLIER)
    real = asker.store.get

    def away(keys: list[str]) -> Any:
        if keys[0].startswith("near:"):
            raise StoreUnavailable
        return real(keys)

    monkeypatch.setattr(asker.store, "get", away)
    assert (asker.ask(LATER).status, asker.ask(LATER).near) == ("miss", UNSET)
