"""A sidecar with two workers for the whole session."""

from collections.abc import Iterator

import pytest

from stack import Sidecar

SETTINGS = {
    "PROMPT_CACHE_STORE": "sqlite:///cache.db",
    "PROMPT_CACHE_WORKERS": "2",
    "PROMPT_CACHE_BODY_LIMIT": "1MB",
    "PROMPT_CACHE_TOKENS": "[{name: reading, role: reader, token: reader-token}]",
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    with Sidecar(tmp_path_factory.mktemp("sidecar"), env=SETTINGS, token="admin-token") as sidecar:
        yield sidecar
