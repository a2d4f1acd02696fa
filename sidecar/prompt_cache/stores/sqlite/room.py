"""Room on the disk: what is left free for deleting, and what a full disk can be cleared with."""

import os
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage

MARGIN = 32 * 1024**2
"""Bytes on the disk that records leave free."""
_RESERVE = 8 * 1024**2
"""Enough for what the write-ahead log still has to bring home, and for deleting a few records."""
_SHORT = 512 * 1024**2
"""Bytes free on the disk from which on it is wise to have a reserve."""


class Room:
    """The disk a database is on.

    Deleting writes before it frees anything. Others may fill the disk to the last byte, so a file beside the database
    holds some of it: given up, it is room for the first deletes, which make more.
    """

    def __init__(self, database: Path) -> None:
        self._folder = database.parent
        self._reserve = database.with_name(f"{database.name}-reserve")

    def has(self, size: int) -> bool:
        """Whether records may take so many bytes more. Raises OSError."""
        free = disk_usage(self._folder).free
        if free < _SHORT:
            self._keep(free)
        return free >= size + MARGIN

    def _keep(self, free: int) -> None:
        if free < MARGIN + _RESERVE or self._reserve.exists():
            return
        try:
            handle = os.open(self._reserve, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another worker was faster
            return
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(bytes(_RESERVE))
                out.flush()
                os.fsync(out.fileno())  # only then it has its place
        except OSError:
            self.give_up_reserve()

    def give_up_reserve(self) -> bool:
        """Make its bytes free; False when there are none."""
        with suppress(OSError):
            self._reserve.unlink()
            return True
        return False
