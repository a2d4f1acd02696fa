"""Vectors in a table, the truth, and the matrices that are made of it."""

import fcntl
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b, sha256
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

from ..base import Neighbour, StoreFull, VectorRecord, VectorsUnsupported
from ..vectors import closest, dimension, matrix, numpy, similarities, together
from .database import Database
from .matrix import PARTIAL, Foreign, MatrixFile, Row, create, fits, space_of
from .selecting import marks

if TYPE_CHECKING:
    from ..vectors import Matrix

FEW = 128
"""Vectors of a space that are compared as they are in the table."""
_NEW = 32
"""Vectors that are not yet in the matrix of their space, which are compared so too."""
_PORTION = 1000
_MANY = 64
"""Dead rows that one search meets, from which on it is worth to blank them."""
_OPEN = 64
"""Matrices mapped at once."""
_ORPHAN_AGE = 600.0
_LOOK = 0.005
_CHUNK = 500
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Vectors:
    """A search takes the matrix of its space, and from the table what came since. What it finds is looked up there.

    So a matrix is never wrong: at worst it is missing, or of something else, and is made anew. Vectors that are too few
    have none. One that is damaged by a power cut is told by the boot it was made in.
    """

    def __init__(self, database: Database, clock: Callable[[], float], digest: Callable[[str], int]) -> None:
        self._database = database
        self._clock = clock
        self._digest = digest
        self._matrices = _Matrices(database)

    def put(self, vectors: Sequence[VectorRecord]) -> None:
        rows = [(_named(each.space, dimension(each.vector)), each.vector, each.key) for each in vectors]
        self._database.require_room(sum(len(vector) for _, vector, _ in rows))
        sql = (
            "INSERT OR REPLACE INTO vectors (record, space, vector)"
            " SELECT id, ?, ? FROM records WHERE digest = ? AND key = ?"
        )
        with self._database.transaction(passing=True) as connection:
            connection.executemany(sql, [(space, vector, self._digest(key), key) for space, vector, key in rows])

    def delete(self, keys: Sequence[str]) -> None:
        def delete(connection: Connection, rows: int) -> int:
            some = digests[:rows]
            of = f"SELECT id FROM records WHERE digest IN ({marks(some)})"
            connection.execute(f"DELETE FROM vectors WHERE record IN ({of})", some)
            return len(some)

        digests = [self._digest(key) for key in keys]
        while digests:
            digests = digests[self._database.freeing(delete) :]

    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        def search(space: str, size: int, rows: "Matrix") -> list[list[Neighbour]]:
            return self._search(_named(space, size), rows, limit, least)

        with self._database.explained():
            return together(wanted, search)

    def _search(self, space: str, wanted: "Matrix", limit: int, least: float) -> list[list[Neighbour]]:
        numbers, near = self._compared(space, wanted)
        if not len(numbers):
            return [[] for _ in wanted]
        dead = 0
        found = []
        for each, row in zip(wanted, near, strict=True):
            neighbours, missing = self._living(each, numbers, row, limit, least)
            found.append(neighbours)
            dead = max(dead, missing)
        if dead >= _MANY:
            self._matrices.refresh(space)
        return found

    def _compared(self, space: str, wanted: "Matrix") -> tuple["Matrix", "Matrix"]:
        """The numbers of all vectors of a space, and of each that is wanted how similar they are."""
        np, size = numpy(), wanted.shape[1]
        held = self._matrices.of(space, size)
        last = 0
        numbers, near = [], []
        if held is not None:
            known, vectors, last = held.rows
            numbers.append(known)
            near.append(similarities(wanted, vectors))
        for rows in _portions(self._database.connection, space, last):
            numbers.append(np.array([number for number, _ in rows]))
            near.append(similarities(wanted, matrix([vector for _, vector in rows])))
        if not numbers:
            return np.empty(0), np.empty((len(wanted), 0))
        return np.concatenate(numbers), np.concatenate(near, axis=1)

    def _living(
        self, wanted: "Matrix", numbers: "Matrix", near: "Matrix", limit: int, least: float
    ) -> tuple[list[Neighbour], int]:
        """The closest of which there still is a record, compared as they are in the table; and how many are gone."""
        upto, gone = limit, 0
        looked = {0}  # the number of what is blank
        alive: list[Neighbour] = []
        while True:
            # A little more than the least is asked for, as what a matrix has is not what counts.
            places = closest(near, limit=upto, least=least - 1e-5)
            some = {int(numbers[place]) for place, _ in places} - looked
            rows = list(self._rows(list(some)))
            gone += len(some) - len(rows)
            looked |= some
            now = self._clock()
            for key, expires, vector in rows:
                if expires is None or expires > now:
                    alive.append(Neighbour(key, float(similarities(wanted[None], matrix([vector]))[0, 0])))
            if len(alive) >= limit or len(places) < upto:
                break
            upto *= 4
        found = sorted((each for each in alive if each.similarity >= least), key=lambda each: -each.similarity)
        return found[:limit], gone

    def _rows(self, numbers: Sequence[int]) -> Iterator[tuple[str, float | None, bytes]]:
        sql = (
            "SELECT records.key, records.expires, vectors.vector"
            " FROM vectors JOIN records ON records.id = vectors.record WHERE vectors.id IN"
        )
        for at in range(0, len(numbers), _CHUNK):
            some = numbers[at : at + _CHUNK]
            yield from self._database.connection.execute(f"{sql} ({marks(some)})", some)

    def sweep(self) -> None:
        """Blank what is dead in the matrices, and remove those that are of nothing."""
        with self._database.explained():
            self._matrices.sweep()


