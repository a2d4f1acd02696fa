"""What is learned of pairs: by people, by a model that verifies, by answers that are compared."""

import time
from collections.abc import Collection
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from prompt_cache.core.errors import InvalidRequest, UnknownKey
from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.learning.doubts import PAUSES
from prompt_cache.core.learning.learning import IDLE
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.policy import MissReason
from prompt_cache.core.rules import SemanticRules
from prompt_cache.core.store import NewEntry
from prompt_cache.savings.semantic import Semantic
from prompt_cache.semantic.guards.names import GUARDS, Verdict
from prompt_cache.semantic.verifier import Verified, Verifier, VerifierUnavailable
from prompt_cache.stores.base import StoreFull
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.core.test_matching import Matching
from sidecar.tests.support import ANSWER, Clock, request

RESET, RESET_TOO = "how do I reset my password please", "please how do I reset my password"
CLOSE = "how do I reset my password now then"  # close, but below the threshold
WRONG, WRONG_TOO = "cancel my old order", "order my old cancel"
NUMBER, NUMBER_TOO = "cancel order 17 of mine today", "cancel order 71 of mine today"


class Model(Verifier):
    """Says what it is told to; knows what it was asked."""

    timeout = 5.0

    def __init__(self, says: bool = True) -> None:
        self.model = "gpt-4o-mini"
        self.says = says
        self.away = False
        self.asked: list[tuple[str, ...]] = []

    def questions(self, asked: str, stored: str, system: str = "") -> Verified:
        return self._said(asked, stored, system)

    def answers(self, question: str, fresh: str, stored: str) -> Verified:
        return self._said(question, fresh, stored)

    def _said(self, *texts: str) -> Verified:
        self.asked.append(texts)
        if self.away:
            raise VerifierUnavailable("no reply within 5 s")
        return Verified(self.says, 200, 10)

    def close(self) -> None:
        pass


def _compare(asked: str, stored: str, guards: Collection[str] = GUARDS) -> list[Verdict]:
    """Those of numbers, and of words that are not in both."""
    numbers = [sorted(word for word in text.split() if word.isdigit()) for text in (asked, stored)]
    agrees = {"numbers": numbers[0] == numbers[1], "remainder": {*asked.split()} == {*stored.split()}}
    return [Verdict(guard, agrees.get(guard, True)) for guard in guards]


@pytest.fixture(autouse=True)
def _guards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.semantic.guards.comparing.compare", _compare)


def rules(**fields: Any) -> SemanticRules:
    return SemanticRules(match=True, **fields)


def verifying(says: bool = True, verify: Any = "later", **options: Any) -> tuple[Matching, Model]:
    model = Model(says)
    return Matching(rules(verify=verify, verify_from=0.5, **options), verifier=model), model


def work(asker: Matching) -> int:
    """Judge all that waits; returns how many judgements that were."""
    for done in range(100):
        if asker.cache.learn():
            return done
        asker.clock.turn(1)
    raise AssertionError("it never ends")


def statistics(asker: Matching) -> Semantic:
    return asker.cache.statistics.report(lambda _: True)[0].semantic


def answer(text: str) -> dict[str, Any]:
    return {**ANSWER, "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": text}}]}


# -- people -----


def test_a_rejected_pair_is_never_served_again_whichever_is_asked_first() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    assert asker.find(RESET_TOO).match == "semantic"
    assert asker.cache.reject(key, request(prompt=RESET_TOO)) == 0
    miss = asker.find(RESET_TOO)
    assert (miss.status, miss.reason) == ("miss", MissReason.REJECTED)
    assert asker.find(RESET).status == "hit"
    # The other way round, after the first has gone.
    asker.answer(miss.key, ticket=str(miss.ticket))
    asker.cache.delete(key)
    assert asker.find(RESET).reason is MissReason.REJECTED


