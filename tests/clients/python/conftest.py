"""The proxy and the provider behind it, which run in another environment than these tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.request import urlopen
from uuid import uuid4

import pytest

TOOLS = {"X-Prompt-Cache-Namespace": "tools"}
"""Of a namespace that keeps answers which are calls of tools."""
ONLY_KEPT = {"Cache-Control": "only-if-cached"}


class Proxy(NamedTuple):
    url: str
    provider: str

    def calls(self) -> int:
        """How many answers the provider has given."""
        with urlopen(f"{self.provider}/-/calls") as response:  # noqa: S310
            return int(response.read())

    @contextmanager
    def asking(self, times: int) -> Iterator[None]:
        """Asserts how many calls reach the provider meanwhile."""
        before = self.calls()
        yield
        assert self.calls() - before == times


@pytest.fixture(scope="session")
def proxy() -> Proxy:
    return Proxy(os.environ["PROXY_URL"], os.environ["PROVIDER_URL"])


@pytest.fixture
def question() -> str:
    """One that nobody has asked."""
    return f"What is {uuid4().hex}?"
