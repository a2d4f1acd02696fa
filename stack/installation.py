"""Installing things once: whole or not at all, by one process at a time."""

import fcntl
import os
import pwd
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .paths import cache
from .progress import Failure, say, step

_SHOWN_LINES = 20


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`, waiting for whoever has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  waiting for another process that holds {path.name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def is_installed(name: str) -> bool:
    """Whether the cache folder `name` is there, and so whole."""
    return (cache() / name).exists()


def installed(name: str, label: str, build: Callable[[Path], None]) -> Path:
    """Return the cache folder `name`, built by `build` unless it is there; the final rename marks it whole."""
    target = cache() / name
    if target.exists():
        return target
    with locked(cache() / f"{name}.lock"):
        if not target.exists():
            partial = cache() / f"{name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            with step(f"Install {label}"):
                build(partial)
            partial.rename(target)
    return target


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
) -> str:
    """Run `command` quietly, as `user` if given, and return its output; `env` is added to the current one."""
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if finished.returncode:
        lines = finished.stdout.splitlines()
        if len(lines) > 2 * _SHOWN_LINES:
            lines[_SHOWN_LINES:-_SHOWN_LINES] = ["..."]
        printed = "\n".join(lines)
        shown = shlex.join(str(part) for part in command)
        raise Failure(f"{printed}\n`{shown}` ended with status {finished.returncode}; what it printed is above.")
    return finished.stdout
