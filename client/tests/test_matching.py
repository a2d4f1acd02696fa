"""Matching by meaning, as a caller sees it: what is asked for, and what comes back."""

from typing import Any

import pytest

from prompt_cache_client import BadRequest, CacheUnavailable, Matched, PromptCache

from .conftest import Said, StubServer, problem

MATCHED = {"key": "other", "question": "How do I reset my password?"}
HIT = {"status": "hit", "key": "k", "match": "semantic", "similarity": 0.93, "matched": MATCHED, "response": "kept"}
WHY = {"searched": True, "nearest": [{"key": "other", "similarity": 0.96, "served": False}]}
MISS = {"status": "miss", "key": "k", "ticket": "t", "reason": "guard:antonyms", "explanation": WHY}


def says(stub: StubServer, answer: Any) -> None:
    stub.says = lambda path, _body: (200, {"items": [answer, answer]} if path.endswith("batch") else answer)


def test_a_lookup_says_how_it_is_matched_and_hears_what_was(stub: StubServer) -> None:
    says(stub, HIT)
    how: dict[str, Any] = {"match": "semantic", "threshold": 0.9, "explain": True}
    with PromptCache(stub.url) as cache:
        found = cache.lookup("I forgot my password", **how)
        one, _ = cache.lookup_many(["a", "b"], **how)
    assert (found.key, found.match, found.similarity) == ("k", "semantic", 0.93)
    assert found.matched == one.matched == Matched(key="other", question="How do I reset my password?")
    alone, batch = (body for _, _, body in stub.asked)
    assert [how.items() <= each.items() for each in (alone, *batch["items"])] == [True] * 3


def test_a_miss_says_why(stub: StubServer) -> None:
    says(stub, MISS)
    with PromptCache(stub.url) as cache:
        missed = cache.lookup("How do I disable 2FA?", explain=True)
    assert (missed.reason, missed.explanation, missed.matched) == ("guard:antonyms", WHY, None)


def test_who_says_nothing_of_it_asks_nothing_of_it(stub: StubServer) -> None:
    says(stub, HIT)
    with PromptCache(stub.url) as cache:
        cache.lookup("q")
        cache.get_or_call("q", lambda: "called")
    assert not any({"match", "threshold", "explain"} & body.keys() for _, _, body in stub.asked)


def test_calls_and_functions_are_matched_as_they_say(stub: StubServer) -> None:
    says(stub, HIT)
    with PromptCache(stub.url) as cache:
        assert cache.get_or_call("q", lambda: "called", match="semantic", threshold=0.9) == "kept"

        @cache.cached(match="exact")
        def answer(question: str) -> str:
            return f"called with {question}"

        assert answer("q") == "kept"
    called, function = (body for _, _, body in stub.asked)
    assert (called["match"], called["threshold"], function["match"]) == ("semantic", 0.9, "exact")
    assert "match" not in function["attributes"]


def test_a_cache_that_cannot_match_so_fails_no_call(stub: StubServer, caplog: pytest.LogCaptureFixture) -> None:
    stub.says = lambda _path, _body: problem(400, "invalid-request", "match: semantic matching needs an embedder")
    with PromptCache(stub.url) as cache:
        assert cache.get_or_call("q", lambda: "called", match="semantic") == "called"
        assert "needs an embedder" in caplog.text
        with pytest.raises(BadRequest, match="needs an embedder"):
            cache.lookup("q", match="semantic")


@pytest.mark.parametrize("matched", ["other", {"key": "other"}, []])
def test_what_is_no_match_is_no_answer(stub: StubServer, matched: Any) -> None:
    says(stub, {**HIT, "matched": matched})
    with PromptCache(stub.url) as cache, pytest.raises(CacheUnavailable, match="the cache answered no"):
        cache.lookup("q")


def test_accept_and_reject_name_the_entry_and_the_request(stub: StubServer) -> None:
    def once(path: str, _body: Any) -> Said:
        return (200, {"deleted": 1}) if "other" in path else problem(404, "unknown-key")

    stub.says = once
    with PromptCache(stub.url, namespace="support") as cache:
        for rate in (cache.accept, cache.reject):
            assert rate("other", "I forgot my password") is True
            assert rate("gone", "I forgot my password") is False
    request = {"prompt": "I forgot my password", "namespace": "support"}
    assert stub.asked[0] == ("POST", "/v1/entries/other/accept", {"request": request})
    assert stub.asked[2] == ("POST", "/v1/entries/other/reject", {"request": request})
