"""What would pay: worked out from what was asked again, and never from more than that."""

from typing import Any

import msgspec
import pytest
import yaml

from prompt_cache.config import Config
from prompt_cache.config.check import check
from prompt_cache.core.missed.paying import NearMiss, lives, near_misses, served_from, unanswered
from prompt_cache.core.missed.questions import Opportunities
from prompt_cache.core.missed.record import Asked, Closest, Missed, Noted, Paid
from prompt_cache.core.missed.replaying import as_one, with_life
from prompt_cache.core.rules import Lifetime, NamespaceRules, Rules, TtlRule
from prompt_cache.stores.base import Bounds
from prompt_cache.values.validation import convert
from sidecar.tests.support import Asker

HOUR = 3600.0


def paid(asked: float, ttl: float = HOUR, **fields: Any) -> Paid:
    """An answer that was asked for and stored at once, for a dollar."""
    told: dict[str, Any] = {
        "stored": asked,
        "expires": asked + ttl,
        "cost_usd": 1.0,
        "text": "",
        "by_rule": True,
        "lasting": True,
    }
    return Paid(asked=asked, **(told | fields))


def missed(key: str = "k", **fields: Any) -> Missed:
    return Missed(key=key, namespace="default", first=0.0, last=0.0, **fields)


def opportunities(asker: Asker, namespace: str = "default") -> Opportunities:
    asker.cache.missed.flush()
    return asker.cache.missed.opportunities(namespace)


def configured(text: str | None) -> Config:
    """As it would be loaded."""
    config = convert(yaml.safe_load(text or ""), Config)
    check(config)
    return config


def each(hours: float, times: int, rules: Rules | None = None, **fields: Any) -> Asker:
    """A question that is asked again after so many hours, and answered each time."""
    asker = Asker(rules=rules or Rules(NamespaceRules(lifetime=Lifetime(ttl=HOUR))))
    for _ in range(times):
        asker.fill(cost_usd=0.5, **fields)
        asker.clock.turn(hours * HOUR)
        asker.cache.missed.flush()
    return asker


def test_lives__a_longer_one_saves_what_was_asked_again_within_it() -> None:
    (found,) = opportunities(each(2, 25)).lives
    assert (found.ttl, found.questions, found.model) == (HOUR, 1, None)
    by_name = {choice.name: choice.gain for choice in found.choices}
    assert list(by_name) == ["6h", "1d", "7d"]  # thirty days would save no more, for it was asked for two
    # Asked each two hours, an answer that lives for six serves two more and is gone at the third: its life is over.
    assert by_name["6h"].hits == 16
    assert by_name["1d"].hits == 22
    assert by_name["7d"].hits == 24
    assert by_name["7d"].cost_usd == 12.0
    assert by_name["7d"].until is not None
    proposed = found.choices[found.proposed]
    assert proposed.name == "1d"  # saves most of what the longest would
    assert configured(proposed.yaml).namespaces["default"].ttl == "1d"


def test_lives__what_else_ended_an_answer_counts_for_nothing() -> None:
    bumped = each(0, 0)
    for _ in range(5):
        bumped.fill(cost_usd=0.5, depends_on=["kb"])
        bumped.clock.turn(600)
        bumped.cache.bump("default", ["kb"])
        bumped.cache.missed.flush()
    assert opportunities(bumped).lives == []
    assert opportunities(each(2, 5, ttl=HOUR)).lives == []  # the call says so, whatever is configured
    assert opportunities(each(0.5, 1)).lives == []


def test_lives__of_a_rule_for_models_and_under_a_ceiling() -> None:
    lifetime = Lifetime(ttl=HOUR, rules=(TtlRule("gpt-4o*", 2 * HOUR), TtlRule("*", 60.0)), max_ttl=2 * HOUR)
    rules = Rules(patterns={"d*": NamespaceRules(lifetime=lifetime)})
    (found,) = opportunities(each(5, 4, rules, model="gpt-4o-mini")).lives
    assert (found.model, found.ttl, found.max_ttl) == ("gpt-4o*", 2 * HOUR, True)
    settings = configured(found.choices[found.proposed].yaml).namespaces["d*"]
    assert settings.max_ttl == "1d"
    assert [(rule.model, rule.ttl) for rule in settings.models or ()] == [("gpt-4o*", "1d"), ("*", "1m")]


