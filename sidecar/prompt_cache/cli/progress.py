"""How far a long command has come, on a terminal."""

import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 30


class Progress:
    """A bar that a terminal redraws, a few times a second; where it is forced on no terminal, a line now and then."""

    def __init__(
        self,
        label: str,
        stream: TextIO,
        *,
        forced: bool = False,
        unit: str = "entries",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._label = label
        self._stream = stream
        self._terminal = stream.isatty()
        self._shown = self._terminal or forced
        self._unit = unit
        self._clock = clock
        self._begun = clock()
        self._next = 0.0
        self._last: tuple[int, int | None] | None = None

    def __call__(self, done: int, total: int | None) -> None:
        """Show that so much is done, of so much where that is known."""
        self._last = (done, total)
        now = self._clock()
        if self._shown and now >= self._next:
            self._next = now + (0.1 if self._terminal else 5.0)
            self._draw(done, total, now)

    def close(self) -> None:
        """Show where it ended, and leave the line."""
        if self._shown and self._last:
            self._draw(*self._last, self._clock())
            if self._terminal:
                self._stream.write("\n")
            self._stream.flush()

    def _draw(self, done: int, total: int | None, now: float) -> None:
        rate = done / max(now - self._begun, 0.001)
        text = f"{self._label}: {done:,} {self._unit}, {rate:,.0f}/s"
        if total:
            filled = min(_WIDTH, _WIDTH * done // total)
            bar = "#" * filled + "." * (_WIDTH - filled)
            left = (total - done) / rate if rate else 0.0
            text = f"{self._label}: [{bar}] {100 * done // total}% of {total:,} {self._unit}, {left:,.0f} s left"
        self._stream.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        self._stream.flush()
