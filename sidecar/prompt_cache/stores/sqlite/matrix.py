"""Vectors of one space as one matrix in a file, which all workers of a machine map: it is in memory once."""

import mmap
import os
import secrets
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..vectors import numpy

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

    from ..vectors import Matrix

Row = tuple[int, bytes]
"""The number of a vector in its table, and the vector."""

PARTIAL = ".part"
_HEAD = struct.Struct("<8s32sI")
"""Mark, what it is of, bytes of the space's name that follow."""
_MARK = b"pcmatrix"
_STATE = struct.Struct("<qq")
"""How many rows there are, the number of the last."""
_STATE_AT = 4096 - _STATE.size
_ROWS_AT = 4096
_MAX_NAME = _STATE_AT - _HEAD.size
_LEAST_ROWS = 256


class Foreign(Exception):
    """The file is not there, is damaged, or belongs to something else."""


def fits(space: str) -> bool:
    """Whether its name can be written into a file."""
    return len(space.encode()) <= _MAX_NAME


class MatrixFile:
    """A mapping of one file. Rows are added at its end; what is dead is blanked, and never moves.

    Only whoever holds the lock of the folder writes. Writing goes through the file and not through the mapping, as on
    a full disk that would end the process. Raises OSError.
    """

    def __init__(self, path: Path, origin: bytes, space: str, dimension: int) -> None:
        """Map what is there. Raises Foreign."""
        self.origin = origin
        self._path = path
        self._type = _row_type(dimension)
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            raise Foreign from None
        try:
            there = os.fstat(handle)
            if there.st_size < _ROWS_AT:
                raise Foreign
            self._map = mmap.mmap(handle, there.st_size, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
        self._file = (there.st_dev, there.st_ino, there.st_size)
        capacity = (there.st_size - _ROWS_AT) // self._type.itemsize
        self._rows = numpy().ndarray(capacity, self._type, buffer=self._map, offset=_ROWS_AT)
        head = _head(origin, space)
        count, last = self.state
        if self._map[: len(head)] != head or not (0 <= count <= capacity and last >= 0):
            raise Foreign

    @property
    def state(self) -> tuple[int, int]:
        """(how many rows there are, the number up to which all are there)."""
        # The last first: it is written last, so that no row is taken for present that is not counted.
        (last,) = struct.unpack_from("<q", self._map, _STATE_AT + 8)
        (count,) = struct.unpack_from("<q", self._map, _STATE_AT)
        return count, last

    @property
    def current(self) -> bool:
        """Whether the file is still the one at its place, and mapped as a whole."""
        try:
            there = os.stat(self._path)  # noqa: PTH116 - on the way of every search
        except FileNotFoundError:
            return False
        return (there.st_dev, there.st_ino, there.st_size) == self._file

    @property
    def rows(self) -> tuple["NDArray[int64]", "Matrix", int]:
        """(the number of each vector, 0 where it is blank, the vectors, the number up to which all are there)."""
        count, last = self.state
        if count > len(self._rows):  # somebody is adding to it: what is mapped are the first
            count, last = len(self._rows), int(self._rows["id"].max())
        return self._rows["id"][:count], self._rows["vector"][:count], last

    def add(self, rows: Sequence[Row]) -> None:
        """Write rows after the last. What was mapped before may have to be mapped anew."""
        count, _ = self.state
        handle = os.open(self._path, os.O_RDWR)
        try:
            if _ROWS_AT + (count + len(rows)) * self._type.itemsize > os.fstat(handle).st_size:
                os.ftruncate(handle, _size(count + len(rows), self._type))
            _write(handle, _packed(rows), _ROWS_AT + count * self._type.itemsize)
            _write(handle, _STATE.pack(count + len(rows), rows[-1][0]), _STATE_AT)
        finally:
            os.close(handle)

    def blank(self, places: Iterable[int]) -> None:
        """Overwrite rows, which nothing finds any more."""
        handle = os.open(self._path, os.O_RDWR)
        try:
            for place in places:
                _write(handle, bytes(self._type.itemsize), _ROWS_AT + place * self._type.itemsize)
        finally:
            os.close(handle)


def create(path: Path, origin: bytes, space: str, dimension: int, portions: Iterable[Sequence[Row]]) -> None:
    """Write a whole file in place of what is there, for its owner alone. Raises OSError."""
    kind, count, last = _row_type(dimension), 0, 0
    partial = path.with_name(f"{path.name}-{secrets.token_hex(4)}{PARTIAL}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            _write(handle, _head(origin, space), 0)
            for rows in portions:
                _write(handle, _packed(rows), _ROWS_AT + count * kind.itemsize)
                count, last = count + len(rows), rows[-1][0]
            _write(handle, _STATE.pack(count, last), _STATE_AT)
            os.ftruncate(handle, _size(count, kind))
        finally:
            os.close(handle)
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def space_of(path: Path) -> str | None:
    """The space a file is of, None where it does not say."""
    with path.open("rb") as file:
        head = file.read(_ROWS_AT)
    if len(head) < _ROWS_AT:
        return None
    mark, _, length = _HEAD.unpack_from(head)
    name = head[_HEAD.size : _HEAD.size + length]
    try:
        return name.decode() if mark == _MARK and length <= _MAX_NAME else None
    except UnicodeDecodeError:
        return None


def _head(origin: bytes, space: str) -> bytes:
    name = space.encode()
    return _HEAD.pack(_MARK, origin, len(name)) + name


def _row_type(dimension: int) -> Any:
    return numpy().dtype([("id", "<i8"), ("vector", "<f4", (dimension,))])


def _size(count: int, kind: Any) -> int:
    """Of a file with so many rows, and room for some more."""
    return int(_ROWS_AT + (count + max(count // 4, _LEAST_ROWS)) * kind.itemsize)


def _packed(rows: Sequence[Row]) -> bytes:
    return b"".join(number.to_bytes(8, "little") + vector for number, vector in rows)


def _write(handle: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, at)
        view, at = view[written:], at + written