def test_a_reject_outlives_flush_and_expiry() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    asker.cache.reject(key, request(prompt=RESET_TOO))
    asker.cache.flush("default")
    asker.cache.flush()
    asker.answer_to(RESET)
    assert asker.find(RESET_TOO).reason is MissReason.REJECTED
    asker.clock.turn(400 * 86400)
    asker.store.sweep()
    asker.answer_to(RESET)
    assert asker.find(RESET_TOO).reason is MissReason.REJECTED


def test_an_exact_reject_takes_the_entry_out() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    assert asker.cache.reject(key, request(prompt=RESET)) == 1
    assert asker.find(RESET).reason is MissReason.NOT_FOUND
    with pytest.raises(UnknownKey):
        asker.cache.reject(key)


def test_an_accepted_question_is_an_exact_hit_although_guards_refuse_it() -> None:
    asker = Matching()
    key = asker.answer_to(NUMBER, answer("as you wish"))
    assert asker.find(NUMBER_TOO).reason is MissReason.GUARD_NUMBERS
    alias, origin = asker.cache.accept(key, request(prompt=NUMBER_TOO))
    hit = asker.find(NUMBER_TOO)
    assert (origin, alias, hit.key, hit.status, hit.match) == (key, hit.key, alias, "hit", "exact")
    assert asker.cache.entry(alias).alias_of == key
    assert statistics(asker).accepted == 1


@pytest.mark.parametrize(
    "how", ["delete", "reject", "invalidate", "invalidate_request", "tags", "flush", "time", "bump", "replace", "evict"]
)
def test_whatever_takes_the_original_out_takes_its_aliases(how: str) -> None:
    asker = Matching()
    asked = asker.find(RESET)
    asker.answer(asked.key, ticket=str(asked.ticket), tags=["t"], depends_on=["kb"])
    key = asked.key
    alias, _ = asker.cache.accept(key, request(prompt=NUMBER))
    assert asker.find(NUMBER).status == "hit"
    cache = asker.cache
    if how == "delete":
        assert cache.delete(key) == 2
    elif how == "reject":
        assert cache.reject(key) == 2
    elif how == "invalidate":
        assert cache.invalidate(EntryFilter(key=key), dry_run=True) == 2
        assert cache.invalidate(EntryFilter(key=key)) == 2
    elif how == "invalidate_request":
        assert cache.invalidate(EntryFilter(request=request(prompt=RESET))) == 2
    elif how == "tags":
        assert cache.invalidate(EntryFilter(tags=("t",))) == 2
    elif how == "flush":
        cache.flush("default")
    elif how == "time":
        asker.clock.turn(101)
    elif how == "bump":
        cache.bump("default", ["kb"])
    elif how == "replace":
        asker.clock.turn(1)
        asker.answer(key, answer("another"), tags=["t"], depends_on=["kb"])
    else:
        asker.store.delete([key])  # as eviction does
    assert asker.find(NUMBER).status == "miss"
    assert (
        cache.hit(Lookup(request=request(prompt=NUMBER)), cache.question(Lookup(request=request(prompt=NUMBER))))
        is None
    )
    if how not in ("time", "bump"):
        with pytest.raises(UnknownKey):
            cache.entry(alias)
        listed, _ = cache.entries(EntryFilter())
        assert alias not in dict(listed)


def test_an_alias_that_lost_its_original_can_be_stored_anew() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    asker.cache.accept(key, request(prompt=NUMBER))
    asker.store.delete([key])
    asker.answer_to(NUMBER)
    assert asker.find(NUMBER).status == "hit"


def test_a_rejected_alias_is_taken_out_and_its_pair_is_known() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    alias, _ = asker.cache.accept(key, request(prompt=RESET_TOO))
    assert asker.cache.reject(key, request(prompt=RESET_TOO)) == 1
    assert asker.find(RESET_TOO).reason is MissReason.REJECTED
    asker.cache.accept(key, request(prompt=RESET_TOO))
    assert asker.find(RESET_TOO).match == "exact"
    assert asker.cache.reject(alias) == 1  # as whoever was told nothing but the key of the hit does
    assert asker.find(RESET_TOO).reason is MissReason.REJECTED
    assert asker.find(RESET).status == "hit"