class _Matrices:
    """The files beside a database, each made of a space that has many vectors.

    Whoever writes one holds the lock of their folder. Where a file cannot be written, there is none, and that is all.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = database.path.with_name(f"{database.path.name}-vectors")
        self._open: OrderedDict[str, MatrixFile] = OrderedDict()
        self._lock = threading.Lock()
        self._known: tuple[object, bytes] = (None, b"")

    def of(self, space: str, size: int) -> MatrixFile | None:
        """The matrix that lacks but the newest few vectors, None where there are few, or no file can be had."""
        held = self._mapped(space, size)
        last = held.state[1] if held else 0
        if not self._more(space, last, _NEW if held else FEW) or not fits(space):
            return held
        with suppress(OSError, StoreFull), self._alone(wait=held is None):
            self._catch_up(space, size)
            return self._mapped(space, size)
        return held

    def _mapped(self, space: str, size: int) -> MatrixFile | None:
        origin = self._origin
        with self._lock:
            held = self._open.get(space)
            if held is not None and held.origin == origin and held.current:
                self._open.move_to_end(space)
                return held
            self._open.pop(space, None)
        try:
            held = MatrixFile(self._path(space), origin, space, size)
        except (Foreign, OSError, ValueError):  # the last where it is being cut
            return None
        if not self._whole(space, held):
            return None
        with self._lock:
            self._open[space] = held
            while len(self._open) > _OPEN:
                self._open.popitem(last=False)
        return held

    def _whole(self, space: str, held: MatrixFile) -> bool:
        """Whether it has all that the table has up to its last: not where an older database was put in place."""
        numbers, _, last = held.rows
        (highest,) = self._database.connection.execute(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'vectors'"
        ).fetchone()
        return last <= highest and bool(numpy().isin(self._living(space, last), numbers).all())

    def _living(self, space: str, last: int) -> list[int]:
        sql = "SELECT id FROM vectors WHERE space = ? AND id <= ?"
        return [number for (number,) in self._database.connection.execute(sql, (space, last))]

    def _more(self, space: str, last: int, than: int) -> bool:
        sql = "SELECT 1 FROM vectors WHERE space = ? AND id > ? LIMIT 1 OFFSET ?"
        return self._database.connection.execute(sql, (space, last, than)).fetchone() is not None

    def _catch_up(self, space: str, size: int) -> None:
        held = self._mapped(space, size)  # somebody else may have been faster
        last = held.state[1] if held else 0
        rows = self._room_for(_portions(self._database.connection, space, last))
        if held is None:
            create(self._path(space), self._origin, space, size, rows)
        else:
            for portion in rows:
                held.add(portion)

    def _room_for(self, portions: Iterator[list[Row]]) -> Iterator[list[Row]]:
        for rows in portions:
            self._database.require_room(sum(len(vector) for _, vector in rows))
            yield rows

    def refresh(self, space: str) -> None:
        with suppress(OSError, StoreFull), self._alone(wait=False):
            self._refresh(self._path(space), space)

    def _refresh(self, path: Path, space: str) -> None:
        """Blank what is dead; where that is most, make it anew, or remove it."""
        held = self._mapped(space, _size(space))
        if held is None:
            path.unlink(missing_ok=True)
            return
        numbers, _, last = held.rows
        alive = self._living(space, last)
        if len(alive) <= FEW // 2:
            path.unlink()
        elif len(alive) < len(numbers) // 2:
            portions = self._room_for(_portions(self._database.connection, space, 0))
            create(path, self._origin, space, _size(space), portions)
        else:
            np = numpy()
            held.blank(np.nonzero(~np.isin(numbers, [*alive, 0]))[0].tolist())

    def sweep(self) -> None:
        if not self._folder.exists():
            return
        with suppress(OSError, StoreFull, VectorsUnsupported), self._alone(wait=False):
            for path in list(self._folder.iterdir()):
                if path.name.endswith(PARTIAL):
                    if path.stat().st_mtime < time.time() - _ORPHAN_AGE:
                        path.unlink(missing_ok=True)
                    continue
                space = space_of(path)
                if space is None or self._path(space) != path:
                    path.unlink(missing_ok=True)
                else:
                    self._refresh(path, space)

    @contextmanager
    def _alone(self, *, wait: bool) -> Iterator[None]:
        """Hold the lock of the folder. Raises OSError, also where another has it, or has it for too long."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            self._take(handle, self._database.timeout if wait else 0.0)
            yield
        finally:
            os.close(handle)

    def _take(self, folder: int, timeout: float) -> None:
        end = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise
                time.sleep(_LOOK)
            else:
                return

    def _path(self, space: str) -> Path:
        return self._folder / blake2b(space.encode(), digest_size=16).hexdigest()

    @property
    def _origin(self) -> bytes:
        """What a matrix has to be made of: this database, in this run of the machine."""
        connection, file = self._database.connection, self._database.file
        known, origin = self._known
        if known != file:
            (identity,) = connection.execute("SELECT value FROM identity").fetchone()
            boot = _BOOT.read_bytes() if _BOOT.exists() else b""
            origin = sha256(b"%r %s %s" % (file, identity, boot)).digest()
            self._known = (file, origin)
        return origin


def _portions(connection: Connection, space: str, last: int) -> Iterator[list[Row]]:
    sql = "SELECT id, vector FROM vectors WHERE space = ? AND id > ? ORDER BY id LIMIT ?"
    while rows := connection.execute(sql, (space, last, _PORTION)).fetchall():
        yield rows
        last = rows[-1][0]
        if len(rows) < _PORTION:
            return


def _named(space: str, size: int) -> str:
    return f"{size}:{space}"


def _size(space: str) -> int:
    return int(space.partition(":")[0])
