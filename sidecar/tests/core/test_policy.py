"""The decisions, state by state."""

from collections.abc import Callable
from typing import Any

import pytest

from prompt_cache.core.entry import Entry
from prompt_cache.core.policy import MissReason, NotStored, freshness_of, not_stored_reason
from prompt_cache.core.rules import Lifetime, NamespaceRules, Rules, TtlRule
from prompt_cache.responses.answer import Answer
from prompt_cache.savings.prices import model_id
from prompt_cache.stores.base import Bounds
from sidecar.tests.support import NOW


def entry(**fields: Any) -> Entry:
    return Entry(**{"namespace": "default", "response": b"1", "created": NOW, "expires": NOW + 100, **fields})


# -- freshness_of -----


@pytest.mark.parametrize(
    ("age", "options", "reason", "stale"),
    [
        pytest.param(0, {}, None, False, id="fresh at once"),
        pytest.param(99.9, {}, None, False, id="fresh until it expires"),
        pytest.param(100, {}, MissReason.EXPIRED, False, id="expired to the second"),
        pytest.param(100, {"max_stale": 0}, MissReason.EXPIRED, True, id="stale at the moment it expires"),
        pytest.param(150, {"max_stale": 50}, MissReason.EXPIRED, True, id="stale within what is accepted"),
        pytest.param(150.1, {"max_stale": 50}, MissReason.EXPIRED, False, id="staler than accepted"),
        pytest.param(10, {"max_age": 10}, None, False, id="as old as accepted"),
        pytest.param(10.1, {"max_age": 10}, MissReason.TOO_OLD, False, id="older than accepted"),
        pytest.param(1, {"max_age": 0}, MissReason.TOO_OLD, False, id="max_age 0 takes only what was stored now"),
        pytest.param(-4, {"max_age": 10}, None, False, id="stored by a clock that is a little ahead"),
        pytest.param(-3600, {"max_age": 10}, MissReason.TOO_OLD, False, id="the clock was set back: who knows its age"),
        pytest.param(-3600, {}, None, False, id="set back, but no age was asked for"),
        pytest.param(150, {"max_age": 120, "max_stale": 500}, MissReason.TOO_OLD, False, id="max_age before max_stale"),
    ],
)
def test_judge__age(age: float, options: dict[str, float], reason: MissReason | None, stale: bool) -> None:
    freshness = freshness_of(entry(), NOW + age, {}, **options)
    assert (freshness.fresh, freshness.stale, freshness.reason) == (reason is None, stale, reason)


def test_judge__without_an_end_it_is_fresh_for_ever() -> None:
    assert freshness_of(entry(expires=None), NOW + 1e9, {}).fresh


@pytest.mark.parametrize(
    ("versions", "fresh"),
    [
        pytest.param({}, True, id="never bumped"),
        pytest.param({"kb": 3, "prompt": 2}, True, id="bumped before it was asked"),
        pytest.param({"kb": 4, "prompt": 2}, False, id="one bumped since"),
        pytest.param({"other": 9}, True, id="something else bumped"),
    ],
)
def test_judge__versions(versions: dict[str, int], fresh: bool) -> None:
    freshness = freshness_of(entry(depends_on=["kb", "prompt"], generation=3), NOW, versions, max_stale=1000)
    assert (freshness.fresh, freshness.stale) == (fresh, False)
    assert freshness.reason == (None if fresh else MissReason.VERSION_CHANGED)


def test_judge__an_outdated_answer_is_not_even_stale() -> None:
    freshness = freshness_of(entry(depends_on=["kb"]), NOW + 101, {"kb": 1}, max_stale=1000)
    assert (freshness.stale, freshness.reason) == (False, MissReason.VERSION_CHANGED)


# -- refuse -----


