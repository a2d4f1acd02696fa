"""gunicorn, as this service wants it: its processes, each with an event loop."""

import errno
import logging
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from uvicorn_worker import UvicornWorker  # type: ignore[import-untyped]

from ..config import Config, ConfigError
from ..observability.measures import Board, Measures
from .front.asgi import Application
from .log import write_log
from .protocol import Protocol

_KEEP_ALIVE = 75
_SWITCH = 0.001
"""Seconds a thread may keep the interpreter from the event loop, which wants it at every socket it reads."""
_MOST_FILES = 65_536
"""As many connections as the system lets a process have, up to this."""
_GRACE = 20
"""Seconds that requests in flight have when a worker is told to stop."""


class Worker(UvicornWorker):  # type: ignore[misc]
    """Speaks HTTP by our limits, and ends as an ordinary process does."""

    CONFIG_KWARGS = {  # noqa: RUF012 - as its parent has it
        "loop": "uvloop",
        "http": Protocol,
        "ws": "none",
        "lifespan": "on",
        "interface": "asgi3",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": _GRACE - 2,
        "timeout_notify": 1,
    }

    row = 0
    """Where it writes its numbers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        logger = logging.getLogger("uvicorn.error")
        logger.handlers = [_Told()]
        logger.setLevel(logging.ERROR)
        logging.getLogger("uvicorn.access").handlers = []

    def init_process(self) -> None:
        sys.setswitchinterval(_SWITCH)
        super().init_process()

    def init_signals(self) -> None:
        super().init_signals()
        for number in (
            signal.SIGTERM,
            signal.SIGINT,
        ):  # until uvicorn hears them, which raises them again at its end
            signal.signal(number, lambda *_: sys.exit(0))

    async def callback_notify(self) -> None:
        """Say that the loop runs; and end where there is nobody left to say it to, or to start others in its place."""
        await super().callback_notify()
        if os.getppid() != self.ppid:
            os.kill(self.pid, signal.SIGTERM)


class _Told(logging.Handler):
    """What goes wrong around the application, in our log: frames only, since a message may quote a prompt."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        stack = traceback.extract_tb(error.__traceback__) if error else []
        write_log(
            {
                "event": "server_error",
                "error": type(error).__name__ if error else str(record.msg),
                "stack": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in stack][-12:],
            }
        )


class Server(BaseApplication):
    """Serves an application that each worker makes for itself, after the fork."""

    def __init__(self, config: Config, board: Board, make_app: Callable[[Measures], Application]) -> None:
        self._config = config
        self._board = board
        self._make_app = make_app
        self._row = 0
        """That of the worker whose process this is."""
        super().__init__()

    def load_config(self) -> None:
        host, port = self._config.address
        settings: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": self._config.workers,
            "worker_class": Worker,
            "keepalive": _KEEP_ALIVE,
            "timeout": 60,
            "graceful_timeout": _GRACE,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "prompt-cache",
            "control_socket_disable": True,
            "pre_fork": self._before_fork,
            "post_fork": self._after_fork,
            "child_exit": self._after_exit,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def _before_fork(self, _: Arbiter, worker: Worker) -> None:
        worker.row = self._board.take()

    def _after_fork(self, _: Arbiter, worker: Worker) -> None:
        self._row = worker.row

    def _after_exit(self, _: Arbiter, worker: Worker) -> None:
        self._board.give_back(worker.row)

    def load(self) -> Application:
        return self._make_app(Measures(self._board, self._row))


def allow_connections() -> None:
    """Take what the system grants: often it gives no more than 1,024 files to who does not ask."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


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