def test_an_alias_of_an_alias_is_one_of_the_original() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    alias, _ = asker.cache.accept(key, request(prompt=NUMBER))
    assert asker.cache.accept(alias, request(prompt=WRONG))[1] == key
    asker.cache.delete(alias)
    assert asker.find(WRONG).status == "hit"


def test_what_could_never_be_served_is_neither_rejected_nor_accepted() -> None:
    asker = Matching()
    key = asker.answer_to(RESET, model="gpt-4o-mini", system="Be brief.")
    for wrong, said in (
        ({"prompt": RESET_TOO, "namespace": "other"}, "'other'"),
        ({"prompt": RESET_TOO, "model": "gpt-4o-mini", "system": "Be long."}, "system"),
        ({"prompt": RESET_TOO, "system": "Be brief."}, "model"),
        (
            {"prompt": RESET_TOO, "model": "gpt-4o-mini", "system": "Be brief.", "attributes": {"t": "a"}},
            "attributes.t",
        ),
    ):
        for act in (asker.cache.reject, asker.cache.accept):
            with pytest.raises(InvalidRequest, match=said):
                act(key, request(**wrong))
    with pytest.raises(UnknownKey):
        asker.cache.accept("0" * 64, request(prompt=RESET))
    with pytest.raises(UnknownKey):
        asker.cache.accept(key, request(prompt=RESET), lambda _: False)


def test_what_is_said_of_pairs_is_no_entry_and_in_no_callers_namespace() -> None:
    asker = Matching()
    key = asker.answer_to(RESET)
    asker.cache.reject(key, request(prompt=RESET_TOO))
    assert set(asker.cache.sizes()) == {"default"}
    (space,) = [name for name in asker.store.sizes() if "pairs" in name]
    for keys in asker.store.find_all(_everything(space)):
        for each in keys:
            with pytest.raises(UnknownKey):
                asker.cache.delete(each)
    assert asker.find(RESET_TOO).reason is MissReason.REJECTED


def _everything(space: str) -> Any:
    from prompt_cache.stores.base import RecordQuery

    return RecordQuery(namespace=space)


# -- the model that verifies -----


def test_a_yes_makes_the_question_an_exact_hit_off_the_callers_path() -> None:
    asker, model = verifying()
    key = asker.answer_to(RESET, system="Be brief.")
    miss = asker.find(CLOSE, system="Be brief.")
    assert (miss.status, model.asked) == ("miss", [])
    assert work(asker) == 1
    assert model.asked == [(CLOSE, RESET, "Be brief.")]
    hit = asker.find(CLOSE, system="Be brief.")
    assert (hit.status, hit.match, asker.cache.entry(hit.key).alias_of) == ("hit", "exact", key)
    said = statistics(asker).verifier
    assert (said.calls, said.same, said.input_tokens, said.output_tokens) == (1, 1, 200, 10)
    assert said.cost_usd == pytest.approx(200 * 0.15e-6 + 10 * 0.6e-6)


def test_a_no_is_known_and_not_asked_again() -> None:
    asker, model = verifying(says=False)
    asker.answer_to(RESET)
    asker.find(CLOSE)
    work(asker)
    assert asker.find(CLOSE).reason is MissReason.REJECTED
    assert (work(asker), len(model.asked)) == (0, 1)


def test_a_question_that_was_answered_meanwhile_keeps_its_answer() -> None:
    asker, _ = verifying()
    asker.answer_to(RESET)
    key = asker.answer_to(CLOSE, answer("its own"))
    work(asker)
    assert asker.cache.entry(key).alias_of is None
    asker.cache.delete(key)
    hit = asker.find(CLOSE)  # what was said of the pair holds all the same
    assert (hit.status, hit.match) == ("hit", "semantic")


