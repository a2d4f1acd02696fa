"""Beyond the same question: what is found, what decides, and what is never served."""

import re
from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec import UNSET

from prompt_cache.core.errors import InvalidRequest
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.matching.indexing import NAMESPACE as INDEXED
from prompt_cache.core.outcome import Outcome
from prompt_cache.core.policy import MissReason
from prompt_cache.core.rules import Lifetime, NamespaceRules, Rules, SemanticRules
from prompt_cache.core.store import NewEntry
from prompt_cache.semantic.embedders.base import Embedded, Embedder, EmbedderUnavailable
from prompt_cache.semantic.guards.names import GUARDS, Verdict
from prompt_cache.stores.base import StoreUnavailable, VectorsUnsupported
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import ANSWER, Asker, request

RESET, RESET_TOO = "how do I reset my password please", "please how do I reset my password"
NUMBERS, NUMBERS_TOO = "cancel my order number 17 today", "cancel my order number 71 today"
OTHER = "what is the capital of France"


class Words(Embedder):
    """A dimension for each word, by its digest: texts of the same words are one vector."""

    name = "words"
    threshold = 0.7

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.away = False

    def embed(self, texts: Sequence[str]) -> Embedded:
        self.calls.append(list(texts))
        if self.away:
            raise EmbedderUnavailable("it did not answer within 5 s")
        return Embedded([_vector(text) for text in texts])


def _vector(text: str) -> bytes:
    vector = np.zeros(256, np.float32)
    for word in text.lower().split():
        vector[blake2b(word.encode(), digest_size=1).digest()[0]] += 1
    return bytes((vector / np.linalg.norm(vector)).astype("<f4").tobytes())


def _compare(asked: str, stored: str, guards: Collection[str] = GUARDS) -> list[Verdict]:
    """Of all guards, that of numbers."""
    numbers = [re.findall(r"\d+", text) for text in (asked, stored)]
    return [
        Verdict(guard, guard != "numbers" or numbers[0] == numbers[1], f"{numbers[0]} here, {numbers[1]} there")
        for guard in guards
    ]


@pytest.fixture(autouse=True)
def _one_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.semantic.guards.comparing.compare", _compare)


class Matching(Asker):
    """A cache in which everything matches semantically, unless told otherwise."""

    def __init__(
        self,
        semantic: SemanticRules | None = None,
        store: MemoryStore | None = None,
        embedder: Words | None = None,
        **options: Any,
    ) -> None:
        self.embedder = embedder or Words()
        rules = NamespaceRules(semantic=semantic or SemanticRules(match=True), lifetime=Lifetime(ttl=100.0))
        super().__init__(
            (lambda _: store) if store else MemoryStore, rules=Rules(rules), embedder=self.embedder, **options
        )

    def find(self, prompt: str, **fields: Any) -> Outcome:
        how = {name: fields.pop(name) for name in ("match", "threshold", "explain", "max_age") if name in fields}
        return self.cache.lookup(Lookup(request=request(prompt=prompt, **fields), **how))

    def answer_to(self, prompt: str, answer: Any = ANSWER, **fields: Any) -> str:
        """Ask and answer; returns the key."""
        asked = self.find(prompt, **fields)
        assert asked.status == "miss"
        new = NewEntry(response=msgspec.json.encode(answer), key=asked.key, ticket=str(asked.ticket))
        assert self.cache.store(new).stored
        return asked.key


def test_a_question_that_is_worded_differently_is_a_hit() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    hit = asker.find(RESET_TOO)
    assert (hit.status, hit.match, hit.similarity) == ("hit", "semantic", 1.0)
    assert hit.matched is not UNSET
    assert (hit.matched.key, hit.matched.question) == (key, RESET)
    assert hit.key != key
    assert msgspec.json.decode(bytes(hit.response)) == ANSWER  # type: ignore[arg-type]


def test_the_very_same_question_goes_first_and_is_never_embedded() -> None:
    asker = Matching()
    asker.answer_to(RESET)
    asker.embedder.calls.clear()
    hit = asker.find(RESET)
    assert (hit.status, hit.match, hit.matched) == ("hit", "exact", UNSET)
    assert not asker.embedder.calls