def test_lives__a_break_begins_anew() -> None:
    chain = [paid(0, again=2 * HOUR), paid(2 * HOUR), paid(4 * HOUR, again=6 * HOUR), paid(6 * HOUR)]
    assert with_life(chain, 24 * HOUR).hits == 2
    assert with_life(chain, HOUR).hits == 0
    assert with_life([], HOUR).since is None
    assert with_life([paid(0, again=2 * HOUR, by_rule=False), paid(2 * HOUR)], 24 * HOUR).hits == 0


def test_as_one__each_answer_serves_what_is_asked_within_its_life() -> None:
    one, other = [paid(0), paid(2 * HOUR, cost_usd=None)], [paid(60), paid(HOUR - 1), paid(2 * HOUR + 60)]
    gain = as_one([one, other])
    assert (gain.hits, gain.cost_usd, gain.unpriced) == (2, 2.0, 0)  # for one was asked anew all the same
    assert as_one([[paid(0)], [paid(10, cost_usd=None)]]).unpriced == 1
    assert as_one([[paid(0, stored=20.0)], [paid(10)]]).hits == 0  # asked before there was an answer
    assert as_one([[paid(0, expires=None)], [paid(10**9)]]).hits == 1


def test_as_one__what_a_bump_may_have_ended_serves_nobody() -> None:
    assert as_one([[paid(0, depends=True)], [paid(10)], [paid(20)]]).hits == 1


def test_as_one__what_is_asked_anew_each_time_is_not_spared() -> None:
    assert as_one([[paid(float(at)) for at in range(5)], [paid(10.0)]]).hits == 1


def test_masks__answers_that_depend_on_a_name_promise_nothing(asker: Asker) -> None:
    for at in range(10, 16):
        asker.fill(f"It is 16:{at}. What is a cache?", depends_on=["kb"], cost_usd=1.0)
        asker.cache.bump("default", ["kb"])
        asker.clock.turn(1)
    assert [mask.gain.cost_usd for mask in opportunities(asker).masks] == [0.0]


def test_opportunities__who_takes_no_answer_beyond_some_age_would_not_have_been_served() -> None:
    asker = Asker(rules=Rules(NamespaceRules(lifetime=Lifetime(ttl=HOUR))))
    for at in range(10, 16):
        for prompt in ("the same", f"It is 16:{at}. What is a cache?"):
            asker.answer(asker.ask(prompt, max_age=60.0).key, cost_usd=1.0)
        asker.cache.missed.flush()
        asker.clock.turn(2 * HOUR if at % 2 else 90.0)
    found = opportunities(asker)
    assert found.lives == []
    assert [mask.gain.cost_usd for mask in found.masks] == [0.0]


def test_record__again_is_the_first_time_after_its_life() -> None:
    known = missed(paid=[paid(0), paid(10 * HOUR)])
    noted = Noted(
        missed(), 0, [Asked(20 * HOUR, "expired"), Asked(5 * HOUR, "expired"), Asked(6 * HOUR, "expired")], [], []
    )
    assert [each.again for each in noted.added_to(known).paid] == [5 * HOUR, 20 * HOUR]
    for at, reason in ((HOUR / 2, "not_found"), (2 * HOUR, "version_changed"), (2 * HOUR, "too_old")):
        assert Noted(missed(), 0, [Asked(at, reason)], [], []).added_to(missed(paid=[paid(0)])).paid[0].again is None


def test_unanswered__what_is_paid_for_each_time_and_why() -> None:
    rules = Rules(
        NamespaceRules(),
        {"never": NamespaceRules(lifetime=Lifetime(ttl=0))},
    )
    asker = Asker(rules=rules)
    for _ in range(3):
        asker.ask("nobody answers")
        key = asker.ask("it is cut").key
        asker.answer(key, {"choices": [{"finish_reason": "length", "message": {"content": "It is"}}]})
        asker.answer(asker.ask("never kept", namespace="never").key)
        asker.cache.missed.note_not_offered(str(asker.ask("calls a tool").ticket), "tool_calls")
        asker.ask("once" + str(asker.clock.now))
        asker.clock.turn(1)
    found = {each.why: each for each in opportunities(asker).unanswered}
    assert {why: each.times for why, each in found.items()} == {
        "no_answer": 3,
        "finish_reason_length": 3,
        "tool_calls": 3,
    }
    assert configured(found["tool_calls"].yaml).namespaces["default"].cache_tool_calls is True
    assert found["no_answer"].yaml is None
    (never,) = opportunities(asker, "never").unanswered
    assert never.why == "ttl_zero"
    assert configured(never.yaml).namespaces["never"].ttl == "1d"


