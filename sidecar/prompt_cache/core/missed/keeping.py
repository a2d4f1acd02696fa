"""Keeps what was missed in the store: a record for each question and namespace, written by whoever keeps house."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from ...stores.base import Bounds, Record, RecordQuery, Store
from ..packing import Corrupt, pack, unpack
from .record import LIFE, Missed

_SPACE = "!missed:"
"""Of a caller's namespace, with its name after it: nobody can name it, and where room is short it gives way first."""
_PREFIX = "missed:"
_BOUNDS = Bounds(max_entries=5000, max_bytes=64 * 1024**2)
"""Of each namespace."""
_ENTRIES, _BYTES = 50_000, 256 * 1024**2
"""Of all together; where there are more, none has more than its share."""
_NAMESPACES = 1000
_decoder = msgspec.msgpack.Decoder(Missed)


class Keeping:
    """Reads and writes them. Raises StoreUnavailable."""

    def __init__(self, store: Store, report: Callable[[str, str], None]) -> None:
        self._store = store
        self._report = report

    def read(self, keys: Sequence[str]) -> dict[str, Missed]:
        """What is remembered of the questions of these keys."""
        found: dict[str, Missed] = {}
        bodies = self._store.get([_PREFIX + key for key in keys]) if keys else []
        for key, body in zip(keys, bodies, strict=True):
            try:
                if body is not None:
                    found[key] = unpack(body, _decoder)
            except Corrupt:
                self._report("corrupt_miss", key)
        return found

    def write(self, some: Sequence[Missed]) -> None:
        """Remember these; of more namespaces than there is a place for, nothing."""
        sizes = self._store.sizes()
        known = {name for name in sizes if name.startswith(_SPACE)}
        records = []
        for each in some:
            space = _SPACE + each.namespace
            if space in known or len(known) < _NAMESPACES:
                known.add(space)
                records.append(_record(space, each))
        if records:
            self._store.put(records)
            self._bound({record.namespace for record in records})

    def _bound(self, spaces: set[str]) -> None:
        sizes = {name: size for name, size in self._store.sizes().items() if name.startswith(_SPACE)}
        bounds = _BOUNDS
        if sum(size.entries for size in sizes.values()) > _ENTRIES:
            bounds, spaces = replace(bounds, max_entries=max(1, _ENTRIES // len(sizes))), set(sizes)
        if sum(size.bytes for size in sizes.values()) > _BYTES:
            bounds, spaces = replace(bounds, max_bytes=_BYTES // len(sizes)), set(sizes)
        for space in spaces:
            if (held := sizes.get(space)) and bounds.exceeded(held):
                self._store.evict(space, bounds, held)

    def forget(self, keys: Sequence[str]) -> None:
        """Nothing was missed under these keys."""
        if keys:
            self._store.delete([_PREFIX + key for key in keys])

    def clear(self, namespace: str) -> None:
        """Nothing was missed in this namespace."""
        self._store.clear(_SPACE + namespace)

    def state(self, namespace: str) -> tuple[int, int]:
        """What is never the same again once something of a namespace is forgotten or written."""
        size = self._store.sizes().get(_SPACE + namespace)
        return (size.entries, size.bytes) if size else (0, 0)

    def namespaces(self) -> list[str]:
        """Where something was missed."""
        return sorted(name.removeprefix(_SPACE) for name in self._store.sizes() if name.startswith(_SPACE))

    def page(self, namespace: str, limit: int, cursor: str | None) -> tuple[list[Missed], str | None]:
        """Those of a namespace, the latest first. Raises ValueError about the cursor."""
        page = self._store.find(RecordQuery(namespace=_SPACE + namespace), limit=limit, cursor=cursor)
        found = self.read([key.removeprefix(_PREFIX) for key in page.keys])
        return [each for each in found.values() if each.times], page.cursor

    def latest(self, namespace: str, most: int, bytes_: int) -> Iterator[Missed]:
        """Of a namespace so many, the latest first, as long as their requests have no more bytes together."""
        cursor: str | None = None
        while most > 0 and bytes_ > 0:
            some, cursor = self.page(namespace, min(most, 500), cursor)
            for each in some:
                bytes_ -= len(each.request or b"")
                most -= 1
                yield each
            if cursor is None:
                return


def _record(space: str, missed: Missed) -> Record:
    body = pack(missed)
    return Record(
        key=_PREFIX + missed.key,
        namespace=space,
        body=body,
        created=missed.last,
        expires=missed.last + LIFE,
        # What gives way is what is worth least per byte: whatever its size, what was asked but once, the oldest first.
        worth=float((missed.times - 1) * len(body)) if missed.times > 1 else 0.0,
    )
