"""A cache server for the whole session, and its callers over plain HTTP."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from stack import Sidecar
from tests.api.client import Api

from .servers import SETTINGS


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    """With two workers, a token of every role, and one that may touch only `ours`."""
    with Sidecar(tmp_path_factory.mktemp("sidecar"), env=SETTINGS, token="admin-token") as sidecar:
        yield sidecar


@pytest.fixture(scope="session")
def api(server: Sidecar) -> Iterator[Api]:
    """May do everything."""
    caller = Api(server.url, "admin-token")
    yield caller
    caller.close()


@pytest.fixture
def cache_id() -> str:
    """That of a cache that nobody has used."""
    return f"c-{uuid4().hex[:12]}"


@pytest.fixture
def cache(cache_id: str) -> str:
    """Its path."""
    return f"/v1/caches/{cache_id}"