def test_unanswered__what_is_asked_past_its_answer() -> None:
    past = missed(times=5, reasons={"not_found": 1, "too_old": 4}, answers=5, cost_usd=5.0)
    (found,) = unanswered(Rules(), [past, missed(times=9, reasons={"expired": 9}, answers=9)])
    assert (found.why, found.times, found.cost_usd) == ("too_old", 4, 4.0)


def test_idle__answers_that_nobody_asked_for_within_a_day(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.core.missed.idle._FEW", 1)
    asker.fill("asked again")
    asker.fill("never again " * 100)
    asker.ask("asked again")
    asker.cache.statistics.flush()
    assert opportunities(asker).idle is None
    asker.clock.turn(86400 + 60)
    asker.ask("something else")  # what was worked out holds for a while
    idle = opportunities(asker).idle
    assert idle is not None
    assert (idle.entries, idle.more, idle.held) == (1, False, 2)
    assert configured(idle.yaml).namespaces["default"].max_bytes == "1MB"
    bounded = Asker(rules=Rules(NamespaceRules(bounds=Bounds(max_bytes=10**6))))
    bounded.fill()
    bounded.clock.turn(86400 + 60)
    assert (found := opportunities(bounded).idle) is not None
    assert found.yaml is None


@pytest.mark.parametrize(
    ("threshold", "served", "refused", "cost"),
    [(0.95, 0, 0, 0.0), (0.9, 1, 0, 0.5), (0.8, 1, 1, 0.5), (0.7, 2, 1, 0.5)],
)
def test_threshold__what_another_would_serve_and_what_guards_refuse_all_the_same(
    threshold: float, served: int, refused: int, cost: float
) -> None:
    near = [
        NearMiss(missed=missed("q1"), closest=Closest("a", 0.92, 0.95), cost_usd=0.5),
        NearMiss(missed=missed("q2"), closest=Closest("b", 0.85, 0.95, refused="numbers"), cost_usd=9.0),
        NearMiss(missed=missed("q3"), closest=Closest("c", 0.75, 0.95), cost_usd=None),
    ]
    found = served_from(Rules(), "default", near, threshold)
    assert (found.served, found.refused, found.cost_usd) == (served, refused, cost)
    assert yaml.safe_load(found.yaml) == {"namespaces": {"default": {"threshold": threshold}}}


def test_threshold__what_would_have_been_served_has_no_answer_that_serves_others() -> None:
    near = [
        NearMiss(missed=missed(key), closest=Closest(by, 0.9, 0.95), cost_usd=1.0) for key, by in ("ab", "bx", "ca")
    ]
    # b would have been x's answer, so a would have had none to be served by; it is stored, and serves c.
    times = {"b": 1.0, "a": 2.0, "c": 3.0}
    near = [msgspec.structs.replace(each, missed=missed_at(each.missed.key, times)) for each in near]
    found = served_from(Rules(), "default", near, 0.9)
    assert (found.served, found.cost_usd) == (2, 2.0)


def missed_at(key: str, times: dict[str, float]) -> Missed:
    return Missed(key=key, namespace="default", first=times[key], last=times[key])


def test_threshold__a_near_miss_is_worth_its_cheapest_answer() -> None:
    each = missed(closest=Closest("a", 0.9, 0.95), paid=[paid(0, cost_usd=3.0), paid(9, cost_usd=None), paid(10)])
    assert [near.cost_usd for near in near_misses([each])] == [1.0]


def test_lives__none_where_answers_live_for_ever() -> None:
    rules = Rules(NamespaceRules(lifetime=Lifetime(ttl=None)))
    assert lives(rules, "default", [missed(paid=[paid(0, again=2 * HOUR), paid(2 * HOUR)])]) == []


def test_opportunities__are_as_of_now_once_something_is_forgotten(asker: Asker) -> None:
    for at in (10, 11):
        asker.fill(f"It is 16:{at}. What is a cache?")
    assert len(opportunities(asker).masks) == 1
    asker.cache.flush("default")
    assert opportunities(asker).masks == []


def test_of_namespaces_that_are_looked_at_together_each_has_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.core.missed.questions._LOOKED_AT", 6)
    asker = Asker()
    for at in range(8):
        asker.ask(f"{at}?")
    assert opportunities(asker).questions == 6
    together = asker.cache.missed.opportunities("default", together=3)
    assert (together.questions, together.more) == (2, True)
    assert opportunities(asker).questions == 6
