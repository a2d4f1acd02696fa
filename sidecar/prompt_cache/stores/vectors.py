"""Comparing vectors in this process, for engines that cannot compare them themselves."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .base import Neighbour, VectorsUnsupported

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    Matrix = NDArray[float32]
    """Vectors or similarities, a row each; or one of them."""

FLOAT = 4
"""Bytes of a number in a vector."""
_LEAST_CAPACITY = 16
_AT_ONCE = 32
"""Searches of one space whose similarities are in memory together: 13 MB among 100,000."""


@cache
def numpy() -> Any:
    """The library, which nobody loads who compares no vectors. Raises VectorsUnsupported."""
    try:
        library: Any = import_module("numpy")
        library.vecdot  # noqa: B018 - came with numpy 2
    except (ImportError, AttributeError) as error:
        raise VectorsUnsupported(
            "this store compares vectors with numpy 2, which is not installed:"
            " pip install prompt-cache-sidecar[semantic]"
        ) from error
    return library


def dimension(vector: bytes) -> int:
    return len(vector) // FLOAT


def matrix(vectors: Sequence[bytes]) -> "Matrix":
    """Vectors of one dimension, one a row."""
    together = numpy().frombuffer(b"".join(vectors), "<f4")
    return together.reshape(len(vectors), -1)  # type: ignore[no-any-return]


def similarities(wanted: "Matrix", vectors: "Matrix") -> "Matrix":
    """A row for each that is wanted, in it a number for each vector."""
    # Not as a product of matrices: that takes threads of its own, which stand in each other's way in several workers.
    np = numpy()
    if len(wanted) == 1:
        return np.vecdot(vectors, wanted[0])[None]  # type: ignore[no-any-return]
    return np.vecdot(vectors[:, None], wanted[None]).T  # type: ignore[no-any-return]


def closest(similarities: "Matrix", *, limit: int, least: float) -> list[tuple[int, float]]:
    """(place, similarity) of those at least so similar, of one row: the closest first, of equals the earlier."""
    np = numpy()
    (places,) = np.nonzero(similarities >= least)
    if len(places) > limit:
        places = places[np.argpartition(-similarities[places], limit - 1)[:limit]]
    order = np.lexsort((places, -similarities[places]))
    return [(int(place), float(similarities[place])) for place in places[order]]


def together(
    wanted: Sequence[tuple[str, bytes]], search: Callable[[str, int, "Matrix"], list[list[Neighbour]]]
) -> list[list[Neighbour]]:
    """What a search of one space by (its name, dimension, vectors) finds, for what is wanted of many."""
    places: dict[tuple[str, int], list[int]] = {}
    for at, (space, vector) in enumerate(wanted):
        places.setdefault((space, dimension(vector)), []).append(at)
    found: list[list[Neighbour]] = [[] for _ in wanted]
    for (space, size), all_ in places.items():
        for first in range(0, len(all_), _AT_ONCE):
            these = all_[first : first + _AT_ONCE]
            rows = matrix([wanted[at][1] for at in these])
            for at, neighbours in zip(these, search(space, size, rows), strict=True):
                found[at] = neighbours
    return found


class Spaces:
    """Vectors in this process's memory. Not safe between threads."""

    def __init__(self) -> None:
        self._spaces: dict[tuple[str, int], _Space] = {}
        self._space_of: dict[str, tuple[str, int]] = {}

    def put(self, key: str, space: str, vector: bytes) -> int:
        """Keep it in place of the one that the key had; returns that one's dimension, 0 if there was none."""
        row, place = matrix([vector])[0], (space, dimension(vector))
        before = self.remove(key)
        if place not in self._spaces:
            self._spaces[place] = _Space(place[1])
        self._spaces[place].put(key, row)
        self._space_of[key] = place
        return before

    def remove(self, key: str) -> int:
        """The dimension it had, 0 if there was none."""
        place = self._space_of.pop(key, None)
        if place is None:
            return 0
        self._spaces[place].remove(key)
        if not self._spaces[place]:
            del self._spaces[place]
        return place[1]

    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        return together(wanted, lambda space, size, rows: self._nearest(space, size, rows, limit, least))

    def _nearest(self, space: str, size: int, wanted: "Matrix", limit: int, least: float) -> list[list[Neighbour]]:
        held = self._spaces.get((space, size))
        return held.nearest(wanted, limit=limit, least=least) if held else [[] for _ in wanted]


class _Space:
    """Vectors of one dimension, by key."""

    def __init__(self, dimension: int) -> None:
        self._rows: Matrix = numpy().empty((_LEAST_CAPACITY, dimension), "<f4")
        self._keys: list[str] = []
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, key: str, row: "Matrix") -> None:
        """A key that is not there."""
        place = len(self._keys)
        if place == len(self._rows):
            self._resize(place + place // 2)
        self._places[key] = place
        self._keys.append(key)
        self._rows[place] = row

    def remove(self, key: str) -> None:
        """The last one takes its place."""
        place, last = self._places.pop(key), self._keys.pop()
        if last != key:
            self._places[last] = place
            self._keys[place] = last
            self._rows[place] = self._rows[len(self._keys)]
        if _LEAST_CAPACITY < len(self._rows) > 4 * len(self._keys):
            self._resize(2 * len(self._keys))

    def _resize(self, capacity: int) -> None:
        rows = numpy().empty((max(capacity, _LEAST_CAPACITY), self._rows.shape[1]), "<f4")
        rows[: len(self._keys)] = self._rows[: len(self._keys)]
        self._rows = rows

    def nearest(self, wanted: "Matrix", *, limit: int, least: float) -> list[list[Neighbour]]:
        found = similarities(wanted, self._rows[: len(self._keys)])
        return [
            [Neighbour(self._keys[at], similarity) for at, similarity in closest(row, limit=limit, least=least)]
            for row in found
        ]