def test_what_a_final_guard_refuses_is_never_asked_about() -> None:
    for verify in ("later", "sync"):
        asker, model = verifying(verify=verify)
        asker.answer_to(NUMBER)
        assert asker.find(NUMBER_TOO).reason is MissReason.GUARD_NUMBERS
        assert (work(asker), model.asked) == (0, [])


def test_people_have_the_last_word() -> None:
    asker, model = verifying()
    key = asker.answer_to(RESET)
    asker.find(CLOSE)
    asker.cache.reject(key, request(prompt=CLOSE))
    work(asker)
    assert model.asked == []  # they spoke first
    assert asker.find(CLOSE).reason is MissReason.REJECTED


def test_who_rejects_while_the_model_is_asked_is_heard() -> None:
    asker, model = verifying()
    key = asker.answer_to(RESET)
    asker.find(CLOSE)
    said = model._said

    def rejected_meanwhile(*texts: str) -> Verified:
        asker.cache.reject(key, request(prompt=CLOSE))
        return said(*texts)

    model._said = rejected_meanwhile  # type: ignore[method-assign]
    work(asker)
    assert asker.find(CLOSE).reason is MissReason.REJECTED


def test_sync_asks_before_serving() -> None:
    asker, model = verifying(verify="sync")
    key = asker.answer_to(RESET)
    hit = asker.find(CLOSE)
    assert (hit.status, hit.match, len(model.asked)) == ("hit", "semantic", 1)
    assert hit.matched is not UNSET
    assert hit.matched.key == key
    assert asker.find(CLOSE).match == "exact"
    assert len(model.asked) == 1


def test_sync_that_fails_is_a_miss_and_is_asked_later() -> None:
    asker, model = verifying(verify="sync")
    asker.answer_to(RESET)
    model.away = True
    assert asker.find(CLOSE).status == "miss"
    assert asker.find(CLOSE).status == "miss"
    assert len(model.asked) == 1  # it is left alone for a while
    model.away = False
    asker.clock.turn(11)
    assert work(asker) == 1
    assert asker.find(CLOSE).match == "exact"


@pytest.mark.parametrize("gone", ["deleted", "flushed", "bumped", "replaced", "expired"])
def test_sync_serves_nothing_that_goes_while_the_model_is_asked(gone: str) -> None:
    asker, model = verifying(verify="sync")
    asked = asker.find(RESET)
    stored = NewEntry(response=msgspec.json.encode(ANSWER), key=asked.key, ticket=str(asked.ticket), depends_on=["law"])
    assert asker.cache.store(stored).stored
    acts: dict[str, Any] = {
        "deleted": lambda: asker.cache.delete(asked.key),
        "flushed": lambda: asker.cache.flush("default"),
        "bumped": lambda: asker.cache.bump("default", ["law"]),
        "replaced": lambda: asker.cache.store(
            NewEntry(request=request(prompt=RESET), response=msgspec.json.encode(answer("Otherwise now.")))
        ),
        "expired": lambda: asker.clock.turn(101),
    }
    said = model._said

    def slow(*texts: str) -> Verified:
        acts[gone]()
        return said(*texts)

    model._said = slow  # type: ignore[method-assign]
    assert asker.find(CLOSE).status == "miss"
    assert len(model.asked) == 1
    if gone != "replaced":  # what was found the same may have the answer that is there now
        assert asker.find(CLOSE).status == "miss"


