"""One sidecar with two workers for the whole session, and its callers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import Sidecar

from .client import Api

TOKENS = """[
    {name: reading, role: reader, token: reader-token},
    {name: writing, role: writer, token: writer-token},
    {name: ours, role: admin, token: ours-token, namespaces: [ours, "ours-*"]},
]"""
SETTINGS = {
    "PROMPT_CACHE_STORE": "sqlite:///cache.db",
    "PROMPT_CACHE_WORKERS": "2",
    "PROMPT_CACHE_TOKENS": TOKENS,
    "PROMPT_CACHE_BODY_LIMIT": "100KB",
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    """A sidecar with two workers, a token of every role, and one that may touch only `ours`."""
    with Sidecar(tmp_path_factory.mktemp("sidecar"), env=SETTINGS, token="admin-token") as sidecar:
        yield sidecar


def _caller(server: Sidecar, token: str | None) -> Iterator[Api]:
    caller = Api(server.url, token)
    yield caller
    caller.close()


@pytest.fixture(scope="session")
def api(server: Sidecar) -> Iterator[Api]:
    """May do everything."""
    yield from _caller(server, "admin-token")


@pytest.fixture(scope="session")
def reader(server: Sidecar) -> Iterator[Api]:
    yield from _caller(server, "reader-token")


@pytest.fixture(scope="session")
def writer(server: Sidecar) -> Iterator[Api]:
    yield from _caller(server, "writer-token")


@pytest.fixture(scope="session")
def ours(server: Sidecar) -> Iterator[Api]:
    """An administrator of some namespaces only."""
    yield from _caller(server, "ours-token")


@pytest.fixture(scope="session")
def stranger(server: Sidecar) -> Iterator[Api]:
    yield from _caller(server, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a sidecar of the test's own keeps its files."""
    return tmp_path
