"""A real n8n: installed once, started on a user folder, driven through `n8n_client`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from . import versions
from .installation import installed
from .n8n_client import N8nClient
from .node import node_environment, node_home, npm
from .processes import Process, free_port
from .web import answers

_QUIET = {
    "N8N_DIAGNOSTICS_ENABLED": "false",
    "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
    "N8N_TEMPLATES_ENABLED": "false",
    "N8N_PERSONALIZATION_ENABLED": "false",
    "N8N_HIRING_BANNER_ENABLED": "false",
    "N8N_SECURE_COOKIE": "false",
}
_START_TIMEOUT = 240.0
N8N_FOLDER = f"n8n-{versions.N8N}-node-{versions.NODE}"
"""Of the cache."""


def n8n_program() -> Path:
    """The pinned n8n's start script, installed on first use (minutes, 2.8 GB)."""
    folder = installed(N8N_FOLDER, f"n8n {versions.N8N} (takes minutes)", _install)
    return folder / "node_modules/n8n/bin/n8n"


def _install(target: Path) -> None:
    # Older releases take this one dependency from its author's own server; the registry's serves here.
    (target / "package.json").write_text('{"overrides": {"xlsx": "0.18.5"}}')
    # n8n's dependencies carry install scripts that download what is not needed here; two native modules are.
    npm("install", "--ignore-scripts", "--no-package-lock", f"n8n@{versions.N8N}", cwd=target)
    npm("rebuild", "sqlite3", "isolated-vm", cwd=target, env={"npm_config_nodedir": str(node_home()), "JOBS": "max"})


class N8n(Process):
    """One n8n server on loopback with its own user folder; `packages` are npm tarballs of community nodes.

    As a `worker` it runs what a server in queue mode hands it, and has no routes but the health checks.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        packages: Sequence[Path] = (),
        env: Mapping[str, str] | None = None,
        worker: bool = False,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._packages = packages
        super().__init__(
            f"The n8n worker on port {self.port}" if worker else f"n8n on port {self.port}",
            [node_home() / "bin/node", n8n_program(), "worker" if worker else "start"],
            log=folder / "n8n.log",
            # Early releases are "ready" before their routes are there.
            ready=lambda: answers(f"{self.url}/healthz/readiness") and (worker or answers(f"{self.url}/rest/settings")),
            env={**self._environment(), **(env or {})},
            cwd=folder,
            timeout=_START_TIMEOUT,
        )

    def client(self) -> N8nClient:
        """A REST client, not signed in yet."""
        return N8nClient(self.url)

    def launch(self) -> Self:
        self._install_packages()
        return super().launch()

    def _environment(self) -> dict[str, str]:
        return {
            **_QUIET,
            **node_environment(),
            "N8N_USER_FOLDER": str(self.folder),
            "N8N_LISTEN_ADDRESS": "127.0.0.1",
            "N8N_PORT": str(self.port),
            "QUEUE_HEALTH_CHECK_PORT": str(self.port),
            "N8N_EDITOR_BASE_URL": self.url,
            "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        }

    def _install_packages(self) -> None:
        nodes = self.folder / ".n8n/nodes"
        nodes.mkdir(parents=True, exist_ok=True)
        for package in self._packages:
            stamp = nodes / f".{package.name}"
            signature = f"{package.stat().st_size} {package.stat().st_mtime_ns}"
            if stamp.exists() and stamp.read_text() == signature:
                continue
            # Without --legacy-peer-deps npm would pull n8n's own packages in as peers.
            npm("install", "--legacy-peer-deps", "--ignore-scripts", package, cwd=nodes)
            stamp.write_text(signature)