def test_sync_keeps_a_batch_waiting_no_longer_than_one_call() -> None:
    asker, model = verifying(verify="sync")
    asker.answer_to(RESET)
    model.timeout = 0.3
    said = model._said

    def slow(*texts: str) -> Verified:
        time.sleep(0.2)
        return said(*texts)

    model._said = slow  # type: ignore[method-assign]
    prompts = [f"how do I reset my password {word}" for word in "abcdefghijklmnopqrst"]
    began = time.monotonic()
    outcomes = asker.cache.lookup_many([Lookup(request=request(prompt=prompt)) for prompt in prompts])
    assert time.monotonic() - began < 3  # one after another it were 4
    served = sum(outcome.status == "hit" for outcome in outcomes)
    assert 1 <= served == len(model.asked) < len(prompts)
    model._said = said  # type: ignore[method-assign]
    work(asker)
    assert [asker.find(prompt).status for prompt in prompts] == ["hit"] * len(prompts)


def test_a_model_that_is_away_is_tried_again_some_times() -> None:
    asker, model = verifying()
    asker.answer_to(RESET)
    asker.find(CLOSE)
    model.away = True
    work(asker)
    assert len(model.asked) == 1
    asker.clock.turn(PAUSES[0])
    work(asker)
    assert len(model.asked) == 2
    model.away = False
    asker.clock.turn(PAUSES[1])
    work(asker)
    assert asker.find(CLOSE).match == "exact"
    assert statistics(asker).verifier.failed == 2


def test_a_doubt_is_given_up_in_the_end() -> None:
    asker = Matching(rules(verify="later", verify_from=0.5), verifier=(model := Model()))
    asked = asker.find(RESET)
    asker.answer(asked.key, ticket=str(asked.ticket), ttl=1e6)
    asker.find(CLOSE)
    model.away = True
    for _ in range(20):
        work(asker)
        asker.clock.turn(max(PAUSES))
    assert len(model.asked) == len(PAUSES) + 1
    assert "doubt_given_up" in dict(asker.reported)


def test_each_pair_is_asked_once_by_several_workers(clock: Clock) -> None:
    store = MemoryStore(clock)
    models = [Model(), Model()]
    askers = [Matching(rules(verify="later", verify_from=0.5), store, verifier=model) for model in models]
    askers[0].answer_to(RESET)
    for asker in askers:
        asker.find(CLOSE)
        asker.find(CLOSE)
    said = models[0]._said

    def beside(*texts: str) -> Verified:
        askers[1].cache.learn()
        return said(*texts)

    models[0]._said = beside  # type: ignore[method-assign]
    for asker in askers:
        work(asker)
    assert [len(model.asked) for model in models] == [1, 0]


