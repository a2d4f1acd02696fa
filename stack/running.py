"""Who runs `make up` in this clone, and which processes are its own."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .paths import STATE
from .processes import POLL_SECONDS, Process
from .progress import Failure

_RECORD = STATE / "running.json"
_STOP_TIMEOUT = 60.0


class Registry:
    """The record of a running `up`; whoever holds the lock beside it is the one."""

    def __init__(self) -> None:
        self._record = _read()

    @classmethod
    @contextmanager
    def only_one(cls) -> Iterator["Registry | None"]:
        """Yield the registry, or None while another process has it."""
        STATE.mkdir(exist_ok=True)
        with (STATE / "running.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
            else:
                yield cls()

    @staticmethod
    def address() -> str:
        """Where the running n8n is to be opened."""
        return str(_read().get("address", "still starting"))

    @staticmethod
    def stop_up() -> None:
        """Interrupt the `up` that runs and wait until all of it has ended."""
        pid = _read().get("up")
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_TIMEOUT
        while time.monotonic() < deadline:
            with Registry.only_one() as stopped:
                if stopped is not None:
                    return
            time.sleep(POLL_SECONDS)
        raise Failure(f"Prompt Cache has not stopped in {_STOP_TIMEOUT:.0f} s; end process {pid} yourself.")

    def begin(self) -> None:
        self._write({"up": os.getpid(), "processes": {}})

    def add(self, process: Process) -> None:
        self._record["processes"][str(process.pid)] = _started(process.pid)
        self._write(self._record)

    def announce(self, address: str) -> None:
        self._write({**self._record, "address": address})

    def forget(self) -> None:
        _RECORD.unlink(missing_ok=True)

    def stop_leftovers(self) -> bool:
        """End the processes of an `up` that was killed; whether there were any."""
        # A process id alone may belong to somebody else by now.
        groups = [
            int(pid) for pid, started in self._record.get("processes", {}).items() if _started(int(pid)) == started
        ]
        for number in (signal.SIGTERM, signal.SIGKILL):
            for group in groups:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, number)
            deadline = time.monotonic() + 10
            while any(_started(group) for group in groups) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
        self.forget()
        return bool(groups)

    def _write(self, record: dict[str, Any]) -> None:
        self._record = record
        partial = _RECORD.with_suffix(".partial")
        partial.write_text(json.dumps(record))
        partial.rename(_RECORD)


def _read() -> dict[str, Any]:
    return dict(json.loads(_RECORD.read_text())) if _RECORD.exists() else {}


def _started(pid: int) -> str:
    """When the process began; empty when there is none."""
    listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], stdout=subprocess.PIPE, text=True, check=False)
    return listed.stdout.strip()