def test_what_a_guard_refuses_is_a_miss_that_says_which() -> None:
    asker = Matching()
    asker.answer_to(NUMBERS)
    miss = asker.find(NUMBERS_TOO)
    assert (miss.status, miss.reason) == ("miss", MissReason.GUARD_NUMBERS)
    assert miss.ticket


def test_a_guard_that_is_off_has_no_say() -> None:
    asker = Matching(SemanticRules(match=True, guards=tuple(guard for guard in GUARDS if guard != "numbers")))
    asker.answer_to(NUMBERS)
    assert asker.find(NUMBERS_TOO).status == "hit"


def test_what_is_not_similar_is_not_found() -> None:
    asker = Matching()
    asker.answer_to(RESET)
    assert asker.find(OTHER).reason is MissReason.NOT_FOUND


@pytest.mark.parametrize(
    "other",
    [
        {"model": "gpt-4o-mini"},
        {"system": "Answer in French."},
        {"attributes": {"tenant": "b"}},
        {"namespace": "other"},
        {"params": {"temperature": 1}},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"response_format": {"type": "json_object"}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_all_but_the_last_text_has_to_be_the_same(other: dict[str, Any]) -> None:
    asker = Matching()
    asker.answer_to(RESET)
    assert asker.find(RESET_TOO, **other).status == "miss"
    asker.answer_to(RESET, {"in": "Settings"}, **other)
    assert asker.find(RESET_TOO, **other).status == "hit"


def _talk(*texts: str) -> list[dict[str, Any]]:
    return [{"role": "user" if at % 2 == 0 else "assistant", "content": text} for at, text in enumerate(texts)]


def test_earlier_turns_have_to_be_the_same() -> None:
    asker = Matching()

    def find(*texts: str) -> Outcome:
        return asker.cache.lookup(Lookup(request=request(messages=_talk(*texts))))

    first = find("I have a Mac.", "Good.", RESET)
    asker.cache.store(NewEntry(response=b'"In Settings."', key=first.key, ticket=str(first.ticket)))
    assert find("I have a PC.", "Good.", RESET_TOO).status == "miss"
    assert find("I have a Mac.", "Good.", RESET_TOO).status == "hit"


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        (_talk("a", "b", "c", "d", RESET), "more than 4 messages"),
        (_talk("a", "b"), "not the user's"),
        (_talk(RESET + " a" * 1000), "longer than 2,000"),
        (_talk("  "), "empty"),
        (
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": RESET},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                    ],
                }
            ],
            "image",
        ),
        ([{"role": "user", "content": [{"type": "text", "text": RESET}, {"type": "text", "text": "a"}]}], "one text"),
    ],
    ids=["long talk", "not the user's", "long text", "empty", "image", "two texts"],
)
def test_what_is_never_compared(messages: list[dict[str, Any]], why: str) -> None:
    asker = Matching()
    outcome = asker.cache.lookup(Lookup(request=request(messages=messages), explain=True))
    assert outcome.status == "miss"
    assert outcome.explanation is not UNSET
    assert not outcome.explanation.searched
    assert why in str(outcome.explanation.why_not)
    assert not asker.embedder.calls


@pytest.mark.parametrize(
    "system",
    [
        "Translate what the user writes into French.",
        "You are a proofreader. Correct the spelling.",
        "Reformule le texte de l'utilisateur.",
        "Übersetze den Text ins Englische.",
        "Traduce el texto al inglés.",
    ],
)
def test_where_the_wording_is_what_counts_nothing_is_compared(system: str) -> None:
    asker = Matching()
    asker.answer_to(RESET, system=system)
    assert asker.find(RESET_TOO, system=system).status == "miss"
    assert asker.find(RESET, system=system).status == "hit"


