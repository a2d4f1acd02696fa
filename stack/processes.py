"""Long-running programs: started in a group of their own, logged to a file, stopped whole."""

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from .progress import Failure

POLL_SECONDS = 0.05

_LAST_LINES = 25
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_SETTINGS = ("N8N_", "DB_", "PROMPT_CACHE_", "PG", "GUNICORN_")


def free_port() -> int:
    """Return a loopback port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _inherited() -> dict[str, str]:
    """The environment without what would configure the started programs behind the caller's back."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}


class Process:
    """A program that serves until it is stopped; a context manager."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        timeout: float = 60.0,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """`env` adds to the environment without its settings of these programs; `timeout` is in seconds until ready."""
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.env = dict(env or {})
        self._ready = ready
        self._cwd = cwd
        self._user = user
        self._timeout = timeout
        self._stop_signal = stop_signal
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the process and of its group."""
        if self._running is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._running.pid

    @property
    def running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def launch(self) -> Self:
        """Start without waiting."""
        for folder in filter(None, (self.log.parent, self._cwd)):
            folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command,
                env={**_inherited(), **self.env},
                cwd=self._cwd,
                user=self._user,
                group=pwd.getpwnam(self._user).pw_gid if self._user else None,
                extra_groups=[] if self._user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self._end_with_parent if sys.platform == "linux" else None,
            )
        return self

    def start(self) -> Self:
        """Start and wait until ready; a program that ends or stays silent is stopped and reported."""
        self.launch()
        try:
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def wait_until_ready(self) -> None:
        self.wait_until(self._ready, self._timeout)

    def wait_until(self, condition: Callable[[], bool], timeout: float = 30.0) -> None:
        """Wait until `condition` holds, for at most `timeout` seconds and only while the process lives."""
        deadline = time.monotonic() + timeout
        while not condition():
            if not self.running:
                raise Failure(f"{self.tail()}\n{self.name} ended while starting; its log is {self.log}")
            if time.monotonic() > deadline:
                raise Failure(f"{self.tail()}\n{self.name} was not ready in {timeout:.0f} s; its log is {self.log}")
            time.sleep(POLL_SECONDS)

    def wait(self, timeout: float = 20.0) -> int:
        """Wait until it has ended by itself; return its exit status."""
        if self._running is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._running.wait(timeout)

    def stop(self, grace: float = 20.0) -> None:
        """End the whole group politely, after `grace` seconds by force."""
        if self._running is None:
            return
        self._signal(self._stop_signal)
        self._signal(signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._running.wait(grace)
        self.kill()

    def kill(self) -> None:
        """End the whole group at once, as a crash would."""
        if self._running is None:
            return
        self._signal(signal.SIGKILL)
        self._running.wait()
        self._running = None

    def pause(self) -> None:
        """Freeze the whole group: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def restart(self) -> Self:
        self.stop()
        return self.start()

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-_LAST_LINES:])

    def __enter__(self) -> Self:
        return self if self.running else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end_with_parent(self) -> None:
        """Have the kernel stop the program when whoever started it is killed."""
        _LIBC.prctl(_PR_SET_PDEATHSIG, self._stop_signal)

    def _signal(self, number: signal.Signals) -> None:
        assert self._running is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running.pid, number)
