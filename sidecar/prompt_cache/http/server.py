"""gunicorn, as this service wants it."""

import contextlib
import errno
import socket
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from ..config import Config, ConfigError
from .failures import failure_of
from .native.problems import problem_response


class Worker(ThreadWorker):
    """Tells what never reaches the application in our one shape; gunicorn would log it, perhaps with a prompt."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        response = problem_response(failure_of(exc))
        response.headers["Connection"] = "close"
        head = f"HTTP/1.1 {response.status}\r\n{response.headers}"
        with contextlib.suppress(OSError):
            write_nonblock(client, head.encode("latin-1") + response.get_data())


class Server(BaseApplication):
    """Serves an application that each worker makes for itself, after the fork."""

    def __init__(self, config: Config, make_app: Callable[[], Flask], on_exit: Callable[[Flask], None]) -> None:
        self._config = config
        self._make_app = make_app
        self._on_exit = on_exit
        super().__init__()

    def load_config(self) -> None:
        host, port = self._config.address
        settings: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": self._config.workers,
            "worker_class": Worker,
            "threads": self._config.threads,
            "keepalive": 75,
            "timeout": 60,
            "graceful_timeout": 20,
            "limit_request_line": 8190,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "prompt-cache",
            "control_socket_disable": True,
            "worker_exit": lambda _, worker: self._exit(worker),
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:  # type: ignore[override]
        return self._make_app()

    def _exit(self, worker: Any) -> None:
        if isinstance(worker.wsgi, Flask):
            self._on_exit(worker.wsgi)


def require_free_address(config: Config) -> None:
    """Raises ConfigError when something else listens already."""
    host, port = config.address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ConfigError(
                    f"listen: {config.listen} is taken by another program; "
                    "stop it, or set PROMPT_CACHE_LISTEN to another port"
                ) from None
            raise ConfigError(f"listen: cannot listen on {config.listen}: {error.strerror}") from None