def test_an_answer_that_calls_tools_is_only_for_the_same_question() -> None:
    asker = Matching()
    call = {"id": "c1", "type": "function", "function": {"name": "reset", "arguments": "{}"}}
    asker.answer_to(RESET, {"choices": [{"message": {"role": "assistant", "tool_calls": [call]}}]})
    assert asker.find(RESET_TOO).status == "miss"
    assert asker.find(RESET).status == "hit"


def test_off_unless_asked_for() -> None:
    asker = Matching(SemanticRules())
    asker.answer_to(RESET)
    assert asker.find(RESET_TOO).status == "miss"
    assert not asker.embedder.calls


def test_a_call_may_ask_for_it_and_a_call_may_leave_it() -> None:
    asker = Matching(SemanticRules())
    asker.answer_to(RESET, match="semantic")
    assert asker.find(RESET_TOO, match="semantic").status == "hit"
    assert asker.find(RESET_TOO).status == "miss"
    always = Matching()
    always.answer_to(RESET)
    assert always.find(RESET_TOO, match="exact").status == "miss"


def test_a_threshold_of_a_call_only_tightens() -> None:
    asker = Matching()
    asker.answer_to("how do I reset my password")
    near = "how do I reset my password now"
    assert 0.9 < float(asker.find(near).similarity) < 0.95  # type: ignore[arg-type]
    assert asker.find(near, threshold=0.95).status == "miss"
    with pytest.raises(InvalidRequest, match=r"only be higher than that of the namespace, 0\.7"):
        asker.find(near, threshold=0.5)


def test_a_call_that_asks_without_an_embedder_is_told_so() -> None:
    asker = Asker(MemoryStore)
    with pytest.raises(InvalidRequest, match="needs an embedder"):
        asker.cache.lookup(Lookup(request=request(prompt=RESET), match="semantic"))


def test_an_embedder_without_a_measured_threshold_needs_one() -> None:
    asker = Matching(SemanticRules())
    asker.embedder.threshold = None  # type: ignore[assignment]
    with pytest.raises(InvalidRequest, match="give one"):
        asker.find(RESET, match="semantic")
    assert asker.find(RESET, match="semantic", threshold=0.8).status == "miss"


def test_without_its_embedder_a_lookup_is_exact_and_says_so() -> None:
    asker = Matching()
    asker.answer_to(RESET)
    asker.embedder.away = True
    miss = asker.find(RESET_TOO, explain=True)
    assert (miss.status, miss.reason) == ("miss", MissReason.EMBEDDER_UNAVAILABLE)
    assert "did not answer" in str(miss.explanation.why_not)  # type: ignore[union-attr]
    assert asker.find(RESET).status == "hit"
    key = asker.answer_to(OTHER)
    asker.embedder.away = False
    assert asker.find("of France what is the capital").status == "miss"  # it has no vector
    assert asker.cache.entry(key)


def test_what_goes_out_is_gone_for_all_wordings() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    asker.cache.delete(key)
    assert asker.find(RESET_TOO).status == "miss"
    asker.answer_to(RESET)
    asker.cache.flush("default")
    assert asker.find(RESET_TOO).status == "miss"
    asker.answer_to(RESET)
    asker.clock.turn(101)
    assert asker.find(RESET_TOO).status == "miss"


def test_a_bump_holds_for_all_wordings() -> None:
    asker = Matching()
    asked = asker.find(RESET)
    asker.cache.store(NewEntry(response=b'"x"', key=asked.key, ticket=str(asked.ticket), depends_on=("kb",)))
    assert asker.find(RESET_TOO).status == "hit"
    asker.cache.bump("default", ["kb"])
    assert asker.find(RESET_TOO).status == "miss"


def test_max_age_holds_for_all_wordings() -> None:
    asker = Matching()
    asker.answer_to(RESET)
    asker.clock.turn(50)
    assert asker.find(RESET_TOO, max_age=20.0).status == "miss"
    assert asker.find(RESET_TOO, max_age=60.0).status == "hit"