@pytest.mark.parametrize(
    ("answer", "said", "refused"),
    [
        (Answer(text="Hi"), None, None),
        (Answer(text="Hi", finish_reason="stop"), None, None),
        (Answer(text="", finish_reason="tool_calls", has_tool_calls=True), None, None),
        (Answer(is_error=True), None, NotStored.ERROR_RESPONSE),
        (Answer(is_empty=True), None, NotStored.EMPTY_RESPONSE),
        (Answer(text="Hi", finish_reason="length"), None, NotStored.FINISH_REASON_LENGTH),
        (Answer(text="Hi", finish_reason="content_filter"), None, NotStored.FINISH_REASON_CONTENT_FILTER),
        (Answer(text="Hi"), "length", NotStored.FINISH_REASON_LENGTH),
        (Answer(text="Hi"), "content_filter", NotStored.FINISH_REASON_CONTENT_FILTER),
        (Answer(text="Hi", finish_reason="unfinished"), None, NotStored.UNFINISHED),
        (Answer(text="Hi"), "in_progress", NotStored.UNFINISHED),
        (Answer(text="Hi"), "content-filter", NotStored.FINISH_REASON_CONTENT_FILTER),
        (Answer(text="Hi"), "SENSITIVE", NotStored.FINISH_REASON_CONTENT_FILTER),
        (Answer(text="Hi", finish_reason="length"), "a word of one's own", NotStored.FINISH_REASON_LENGTH),
        (Answer(text="Hi", finish_reason="length"), "stop", None),
        (Answer(is_error=True, finish_reason="length"), "stop", NotStored.ERROR_RESPONSE),
        (Answer(is_empty=True, finish_reason="length"), None, NotStored.FINISH_REASON_LENGTH),
    ],
)
def test_refuse__by_what_the_answer_says(answer: Answer, said: str | None, refused: NotStored | None) -> None:
    assert not_stored_reason(answer, finish_reason=said) == refused


IDS = {"gpt-4o": "gpt-4o", "gpt-4o-2024-08-06": "gpt-4o", "gpt-4o-mini": "gpt-4o-mini", "claude-3-haiku": "haiku"}


@pytest.mark.parametrize(
    ("asked", "answered", "refused"),
    [
        pytest.param("gpt-4o", "gpt-4o", False, id="the same"),
        pytest.param("gpt-4o", "GPT-4o", False, id="the same in capitals"),
        pytest.param("gpt-4o", "gpt-4o-2024-08-06", False, id="a dated version"),
        pytest.param("claude-3-haiku-latest", "claude-3-haiku-20240307", False, id="what latest stands for"),
        pytest.param("gpt-4o", "claude-3-haiku", True, id="a fallback of another maker"),
        pytest.param("gpt-4o-mini", "gpt-4o", True, id="a bigger one"),
        pytest.param("my-deployment", "gpt-4o", False, id="a deployment may be any model"),
        pytest.param("gpt-4o", "a-private-name", False, id="an answer from who knows"),
        pytest.param(None, "gpt-4o", False, id="none was asked for"),
        pytest.param("gpt-4o", None, False, id="the answer does not say"),
    ],
)
def test_refuse__another_model(asked: str | None, answered: str | None, refused: bool) -> None:
    found = not_stored_reason(Answer(text="Hi", model=answered), asked_model=asked, model_id=IDS.get)
    assert found == (NotStored.OTHER_MODEL if refused else None)


