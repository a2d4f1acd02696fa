"""A sidecar with two workers, and a model that counts its calls, for the whole session."""

from collections.abc import Iterator

import pytest

from stack import DemoModel, Sidecar

SETTINGS = {"PROMPT_CACHE_STORE": "sqlite:///cache.db", "PROMPT_CACHE_WORKERS": "2"}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    with Sidecar(tmp_path_factory.mktemp("sidecar"), env=SETTINGS, token="admin-token") as sidecar:
        yield sidecar


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoModel]:
    with DemoModel(tmp_path_factory.mktemp("model")) as model:
        yield model


@pytest.fixture
def demo(provider: DemoModel) -> DemoModel:
    """The model, that has not been called yet."""
    provider.reset()
    return provider