def test_a_batch_is_embedded_in_one_call() -> None:
    asker = Matching()
    asker.answer_to(RESET)
    asker.embedder.calls.clear()
    outcomes = asker.cache.lookup_many(
        [Lookup(request=request(prompt=prompt)) for prompt in (RESET_TOO, OTHER, RESET, NUMBERS)]
    )
    assert [outcome.status for outcome in outcomes] == ["hit", "miss", "hit", "miss"]
    assert asker.embedder.calls == [[RESET_TOO, OTHER, NUMBERS]]


def test_what_is_stored_without_a_lookup_is_found_too() -> None:
    asker = Matching()
    asker.cache.store(NewEntry(response=b'"x"', request=request(prompt=RESET)))
    assert asker.find(RESET_TOO).status == "hit"


def test_what_is_stored_again_is_still_found() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    asker.cache.store(NewEntry(response=b'"newer"', key=key))
    assert bytes(asker.find(RESET_TOO).response) == b'"newer"'  # type: ignore[arg-type]


def test_a_store_that_cannot_search_leaves_lookups_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = Matching()
    asker.answer_to(RESET)

    def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable

    monkeypatch.setattr(asker.store, "nearest", away)
    assert asker.find(RESET_TOO).status == "miss"
    assert asker.find(RESET).status == "hit"
    assert ("semantic_search_failed", "StoreUnavailable") in asker.reported


def test_a_store_that_never_will_is_not_embedded_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = Matching()

    def never(*_: Any, **__: Any) -> Any:
        raise VectorsUnsupported("no vector sets")

    monkeypatch.setattr(asker.store, "nearest", never)
    assert asker.find(RESET).status == "miss"
    asker.embedder.calls.clear()
    assert asker.find(RESET_TOO).status == "miss"
    assert not asker.embedder.calls
    assert asker.reported == [("semantic_search_failed", "VectorsUnsupported")]


def test_shadow_serves_nothing_semantic() -> None:
    asker = Matching(SemanticRules(match=True, shadow=True))
    asker.answer_to(RESET)
    miss = asker.find(RESET_TOO)
    assert (miss.status, miss.reason) == ("miss", MissReason.SHADOW)
    assert asker.find(RESET).status == "hit"


def test_explain__says_what_is_near_and_what_each_guard_saw() -> None:
    asker = Matching()
    key = asker.answer_to(NUMBERS)
    asker.answer_to(OTHER)
    explanation = asker.find(NUMBERS_TOO, explain=True).explanation
    assert explanation is not UNSET
    assert (explanation.searched, explanation.threshold) == (True, 0.7)
    (near,) = explanation.nearest
    assert (near.key, near.question, near.served, near.known) == (key, NUMBERS, False, None)
    assert [verdict.guard for verdict in near.verdicts] == list(GUARDS)
    assert [verdict.saw for verdict in near.verdicts if not verdict.agrees] == ["['71'] here, ['17'] there"]


def test_explain__says_which_fields_differ_from_the_nearest_entry() -> None:
    asker = Matching(SemanticRules())
    key = asker.answer_to(RESET, system="Be brief.", params={"temperature": 0})
    asker.answer_to(OTHER, system="Be long.", model="gpt-4o-mini")
    explanation = asker.find(RESET, system="Be brief.", params={"temperature": 1}, explain=True).explanation
    assert explanation is not UNSET
    assert not explanation.searched
    assert (explanation.differs[0].key, explanation.differs[0].fields) == (key, ["params.temperature"])
    assert explanation.differs[1].fields == ["model", "params.temperature", "question", "system"]


def test_what_was_stored_before_is_found_once_it_is_indexed() -> None:
    store = MemoryStore()
    before = Asker(lambda _: store)
    before.fill(RESET)
    before.fill(OTHER)
    asker = Matching(store=store)
    assert asker.find(RESET_TOO).status == "miss"
    while asker.cache.index():
        pass
    assert asker.find(RESET_TOO).status == "hit"
    asker.embedder.calls.clear()
    assert not Matching(store=store, embedder=asker.embedder).cache.index()
    assert not asker.embedder.calls
    assert asker.cache.namespaces().keys() == {"default"}


