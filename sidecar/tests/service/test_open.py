"""A cache made of settings."""

from prompt_cache.config import Config
from prompt_cache.service.open import open_cache
from sidecar.tests.support import request


def report(event: str, _: str) -> None:
    raise AssertionError(event)


def test_open_cache__takes_the_settings() -> None:
    config = Config(store="memory://", secret="s", masks={"n": "[0-9]+"})
    asked = request(prompt="call 12", normalize=["mask:n"])
    other = request(prompt="call 99", normalize=["mask:n"])
    unsecured = Config(store="memory://", masks={"n": "[0-9]+"})
    keyed, unkeyed = open_cache(config, report), open_cache(unsecured, report)
    assert keyed.key_of(asked) == keyed.key_of(other) != unkeyed.key_of(asked)
