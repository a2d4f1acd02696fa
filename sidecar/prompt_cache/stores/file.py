"""Bodies as files in a folder, what they are found by in an SQLite file beside them."""

import errno
import os
import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

from ..values.defaults import STORE_TIMEOUT
from .base import Record, StoreFull, StoreUnavailable, is_expendable
from .sqlite.bodies import Bodies, Contents
from .sqlite.durability import Durability, durability_of
from .sqlite.store import SqliteStore

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ORPHAN_AGE = 600.0
"""Seconds after which a file that nothing names is one a crash left behind, not one that is just being put."""
_PARTIAL = ".part"
_WRITERS = 16
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class FileStore(SqliteStore):
    """Records in an SQLite file, their bodies in files beside it."""

    local = False

    def __init__(
        self,
        folder: Path,
        *,
        timeout: float = STORE_TIMEOUT,
        durability: Durability = "full",
        clock: Callable[[], float] = time.time,
    ) -> None:
        bodies = Files(folder, clock, durable=durability == "full")
        super().__init__(folder / "index.db", bodies=bodies, timeout=timeout, durability=durability, clock=clock)

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "FileStore":  # noqa: ARG003
        """`file:///absolute/folder`, and `?durability=normal`."""
        try:
            where, durability = durability_of(url, "full")
        except ValueError as error:
            raise ValueError(f"file: {error}") from None
        path = where.removeprefix("file://")
        if not path.startswith("/") or path == "/":
            raise ValueError("file needs the absolute path of a folder: file:///path/to/folder")
        return cls(Path(unquote(path)), timeout=timeout, durability=durability)


class Files(Bodies):
    """Each body a file under `ab/cd/`, written whole before a row names it, never changed after.

    What a crash leaves behind is a file that nothing names: `sweep` removes those, a 256th of the folders at a time.
    """

    column = "file"

    def __init__(self, folder: Path, clock: Callable[[], float], *, durable: bool) -> None:
        self._durable = durable
        self._folder = folder
        self._clock = clock
        self._turn = random.randrange(256)

    def write(self, records: Sequence[Record]) -> Sequence[str | None]:
        files = [_name(record.key) for record in records]
        try:
            with self._explained():
                if len(files) == 1:
                    self._write(files[0], records[0])
                elif files:
                    with ThreadPoolExecutor(_WRITERS) as pool:  # disks make many files durable as fast as one
                        list(pool.map(self._write, files, records))
        except BaseException:
            self.remove(files)
            raise
        return files

    def _write(self, file: str, record: Record) -> None:
        durable = self._durable and not is_expendable(record.namespace)
        path = self._folder / file
        partial = path.with_suffix(_PARTIAL)
        try:
            handle = os.open(partial, _NEW, 0o600)
        except FileNotFoundError:
            path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if durable:
                _sync_folder(path.parent.parent)
                _sync_folder(self._folder)
            handle = os.open(partial, _NEW, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(record.body)
                out.flush()
                if durable:
                    os.fsync(out.fileno())
            partial.rename(path)
            if durable:
                _sync_folder(path.parent)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def read(self, contents: Contents, again: Callable[[Sequence[str]], Contents]) -> Mapping[str, bytes | None]:
        """A body whose file is gone or unreadable comes back empty, for the reader of bodies to find it damaged."""
        return {key: self._read(key, file, again) for key, file in contents.items()}

    def _read(self, key: str, file: str, again: Callable[[Sequence[str]], Contents]) -> bytes | None:
        while True:
            try:
                return (self._folder / file).read_bytes()
            except FileNotFoundError:
                named = again([key]).get(key)
                if named is None:  # deleted meanwhile
                    return None
                if named == file:
                    return b""
                file = named  # overwritten meanwhile
            except OSError as error:
                if error.errno == errno.EIO:
                    return b""
                raise StoreUnavailable(f"{self._folder / file} cannot be read: {error.strerror}") from error

    def remove(self, names: Iterable[str | None]) -> None:
        for file in names:
            if file is not None:
                with self._explained():
                    (self._folder / file).unlink(missing_ok=True)

    def sweep(self, is_named: Callable[[str], bool]) -> None:
        self._turn = (self._turn + 1) % 256
        with self._explained():
            for folder in self._folder.glob(f"{self._turn:02x}/??"):
                self.remove(file for file in self._old(folder) if not is_named(file))

    def _old(self, folder: Path) -> Iterator[str]:
        before = self._clock() - _ORPHAN_AGE
        old = [entry for entry in os.scandir(folder) if entry.stat().st_mtime < before]
        for entry in old:
            yield str(Path(entry.path).relative_to(self._folder))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                sentence = f"there is no room left in {self._folder}: free disk space, or raise the quota"
                raise StoreFull(sentence) from error
            raise StoreUnavailable(f"{self._folder} cannot be used: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    """Make durable that a folder has what is in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(key: str) -> str:
    """A new file for a key. Never the one of an earlier body, so that whoever reads that one reads it whole."""
    digest = sha256(key.encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:4]}/{digest[4:40]}-{secrets.token_hex(4)}"