def test_indexing__looks_again_where_entries_were_brought_from_elsewhere() -> None:
    asker = Matching()
    asker.answer_to(OTHER)
    while asker.cache.index():
        pass
    store = asker.cache._store
    assert isinstance(store, MemoryStore)
    Asker(lambda _: store).fill(RESET)
    store.clear(INDEXED)  # as an import does
    asker.clock.turn(61)
    while asker.cache.index():
        pass
    assert asker.find(RESET_TOO).status == "hit"


def test_indexing__waits_for_its_embedder_and_leaves_nothing_out() -> None:
    store = MemoryStore()
    before = Asker(lambda _: store)
    for at in range(70):
        before.fill(f"what is the colour of flag number {at}")
    asker = Matching(store=store)
    asker.embedder.away = True
    assert asker.cache.index()
    asker.embedder.away = False
    while asker.cache.index():
        pass
    for at in range(70):
        assert asker.find(f"the colour of flag number {at} is what").status == "hit"


def test_every_guard_has_a_reason_of_its_own() -> None:
    assert {reason.removeprefix("guard:") for reason in MissReason if reason.startswith("guard:")} == set(GUARDS)


def test_where_prompts_are_not_kept_nothing_is_embedded_nor_compared() -> None:
    asker = Matching(store_prompts=False)
    assert asker.cache.matches == ("exact",)
    with pytest.raises(InvalidRequest, match="prompts are not kept here"):
        asker.find(RESET, match="semantic")
    asker.answer_to(RESET)
    asker.cache.store(NewEntry(request=request(prompt=OTHER), response=msgspec.json.encode(ANSWER), match="semantic"))
    while asker.cache.index():
        pass
    miss = asker.find(RESET_TOO, explain=True)
    assert miss.status == "miss"
    assert miss.explanation is not UNSET
    assert "prompts are not kept" in str(miss.explanation.why_not)
    assert not asker.embedder.calls


def test_an_alias_is_not_what_others_are_like() -> None:
    asker = Matching(SemanticRules())
    key = asker.answer_to(RESET)
    asker.cache.accept(key, request(prompt=OTHER))
    store = asker.cache._store
    assert isinstance(store, MemoryStore)
    later = Matching(store=store)
    while later.cache.index():
        pass
    like_the_alias = " ".join(reversed(OTHER.split()))
    assert later.find(OTHER).match == "exact"
    assert later.find(like_the_alias).status == "miss"
    later.cache.reject(key, request(prompt=like_the_alias))
    assert later.find(like_the_alias).status == "miss"


def test_what_ends_while_a_text_is_embedded_is_not_served() -> None:
    asker = Matching()
    asker.answer_to(RESET)
    asker.clock.turn(98)
    embed = asker.embedder.embed

    def slowly(texts: Sequence[str]) -> Embedded:
        asker.clock.turn(4)
        return embed(texts)

    asker.embedder.embed = slowly  # type: ignore[method-assign]
    assert asker.find(RESET_TOO).status == "miss"


def test_shadow_serves_not_even_what_was_said_to_be_the_same() -> None:
    asker = Matching()
    key = asker.answer_to(NUMBERS)
    alias, _ = asker.cache.accept(key, request(prompt=NUMBERS_TOO))
    asker.cache.delete(alias)
    assert asker.find(NUMBERS_TOO).match == "semantic"
    store = asker.cache._store
    assert isinstance(store, MemoryStore)
    shadowing = Matching(SemanticRules(match=True, shadow=True), store)
    assert shadowing.find(NUMBERS_TOO).reason is MissReason.SHADOW


@pytest.mark.parametrize("back", ["before it is answered", "later"])
def test_what_was_asked_while_the_embedder_was_away_is_found_when_it_is_back(back: str) -> None:
    asker = Matching(SemanticRules())  # it matches exactly: this call alone wants more
    asker.embedder.away = True
    missed = asker.find(RESET, match="semantic")
    assert missed.reason is MissReason.EMBEDDER_UNAVAILABLE
    asker.embedder.away = back == "later"
    new = NewEntry(response=msgspec.json.encode(ANSWER), key=missed.key, ticket=str(missed.ticket))
    assert asker.cache.store(new).stored
    if back == "later":
        assert not asker.cache.index()
        asker.embedder.away = False
        while asker.cache.index():
            pass
    assert asker.find(RESET_TOO, match="semantic").status == "hit"


