"""Docker Compose without Docker: it reads and resolves compose files with no engine at hand."""

from collections.abc import Mapping
from pathlib import Path

from . import versions
from .debian import Unpacked, unpacked
from .installation import run

_PROGRAM = "usr/libexec/docker/cli-plugins/docker-compose"


def docker_compose_engine() -> Unpacked:
    """The unpacked Docker Compose, fetched on first use."""
    release = versions.DEBIAN_DOCKER_COMPOSE
    packages = ["docker-compose", "libc6"]
    return unpacked(f"docker-compose-{release}", "Docker Compose", release, packages, lambda _: None)


def resolved(file: Path, env: Mapping[str, str] | None = None) -> str:
    """The compose file as Docker Compose understands it, as JSON; raises Failure when it is not valid."""
    command = docker_compose_engine().command(_PROGRAM)
    unset = dict.fromkeys(("OPENAI_API_KEY", "OPENAI_BASE_URL", "PROMPT_CACHE_TOKEN", "N8N_PORT", "SIDECAR_PORT"), "")
    return run([*command, "-f", file, "config", "--format", "json"], env={**unset, **(env or {})})
