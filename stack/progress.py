"""What the command line shows: one line per step, with the time it took."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_PLAIN_INTERVAL = 30.0
_TTY_INTERVAL = 0.2
_SPINNER = "|/-\\"
_depth = threading.local()


class Failure(Exception):
    """Something the user can put right; the message is all they need to see."""


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Show that `name` is under way and, when it is done, its seconds; inner steps stay silent."""
    if getattr(_depth, "inside", False):
        yield
        return
    _depth.inside = True
    done = threading.Event()
    started = time.monotonic()
    ticker = threading.Thread(target=_tick, args=(name, started, done), daemon=True)
    ticker.start()
    outcome = "interrupted"
    try:
        yield
        outcome = "done"
    except Exception:
        outcome = "failed"
        raise
    finally:
        _depth.inside = False
        done.set()
        ticker.join()
        erase = "\r\033[K" if sys.stdout.isatty() else ""
        seconds = time.monotonic() - started
        say(f"{erase}  {name}: {outcome} in {seconds:.1f} s")


def _tick(name: str, started: float, done: threading.Event) -> None:
    tty = sys.stdout.isatty()
    if not tty:
        say(f"  {name} ...")
    beat = 0
    while not done.wait(_TTY_INTERVAL if tty else _PLAIN_INTERVAL):
        elapsed = time.monotonic() - started
        if tty:
            sys.stdout.write(f"\r\033[K{_SPINNER[beat % 4]} {name} ... {elapsed:.0f} s")
            sys.stdout.flush()
        else:
            say(f"  {name} ... {elapsed:.0f} s")
        beat += 1
