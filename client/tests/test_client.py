"""The API's acts, by a cache in this process."""

import pytest

from prompt_cache_client import BadRequest, PromptCache


def test_an_answer_that_was_stored_is_found_again() -> None:
    with PromptCache("memory://") as cache:
        missed = cache.lookup("What is a cache?", model="gpt-4o-mini", lease=10)
        assert (missed.status, missed.served) == ("miss", False)
        stored = cache.store({"text": "A place."}, key=missed.key, ticket=missed.ticket, lease=missed.lease)
        assert stored.stored
        hit = cache.lookup("What is a cache?", model="gpt-4o-mini")
        assert (hit.status, hit.response) == ("hit", {"text": "A place."})


def test_a_wrong_field_is_refused_by_name() -> None:
    with PromptCache("memory://") as cache, pytest.raises(BadRequest, match="prompt_") as refused:
        cache.lookup("hi", prompt_="ho")  # type: ignore[call-arg]
    assert (refused.value.status, refused.value.type) == (400, "invalid-request")
    assert refused.value.errors[0]["loc"] == ["prompt_"]