def test_a_killed_worker_loses_nothing(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    store = MemoryStore(clock)
    model = Model()
    first, second = (
        Matching(rules(verify="later", verify_from=0.5), store, verifier=each) for each in (Model(), model)
    )
    first.answer_to(RESET)
    first.find(CLOSE)

    def killed(*_: str) -> Verified:
        raise Killed

    first.cache._verifier._said = killed  # type: ignore[union-attr]
    monkeypatch.setattr(store, "release", lambda *_: False)
    with pytest.raises(Killed):
        first.cache.learn()
    clock.turn(1)
    assert work(second) == 0  # nobody knows yet that it was killed
    clock.turn(60)
    monkeypatch.undo()
    monkeypatch.setattr("prompt_cache.semantic.guards.comparing.compare", _compare)
    assert work(second) == 1
    assert second.find(CLOSE).match == "exact"


def test_the_model_is_asked_no_more_often_than_four_times_a_second() -> None:
    asker, model = verifying()
    asker.answer_to(RESET)
    for word in ("now then", "at last", "once more"):
        asker.find(f"how do I reset my password {word}")
    assert asker.cache.learn() == 0.0
    wait = asker.cache.learn()
    assert 0 < wait <= 0.25
    asker.clock.turn(wait)
    assert asker.cache.learn() == 0.0
    assert len(model.asked) == 2


def test_a_store_that_takes_no_more_fails_no_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    asker, _ = verifying()
    asker.answer_to(RESET)

    def full(*_: object) -> None:
        raise StoreFull("full")

    monkeypatch.setattr(asker.store, "put", full)
    assert asker.find(CLOSE).status == "miss"
    assert ("doubt_not_kept", "StoreFull") in asker.reported


def test_a_judgement_that_breaks_stands_in_nobodys_way() -> None:
    asker, model = verifying()
    asker.answer_to(RESET)
    asker.find(CLOSE)

    def broken(*_: str) -> Verified:
        raise RuntimeError

    model._said = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        asker.cache.learn()
    assert asker.cache.learn() == IDLE


def test_where_prompts_are_not_kept_nothing_is_asked_and_nothing_written() -> None:
    asker = Matching(rules(verify="later", verify_from=0.5), verifier=(model := Model()), store_prompts=False)
    asker.answer_to(RESET)
    asker.find(CLOSE)
    assert (work(asker), model.asked) == (0, [])
    assert not any("doubt" in name for name in asker.store.sizes())


def test_nothing_is_verified_where_all_is_shadowed() -> None:
    for verify in ("later", "sync"):
        asker, model = verifying(verify=verify, shadow=True)
        asker.answer_to(RESET)
        assert asker.find(CLOSE).status == "miss"
        assert (work(asker), model.asked) == (0, [])


# -- shadow -----


def shadowed(fresh: str, stored: str = "Click on Forgot", **options: Any) -> Matching:
    """A cache in which one shadowed answer was compared."""
    asker = Matching(rules(shadow=True), **options)
    asker.answer_to(RESET, answer(stored))
    miss = asker.find(RESET_TOO)
    assert (miss.status, miss.reason) == ("miss", MissReason.SHADOW)
    asker.answer(miss.key, answer(fresh), ticket=str(miss.ticket))
    work(asker)
    return asker


def test_shadow_serves_nothing_and_says_what_it_would_have_saved() -> None:
    seen = statistics(shadowed(" click on\nforgot "))
    assert (seen.hits, seen.shadow.compared, seen.shadow.wrong, seen.shadow.error_rate) == (0, 1, 0, 0.0)
    assert seen.shadow.would_have_saved.output_tokens == 500
    assert seen.shadow.would_have_saved.cost_usd > 0
    assert seen.shadow.error_interval == pytest.approx((0.0, 0.793), abs=1e-3)


@pytest.mark.parametrize(
    ("fresh", "wrong"),
    [
        ("Click on Forgot", 0),
        ("please Click on Forgot Click on Forgot Click on Forgot", 0),
        ("Ask the help desk", 1),
        ("Click on Forgot 2", 1),
    ],
)
def test_shadow_without_a_verifier_compares_by_guards_and_similarity(fresh: str, wrong: int) -> None:
    assert statistics(shadowed(fresh)).shadow.wrong == wrong


@pytest.mark.parametrize("says", [True, False])
def test_shadow_with_a_verifier_believes_it(says: bool) -> None:
    asker = shadowed("Ask the help desk", verifier=(model := Model(says)))
    assert model.asked == [(RESET_TOO, "Ask the help desk", "Click on Forgot")]
    assert statistics(asker).shadow.wrong == (not says)


def test_a_pair_whose_answers_differed_is_not_served_when_shadow_ends(clock: Clock) -> None:
    store = MemoryStore(clock)
    asker = Matching(rules(shadow=True), store)
    asker.answer_to(RESET, answer("Click on Forgot"))
    miss = asker.find(RESET_TOO)
    asker.answer(miss.key, answer("Ask the help desk"), ticket=str(miss.ticket))
    work(asker)
    asker.cache.delete(miss.key)
    assert Matching(rules(), store).find(RESET_TOO).reason is MissReason.REJECTED


def test_an_answer_that_is_no_longer_the_one_is_not_compared() -> None:
    asker = Matching(rules(shadow=True))
    key = asker.answer_to(RESET, answer("Click on Forgot"))
    miss = asker.find(RESET_TOO)
    asker.clock.turn(1)
    asker.answer(key, answer("something else"))
    asker.answer(miss.key, answer("Click on Forgot"), ticket=str(miss.ticket))
    work(asker)
    assert statistics(asker).shadow.compared == 0


# -- max_error -----


def proving(most: float, agreeing: int, differing: int = 0, **options: Any) -> Matching:
    """A cache in which so many pairs were compared, all of similarity 1."""
    asker = Matching(rules(max_error=most), **options)
    for at in range(agreeing + differing):
        one, other = f"what is word{at} about here", f"about what is word{at} here"
        asker.answer_to(one, answer("the same"))
        miss = asker.find(other)
        if miss.status == "hit":
            continue
        asker.answer(miss.key, answer("the same" if at >= differing else "not at all"), ticket=str(miss.ticket))
        work(asker)
    return asker


def test_nothing_is_served_before_it_is_proven_and_then_it_is() -> None:
    asker = proving(0.2, 13)  # 0.05 ** (1 / 13) is 0.794
    asker.answer_to(RESET)
    miss = asker.find(RESET_TOO, explain=True)
    assert (miss.status, miss.reason) == ("miss", MissReason.NOT_PROVEN)
    assert miss.explanation is not UNSET
    says = str(miss.explanation.why_not)
    assert "1 more" in says
    assert "of 13 compared 0 were wrong" in says
    asker.answer(miss.key, ticket=str(miss.ticket))
    work(asker)
    asker.clock.turn(1)
    asker.answer_to(WRONG)
    assert asker.find(WRONG_TOO).match == "semantic"


def test_a_reject_takes_the_proof_away() -> None:
    asker = proving(0.2, 14)
    key = asker.answer_to(RESET)
    assert asker.find(RESET_TOO).match == "semantic"
    asker.cache.reject(key, request(prompt=RESET_TOO))
    asker.answer_to(WRONG)
    assert asker.find(WRONG_TOO).reason is MissReason.NOT_PROVEN
    asker.cache.reject(key, request(prompt=RESET_TOO))  # said twice, counted once
    says = asker.cache._learning.may_serve(rules(max_error=0.2), "default", 1.0)
    assert says
    assert "of 15 compared 1 were wrong" in says


def test_a_reject_that_cannot_be_measured_counts_everywhere() -> None:
    asker = proving(0.2, 14)
    key = asker.answer_to(RESET)
    asker.embedder.away = True
    asker.cache.reject(key, request(prompt=RESET_TOO))
    asker.embedder.away = False
    assert asker.find(WRONG_TOO).status == "miss"
    asker.answer_to(WRONG)
    assert asker.find(WRONG_TOO).reason is MissReason.NOT_PROVEN


def test_evidence_is_of_one_band_and_one_namespace() -> None:
    asker = proving(0.2, 14)
    learning = asker.cache._learning
    assert learning.may_serve(rules(max_error=0.2), "default", 1.0) is None
    assert learning.may_serve(rules(max_error=0.2), "default", 0.9) is not None
    assert learning.may_serve(rules(max_error=0.2), "other", 1.0) is not None
    assert learning.may_serve(rules(max_error=0.1), "default", 1.0) is not None
    assert learning.may_serve(rules(), "other", 0.1) is None


def test_evidence_holds_for_other_workers_within_a_second() -> None:
    asker = proving(0.2, 13)
    other = Matching(rules(max_error=0.2), asker.store)
    may_serve = other.cache._learning.may_serve
    assert may_serve(rules(max_error=0.2), "default", 1.0) is not None
    asker.answer_to(RESET)
    miss = asker.find(RESET_TOO)
    asker.answer(miss.key, ticket=str(miss.ticket))
    work(asker)
    other.clock.turn(1)
    assert may_serve(rules(max_error=0.2), "default", 1.0) is None
