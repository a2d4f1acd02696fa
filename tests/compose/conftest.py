"""The compose file and the Dockerfiles, read once."""

import json
from typing import Any

import pytest

from stack.docker_compose import resolved
from stack.paths import REPOSITORY

from .dockerfile import Stage, stages


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """The compose file with no setting given, as Docker Compose resolves it."""
    return dict(json.loads(resolved(REPOSITORY / "docker-compose.yml")))


@pytest.fixture(scope="session")
def sidecar_stages() -> list[Stage]:
    return stages(REPOSITORY / "sidecar/Dockerfile")


@pytest.fixture(scope="session")
def n8n_stages() -> list[Stage]:
    return stages(REPOSITORY / "n8n-node/Dockerfile")
