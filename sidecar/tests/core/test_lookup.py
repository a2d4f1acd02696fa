"""Looking up: hits, stale answers, and misses that say why."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import UNSET

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Entry
from prompt_cache.core.errors import InvalidRequest
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.packing import pack
from prompt_cache.core.policy import MissReason, NotStored
from prompt_cache.core.rules import Lifetime, NamespaceRules, Rules
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.keys import Keyer
from prompt_cache.keying.normalize import Normalizers
from prompt_cache.keying.request import Request
from prompt_cache.stores.base import Record, StoreFull, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import ANSWER, NOW, Asker, Clock, decoded, request


def test_lookup__of_something_new_is_a_miss(asker: Asker) -> None:
    outcome = asker.ask()
    assert (outcome.status, outcome.reason) == ("miss", MissReason.NOT_FOUND)
    assert outcome.response is UNSET


def test_lookup__after_a_store_is_a_hit(asker: Asker) -> None:
    key = asker.fill()
    asker.clock.turn(12.3)
    outcome = asker.ask()
    assert (outcome.status, outcome.key, outcome.match, outcome.similarity) == ("hit", key, "exact", 1.0)
    assert (outcome.age, outcome.ttl) == (12.3, 86387.7)
    assert decoded(outcome) == ANSWER
    assert outcome.reason is UNSET


def test_lookup__of_a_wording_that_normalizes_the_same_is_a_hit(asker: Asker) -> None:
    asker.fill("What  is this?\r\n")
    assert asker.ask("What is this?").status == "hit"


@pytest.mark.parametrize(
    "response",
    [
        b'{"n":1.0,"m":1e2,"z":-0,"big":12345678901234567890123,"tiny":1.50}',
        rb'"\u00e9\u0041 \/ \t"',
        '{"z":"é","a":[1 ,2],  "m" : {"b":1,"a":2}}'.encode(),
        b'{"a":1,"a":2}',
        b'"plain text"',
        b"42",
        b"[true,false,null]",
    ],
)
def test_lookup__replays_an_answer_byte_for_byte(asker: Asker, response: bytes) -> None:
    key = asker.ask().key
    assert asker.cache.store(NewEntry(key=key, response=response)).stored
    assert bytes(asker.ask().response) == response  # type: ignore[arg-type]


def test_lookup__expired(asker: Asker) -> None:
    asker.fill(ttl=60.0)
    asker.clock.turn(59.9)
    assert asker.ask().status == "hit"
    asker.clock.turn(0.1)
    outcome = asker.ask()
    assert (outcome.status, outcome.reason) == ("miss", MissReason.EXPIRED)
    assert outcome.response is UNSET


def test_lookup__expired_but_accepted_is_stale(asker: Asker) -> None:
    asker.fill(ttl=60.0)
    asker.clock.turn(72)
    outcome = asker.ask(max_stale=30)
    assert (outcome.status, outcome.reason, outcome.age, outcome.ttl) == ("stale", MissReason.EXPIRED, 72, -12)
    assert decoded(outcome) == ANSWER
    assert asker.ask(max_stale=11.9).status == "miss"


def test_lookup__stale_answers_are_kept_as_long_as_the_rules_say() -> None:
    asker = Asker(rules=Rules(NamespaceRules(keep_stale=100)))
    asker.fill(ttl=60.0)
    asker.clock.turn(159.9)
    assert asker.ask(max_stale=1e6).status == "stale"
    asker.clock.turn(0.1)
    assert asker.ask(max_stale=1e6).reason == MissReason.NOT_FOUND


def test_lookup__too_old_for_this_caller_only(asker: Asker) -> None:
    asker.fill()
    asker.clock.turn(100)
    outcome = asker.ask(max_age=99)
    assert (outcome.status, outcome.reason) == ("miss", MissReason.TOO_OLD)
    assert asker.ask(max_age=100).status == "hit"


def test_lookup__a_hit_does_not_prolong_a_life(asker: Asker) -> None:
    asker.fill(ttl=60.0)
    asker.clock.turn(50)
    assert asker.ask().status == "hit"
    asker.clock.turn(10)
    assert asker.ask().status == "miss"


def test_lookup__a_clock_that_went_back_gives_no_negative_age(asker: Asker) -> None:
    asker.fill()
    asker.clock.turn(-5)
    assert asker.ask().age == 0


@pytest.mark.parametrize("damage", [b"", b"\x00", b"garbage of some length", None], ids=["no", "short", "other", "bit"])
def test_lookup__damaged_bytes_are_a_miss_that_is_reported(asker: Asker, damage: bytes | None) -> None:
    key = asker.fill()
    body = asker.store.get([key])[0]
    broken = body[:-1] + bytes([body[-1] ^ 1]) if damage is None else damage
    asker.store.put([Record(key=key, namespace="default", body=broken, created=NOW)])
    outcome = asker.ask()
    assert (outcome.status, outcome.reason) == ("miss", MissReason.CORRUPT)
    assert asker.reported == [("corrupt_entry", key)]
    assert asker.ask().reason == MissReason.NOT_FOUND
    assert asker.answer(key).stored
    assert asker.ask().status == "hit"


def test_lookup__sound_bytes_that_are_no_entry_are_a_miss(asker: Asker) -> None:
    key = asker.fill()
    body = pack(Entry(namespace="default", response=b"1", created=NOW, expires=None))
    asker.store.put([Record(key=key, namespace="default", body=body[:3], created=NOW)])
    assert asker.ask().reason == MissReason.CORRUPT


def test_lookup__namespaces_are_separate_caches(asker: Asker) -> None:
    asker.fill(namespace="one")
    assert asker.ask(namespace="one").status == "hit"
    assert asker.ask(namespace="two").status == "miss"
    assert asker.ask().status == "miss"


def test_lookup__normalization_comes_from_the_namespace_unless_the_call_names_one() -> None:
    rules = Rules(patterns={"loose": NamespaceRules(normalize="loose"), "exact": NamespaceRules(normalize=())})
    asker = Asker(rules=rules)
    asker.fill("What is this?", namespace="loose")
    asker.fill("What is this?", namespace="exact")
    assert asker.ask("WHAT IS THIS", namespace="loose").status == "hit"
    assert asker.ask("WHAT IS THIS", namespace="loose", normalize="whitespace").status == "miss"
    assert asker.ask("What  is this?", namespace="exact").status == "miss"


def test_lookup__masks_make_requests_the_same() -> None:
    asker = Asker(normalizers=Normalizers({"ticket": r"[A-Z]+-\d+"}))
    asker.fill("Close AB-1", normalize=["mask:ticket"])
    assert asker.ask("Close AB-2", normalize=["mask:ticket"]).status == "hit"
    assert asker.ask("Close AB-2").status == "miss"


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"messages": [{"role": "user", "content": "a"}], "prompt": "b"}, ("messages",)),
        ({"messages": [{"content": "a"}]}, ("messages", "0", "role")),
        ({"prompt": "a", "normalize": "nope"}, ("normalize",)),
        ({"prompt": "a", "normalize": ["trim", "mask:x"]}, ("normalize",)),
        ({"prompt": "half \ud83d"}, ("prompt",)),
        ({"messages": [{"role": "user", "content": [{"text": "\ude00"}]}]}, ("messages", "0", "content", "0", "text")),
        ({"prompt": "a", "tools": [{"parameters": {"\ud83d": 1}}]}, ("tools", "0", "parameters")),
    ],
)
def test_lookup__requests_that_cannot_be_meant_name_the_field(
    asker: Asker, fields: dict[str, Any], loc: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        asker.cache.lookup(Lookup(request=request(**fields)))
    assert tuple(map(str, raised.value.loc)) == loc


def test_lookup__a_request_without_a_question_is_invalid(asker: Asker) -> None:
    with pytest.raises(InvalidRequest, match="give `prompt`"):
        asker.cache.lookup(Lookup(request=Request()))


def test_lookup__nested_beyond_measure_is_invalid(asker: Asker) -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        asker.cache.lookup(Lookup(request=Request(prompt="x", params=deep)))


# -- batches -----


def many(asker: Asker, *prompts: str, **fields: Any) -> list[Any]:
    return asker.cache.lookup_many([Lookup(request=request(prompt=prompt), **fields) for prompt in prompts])


def test_lookup_many__answers_in_order(asker: Asker) -> None:
    asker.fill("b", "the answer to b")
    asker.fill("d", "the answer to d")
    outcomes = many(asker, "a", "b", "c", "d")
    assert [outcome.status for outcome in outcomes] == ["miss", "hit", "miss", "hit"]
    assert [decoded(outcomes[at]) for at in (1, 3)] == ["the answer to b", "the answer to d"]


def test_lookup_many__marks_repeats_with_the_first(asker: Asker) -> None:
    asker.fill("b", "the answer to b")
    outcomes = many(asker, "a", "b", "a ", "b", "a")
    assert [outcome.duplicate_of for outcome in outcomes] == [UNSET, UNSET, 0, 1, 0]
    assert [outcome.status for outcome in outcomes] == ["miss", "hit", "miss", "hit", "miss"]
    assert decoded(outcomes[1]) == "the answer to b"
    assert outcomes[3].response is UNSET
    assert (outcomes[0].ticket, outcomes[2].ticket) == (outcomes[4].ticket, outcomes[4].ticket)


def test_lookup_many__holds_no_answer_twice_however_it_is_asked_for(asker: Asker) -> None:
    asker.fill()
    lookups = [Lookup(request=request(), max_age=max_age) for max_age in (-1, 60, 600, None)]
    outcomes = asker.cache.lookup_many(lookups)
    assert [outcome.status for outcome in outcomes] == ["miss", "hit", "hit", "hit"]
    assert [outcome.duplicate_of for outcome in outcomes] == [UNSET, UNSET, 1, 1]
    assert [outcome.response is UNSET for outcome in outcomes] == [True, False, True, True]


def test_lookup_many__leaves_for_later_what_is_too_much_for_one_answer(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = [str(number) for number in range(100)]
    for prompt in prompts:
        asker.fill(prompt, "x" * 1000)
    monkeypatch.setattr("prompt_cache.core.entries.BATCH_BYTES", 40_000)
    outcomes = many(asker, *prompts)
    statuses = [outcome.status for outcome in outcomes]
    answered = statuses.count("hit")
    assert 32 <= answered < 50
    assert statuses == ["hit"] * answered + ["pending"] * (100 - answered)
    assert {outcome.retry_after for outcome in outcomes[answered:]} == {0.0}
    assert [outcome.status for outcome in many(asker, *prompts[answered : answered + 10])] == ["hit"] * 10
    assert asker.cache.statistics.report(lambda _: True)[0].misses == 100  # those of the filling


@pytest.mark.parametrize(("length", "answered"), [(5000, 7), (19_000, 2), (50_000, 1)])
def test_lookup_many__few_large_answers_are_bounded_as_well(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, length: int, answered: int
) -> None:
    prompts = [str(number) for number in range(12)]
    for prompt in prompts:
        asker.fill(prompt, "x" * length)
    monkeypatch.setattr("prompt_cache.core.entries.BATCH_BYTES", 40_000)
    statuses = [outcome.status for outcome in many(asker, "0", *prompts)]
    assert statuses == ["hit"] * (answered + 1) + ["pending"] * (12 - answered)


def test_lookup_many__of_nothing_is_nothing(asker: Asker) -> None:
    assert many(asker) == []


def test_lookup_many__names_the_place_of_a_wrong_item(asker: Asker) -> None:
    wrong = [Lookup(request=request(prompt="a")), Lookup(request=request(prompt="b", normalize="nope"))]
    with pytest.raises(InvalidRequest) as raised:
        asker.cache.lookup_many(wrong)
    assert raised.value.loc == ("items", 1, "normalize")


def test_lookup_many__asks_the_store_for_many_at_once() -> None:
    class Counting(MemoryStore):
        calls = 0

        def get(self, keys: Sequence[str]) -> list[bytes | None]:
            self.calls += 1
            return super().get(keys)

    asker = Asker(Counting)
    many(asker, *map(str, range(100)))
    assert asker.store.calls == 3


# -- when the store is full or away -----


class Full(MemoryStore):
    """Takes no more once it is told so."""

    full = False

    def put(self, records: Sequence[Record]) -> None:
        if self.full:
            raise StoreFull
        super().put(records)

    def acquire(self, key: str, token: str, ttl: float) -> float:
        if self.full:
            raise StoreFull
        return super().acquire(key, token, ttl)


def test_lookup__in_a_full_store_still_answers_a_miss() -> None:
    asker = Asker(Full)
    asker.store.full = True
    outcome = asker.ask()
    assert (outcome.status, outcome.reason) == ("miss", MissReason.NOT_FOUND)
    assert asker.reported == [("store_full", outcome.key)]
    asker.store.full = False
    with pytest.raises(LookupError):
        asker.answer(outcome.key)


def test_lookup__of_a_store_that_can_only_be_read_is_still_a_miss(asker: Asker) -> None:
    def refuse(*_: object) -> None:
        raise StoreUnavailable("locked by another process")

    asker.store.put = asker.store.acquire = refuse
    outcome = asker.ask(lease=30.0)
    assert (outcome.status, outcome.lease) == ("miss", UNSET)
    assert asker.reported == [("miss_not_remembered", outcome.key)]


def test_lookup__in_a_full_store_misses_without_a_lease() -> None:
    asker = Asker(Full)
    asker.store.full = True
    outcome = asker.ask(lease=30.0)
    assert (outcome.status, outcome.lease) == ("miss", UNSET)


def test_lookup__in_a_full_store_still_hits() -> None:
    asker = Asker(Full)
    asker.fill()
    asker.store.full = True
    assert asker.ask().status == "hit"


def test_lookup__a_store_that_is_away_is_never_taken_for_an_empty_one() -> None:
    class Away(MemoryStore):
        def get(self, keys: Sequence[str]) -> list[bytes | None]:
            raise StoreUnavailable(*keys)

    with pytest.raises(StoreUnavailable):
        Asker(Away).ask()


# -- what is kept of prompts -----


class Remembering(MemoryStore):
    """Keeps every byte it was ever given."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.seen = b""

    def put(self, records: Sequence[Record]) -> None:
        for record in records:
            self.seen += record.body + repr(record).encode() + (record.text or "").encode()
        super().put(records)


