"""A cache made of settings."""

from typing import Any

import pytest

from prompt_cache.config import Config, shown
from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.store import NewEntry
from prompt_cache.service.open import open_cache
from sidecar.tests.support import request


def report(event: str, _: str) -> None:
    raise AssertionError(event)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, True),
        ({"store_prompts": False}, False),
        ({"secret": "s"}, False),
        ({"secret": "s", "store_prompts": True}, True),
        ({"secret": "s", "store_prompts": False}, False),
    ],
)
def test_open_cache__keeps_prompts_where_no_secret_hides_them_or_it_is_asked_to(
    settings: dict[str, Any], kept: bool
) -> None:
    config = Config(store="memory://", **settings)
    cache = open_cache(config, report)
    asked = request(prompt="a marker")
    key = cache.store(NewEntry(response=b'"an answer"', request=asked)).key
    assert (b"a marker" in (cache.entry(key).request or b"")) == kept
    assert len(cache.entries(EntryFilter(), text="marker")[0]) == kept
    assert shown(config)["store_prompts"] == kept


def test_open_cache__takes_the_settings() -> None:
    config = Config(store="memory://", secret="s", masks={"n": "[0-9]+"})
    asked = request(prompt="call 12", normalize=["mask:n"])
    other = request(prompt="call 99", normalize=["mask:n"])
    unsecured = Config(store="memory://", masks={"n": "[0-9]+"})
    keyed, unkeyed = open_cache(config, report), open_cache(unsecured, report)
    assert keyed.key_of(asked) == keyed.key_of(other) != unkeyed.key_of(asked)