SAME_MODEL = [
    ("claude-sonnet-4", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
    ("us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4-20250514"),
    (
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
        "claude-sonnet-4-20250514",
    ),
    ("gpt-4o", "openai/gpt-4o"),
    ("gpt-4o-audio-preview", "gpt-4o-audio-preview-2024-12-17"),
    ("gpt-4.5-preview", "gpt-4.5-preview-2025-02-27"),
    ("o1-preview", "o1-preview-2024-09-12"),
    ("gpt-4-1", "gpt-4.1-2025-04-14"),
    ("gpt-4o-2", "gpt-4o-2024-11-20"),
    ("deepseek-r1", "deepseek-r1-0528"),
    ("omni-moderation-latest", "omni-moderation-2024-09-26"),
    ("gemini-1.5-flash", "gemini-1.5-flash-002"),
    ("openrouter/auto", "anthropic/claude-sonnet-4.5"),
    ("openai/gpt-4o", "gpt-4o-2024-08-06"),
    ("models/gemini-2.0-flash", "gemini-2.0-flash-001"),
    ("gemini-2.5-flash", "models/gemini-2.5-flash-preview-05-20"),
    ("accounts/fireworks/models/llama-v3p1-8b-instruct", "llama-v3p1-8b-instruct"),
    ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
    ("claude-opus-4@20250514", "claude-opus-4-20250514"),
    ("claude-opus-4", "claude-opus-4@20250514"),
    ("gpt-4", "gpt-4-0613"),
    ("gpt-4", "gpt-4-32k-deploy"),
    ("mistral-large-latest", "mistral-large-2411"),
    ("mistral-small-latest", "mistral-small-2503"),
    ("gemini-flash-latest", "gemini-2.5-flash-preview-09-2025"),
    ("gemini-2.5-flash", "gemini-2.5-flash-preview-09-2025"),
    ("command-r-plus", "command-r-plus-08-2024"),
    ("gpt-35-turbo", "gpt-3.5-turbo-0125"),
    ("my-deployment", "gpt-4o"),
    ("gpt-4o-prod", "gpt-4o-mini-2024-07-18"),
    ("gpt-4o", "a-private-name"),
    ("llama3.2", "llama3.2:latest"),
    ("llama3.2", "llama3.2:3b"),
    ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5-20250929"),
    ("grok-4", "grok-4-0709"),
    ("openai:gpt-4o", "gpt-4o-2024-08-06"),
    ("deepseek/deepseek-r1:free", "deepseek/deepseek-r1"),
    ("gpt-4-turbo-preview", "gpt-4-0125-preview"),
    ("claude-4-sonnet", "claude-sonnet-4-20250514"),
    ("gpt-5", "gpt-5-2025-08-07"),
    ("grok-4-0709", "grok-4-2025-07-09"),
    ("o1", "o1-2024-12-17"),
    ("text-embedding-3-small", "text-embedding-3-small"),
    ("claude-sonnet-latest", "claude-sonnet-4-5-20250929"),
    ("claude-haiku-4-5", "global.anthropic.claude-haiku-4-5-20251001-v1:0"),
    ("qwen-plus-latest", "qwen-plus-2025-07-28"),
    ("ft:gpt-4o-mini-2024-07-18:acme::abc", "ft:gpt-4o-mini-2024-07-18:acme::abc"),
    ("claude-sonnet-4-0", "claude-sonnet-4-20250514"),
    ("qwen3:8b", "qwen3:8b-q4_K_M"),
    ("phi4", "phi-4"),
]
OTHER_MODEL = [
    ("claude-opus-4", "claude-opus-4-1-20250805"),
    ("claude-sonnet-4", "claude-sonnet-4-5-20250929"),
    ("claude-sonnet-4-latest", "claude-sonnet-4-5-20250929"),
    ("claude-sonnet-4", "claude-sonnet-4-9-20291231"),
    ("claude-sonnet-4", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("claude-sonnet-4-20250514", "claude-sonnet-4-5-20250929"),
    ("claude-sonnet-4-5", "claude-sonnet-4-20250514"),
    ("claude-opus-4", "claude-sonnet-4-20250514"),
    ("gpt-4", "gpt-4o"),
    ("gpt-9", "gpt-9-mini-2030-01-01"),
    ("o1", "o1-preview-2024-09-12"),
    ("glm-4.5", "glm-4.6"),
    ("gemini-1.5-flash", "gemini-1.5-flash-8b-001"),
    ("text-davinci-002", "text-davinci-003"),
    ("gpt-4", "gpt-4o-2024-08-06"),
    ("gpt-4", "gpt-4-turbo-2024-04-09"),
    ("gpt-4", "gpt-4.1-2025-04-14"),
    ("gpt-4o", "gpt-4o-mini"),
    ("gpt-4o", "gpt-4o-mini-2024-07-18"),
    ("openai/gpt-4o", "openai/gpt-4o-mini"),
    ("gpt-4o-mini", "gpt-4o"),
    ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ("gemini-2.0-flash", "gemini-2.5-flash"),
    ("gemini-1.5-pro-002", "gemini-1.5-pro-001"),
    ("gpt-4o-2024-08-06", "gpt-4o-2024-05-13"),
    ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
    ("llama-3.1-8b-instruct", "llama-3.1-70b-instruct"),
    ("gpt-4o", "claude-3-haiku"),
    ("claude-3-haiku-20240307", "anthropic.claude-3-5-haiku-20241022-v1:0"),
    ("o1", "o1-mini-2024-09-12"),
    ("gemini-flash-latest", "gemini-2.5-flash-lite"),
    ("gemini-flash-latest", "gemini-2.5-pro"),
    ("llama3.1:8b", "llama3.1:70b"),
    ("gpt-oss:20b", "gpt-oss:120b"),
    ("llama3", "llama3.1"),
    ("qwen9:7b", "qwen9-coder:7b"),
    ("gpt-9", "gpt-9-codex"),
    ("gpt-9-mini", "gpt-9-2030-01-01"),
    ("sonar", "sonar-pro"),
]


@pytest.mark.parametrize(("asked", "answered"), SAME_MODEL)
def test_refuse__not_another_name_of_the_asked_model(asked: str, answered: str) -> None:
    assert not_stored_reason(Answer(text="Hi", model=answered), asked_model=asked, model_id=model_id) is None


@pytest.mark.parametrize(("asked", "answered"), OTHER_MODEL)
def test_refuse__another_version_size_variant_or_edition(asked: str, answered: str) -> None:
    found = not_stored_reason(Answer(text="Hi", model=answered), asked_model=asked, model_id=model_id)
    assert found == NotStored.OTHER_MODEL


# -- lifetimes -----


@pytest.mark.parametrize(
    ("lifetime", "model", "expected"),
    [
        pytest.param(Lifetime(), "gpt-4o", 86400.0, id="a day"),
        pytest.param(Lifetime(ttl=None), "gpt-4o", None, id="for ever"),
        pytest.param(Lifetime(rules=(TtlRule("gpt-4o*", 60),)), "gpt-4o-mini", 60, id="by model"),
        pytest.param(Lifetime(rules=(TtlRule("gpt-4o*", 60),)), "o3", 86400.0, id="another model"),
        pytest.param(Lifetime(rules=(TtlRule("gpt-4o*", 60),)), None, 86400.0, id="no model"),
        pytest.param(Lifetime(rules=(TtlRule("gpt-*", 1), TtlRule("gpt-4o", 2))), "gpt-4o", 1, id="first rule wins"),
        pytest.param(Lifetime(rules=(TtlRule("*", None),)), "x", None, id="a rule for ever"),
        pytest.param(Lifetime(ttl=500, max_ttl=100), "x", 100, id="ceiling"),
        pytest.param(Lifetime(ttl=None, max_ttl=100), "x", 100, id="ceiling over for ever"),
        pytest.param(Lifetime(ttl=50, max_ttl=100), "x", 50, id="under the ceiling"),
        pytest.param(Lifetime(ttl=0), "x", 0, id="not at all"),
    ],
)
def test_lifetime__of_a_model(lifetime: Lifetime, model: str | None, expected: float | None) -> None:
    assert lifetime.of(model, 0.0) == expected


@pytest.mark.parametrize(
    ("draw", "expected"), [(0.0, 100.0), (0.5, 95.0), (1.0, 90.0)], ids=["none", "half of it", "all of it"]
)
def test_lifetime__jitter_takes_off_a_share(draw: float, expected: float) -> None:
    assert Lifetime(ttl=100, jitter=0.1).of("x", draw) == pytest.approx(expected)


def test_lifetime__jitter_never_lifts_the_ceiling() -> None:
    lifetime = Lifetime(ttl=100, max_ttl=100, jitter=0.5)
    assert max(lifetime.bounded(1000, draw / 10) or 0 for draw in range(11)) == 100


def test_lifetime__for_ever_knows_no_jitter() -> None:
    assert Lifetime(jitter=0.5).bounded(None, 0.7) is None


# -- rules of namespaces -----


def rules_of(ttl: float) -> NamespaceRules:
    return NamespaceRules(lifetime=Lifetime(ttl=ttl))


@pytest.mark.parametrize(
    ("namespace", "ttl"),
    [
        pytest.param("default", 1, id="no pattern"),
        pytest.param("prod", 2, id="exactly named, though a pattern before matches"),
        pytest.param("prod-eu", 3, id="first pattern that matches"),
        pytest.param("prod-us-2", 3, id="not the later one"),
        pytest.param("Prod-eu", 1, id="case counts"),
    ],
)
def test_rules__namespace(namespace: str, ttl: float) -> None:
    patterns = {"prod*": rules_of(3), "prod-us*": rules_of(4), "prod": rules_of(2)}
    rules = Rules(rules_of(1), patterns)
    assert [rules[namespace].lifetime.ttl for _ in range(2)] == [ttl, ttl]


def test_rules__defaults_are_a_day_whitespace_and_no_bounds() -> None:
    rules = Rules()["anything"]
    assert (rules.lifetime.ttl, rules.normalize, rules.bounds, rules.ignore) == (86400, "whitespace", Bounds(), ())


def test_rules__serve_more_namespaces_than_they_remember() -> None:
    rules = Rules(rules_of(1), {"x*": rules_of(2)})
    ttl: Callable[[int], float | None] = lambda at: rules[f"{'x' if at % 2 else 'y'}{at}"].lifetime.ttl  # noqa: E731
    assert [ttl(at) for at in (*range(10_010), 10_009)][-3:] == [1, 2, 2]