MARKER = "zanzibar-marker"


def leave_traces(asker: Asker) -> bytes:
    fields: dict[str, Any] = {"system": f"Sys {MARKER}", "params": {"p": MARKER}, "tools": [{"t": MARKER}]}
    key = asker.fill(f"Say {MARKER}", "some answer", **fields)
    asker.ask(f"Say {MARKER}", max_age=0, **fields)
    asker.ask(f"Never answered {MARKER}", **fields)
    assert asker.answer(key, "another answer").stored
    asker.cache.statistics.flush()
    return bytes(asker.store.seen) + repr(asker.store.__dict__).encode()


def test_prompts__are_kept_for_searching_by_default() -> None:
    assert MARKER.encode() in leave_traces(Asker(Remembering))


@pytest.mark.parametrize("secret", [None, b"secret"])
def test_prompts__leave_no_trace_in_the_store_when_switched_off(secret: bytes | None) -> None:
    assert MARKER.encode() not in leave_traces(Asker(Remembering, store_prompts=False, keyer=Keyer(secret)))


def test_keys__of_caches_with_different_secrets_differ() -> None:
    keys = {Asker(keyer=Keyer(secret)).ask().key for secret in (None, b"a", b"b")}
    assert len(keys) == 3


def test_cache__works_without_being_told_a_clock_or_a_reporter() -> None:
    cache = PromptCache(MemoryStore())
    assert cache.lookup(Lookup(request=request())).status == "miss"


def test_ttl_of_zero_by_rule__stores_nothing() -> None:
    asker = Asker(rules=Rules(NamespaceRules(lifetime=Lifetime(ttl=0))))
    assert asker.answer(asker.ask().key).reason == NotStored.TTL_ZERO
    assert asker.ask().status == "miss"
