"""The cache server, which runs in another environment than these tests."""

import asyncio
import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

Call = Callable[..., Any]


@pytest.fixture
def cache_id() -> str:
    """That of a cache that nobody has used."""
    return f"ours-{uuid4().hex[:12]}"


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, cache_id: str) -> Call:
    """Calls an operation of the SDK by its name."""
    from langcache import LangCache  # which is not where pytest looks for tests

    def call(
        name: str, *, key: str = "ours-token", at: str = "CACHE_SERVER_URL", cache: str = cache_id, **fields: Any
    ) -> Any:
        if request.param == "sync":
            with LangCache(server_url=os.environ[at], cache_id=cache, api_key=key) as client:
                return getattr(client, name)(**fields)

        async def run() -> Any:
            async with LangCache(server_url=os.environ[at], cache_id=cache, api_key=key) as client:
                return await getattr(client, f"{name}_async")(**fields)

        return asyncio.run(run())

    return call