def test_what_was_stored_for_the_very_same_question_alone_is_not_embedded_later() -> None:
    asker = Matching(SemanticRules())
    asker.embedder.away = True
    asker.answer_to(RESET)
    asker.embedder.away = False
    assert not asker.cache.index()
    assert not asker.embedder.calls


def test_an_answer_that_calls_tools_is_served_to_nobody_else_though_a_vector_leads_to_it() -> None:
    asker = Matching()
    tools = msgspec.json.encode({"choices": [{"message": {"tool_calls": [{"id": "1", "function": {"name": "f"}}]}}]})
    matcher = asker.cache._matcher
    place = matcher.place

    def overtaken(vectors: Any) -> None:
        matcher.place = place  # type: ignore[method-assign]
        assert asker.cache.store(NewEntry(request=request(prompt=RESET), response=tools)).stored
        place(vectors)

    matcher.place = overtaken  # type: ignore[method-assign]
    asker.answer_to(RESET)
    assert asker.find(RESET).status == "hit"
    assert asker.find(RESET_TOO).status == "miss"


@pytest.mark.parametrize("normalize", ["loose", ["strip_punctuation"], ["trim", "casefold"]])
def test_what_lost_its_capitals_or_marks_is_not_compared(normalize: Any) -> None:
    asker = Matching()
    asker.answer_to(RESET, normalize=normalize)
    miss = asker.find(RESET_TOO, normalize=normalize, explain=True)
    assert miss.status == "miss"
    assert miss.explanation is not UNSET
    assert "normalize" in str(miss.explanation.why_not)
    asker.answer_to(RESET, normalize=["trim", "mask:clock"])
    assert asker.find(RESET_TOO, normalize=["trim", "mask:clock"]).status == "hit"


def test_a_text_that_guards_fail_on_is_a_miss_and_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = Matching()
    asker.answer_to(RESET)

    def fails(*texts: Any) -> list[Verdict]:
        raise ValueError(texts)

    monkeypatch.setattr("prompt_cache.semantic.guards.comparing.compare", fails)
    assert asker.find(RESET_TOO).status == "miss"
    assert asker.reported == [("guards_failed", "ValueError")]


def test_missed__what_is_most_similar_is_remembered_with_what_refuses_it() -> None:
    asker = Matching()
    asker.answer_to(RESET)
    asker.answer_to(NUMBERS)
    asker.find(NUMBERS_TOO)
    asker.find("how do I reset a door lock")  # not similar enough to be looked at by the caller
    asker.find(OTHER)
    assert asker.cache.missed.opportunities("default").near == []
    asker.cache.missed.flush()
    asker.clock.turn(61)
    found = asker.cache.missed.opportunities("default")
    assert found.threshold == 0.7
    numbers, lock = found.near
    assert (numbers.closest.refused, numbers.closest.similarity > 0.7) == ("numbers", True)
    assert (lock.closest.refused, 0.5 < lock.closest.similarity < 0.7) == (None, True)
    tried = asker.cache.missed.served_from(found, 0.5)
    assert (tried.served, tried.refused) == (1, 1)
    assert asker.cache.missed.served_from(found, 0.7).served == 0


def test_missed__the_closest_is_looked_at_by_housekeeping_alone() -> None:
    asker = Matching()
    asker.answer_to(RESET)
    asked: list[str] = []
    get = asker.store.get

    def noted(keys: Sequence[str]) -> list[bytes | None]:
        asked.extend(keys)
        return list(get(keys))

    asker.store.get = noted
    missing = asker.find("how do I reset a door lock")
    assert asked == [missing.key]  # no other entry is loaded
    asker.cache.missed.flush()
    assert len(asked) > 1
