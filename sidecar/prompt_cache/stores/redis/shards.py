"""Which hash slot a record lies in."""

from binascii import crc_hqx
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from .cluster import SLOTS

SHARDS = 16
"""Hash slots that a cluster's records are spread over, evenly among slots and so among up to 16 masters."""
_CHUNK = 250

_T = TypeVar("_T")


class Shards:
    """The hash slots of all records, by the tags that lie in them: one, or in a cluster some."""

    def __init__(self, prefix: str, *, clustered: bool) -> None:
        self.names = _spread(prefix) if clustered else [f"{{{prefix}}}"]

    def of(self, key: str) -> str:
        if len(self.names) == 1:
            return self.names[0]
        return self.names[crc_hqx(key.encode(), 0) * len(self.names) >> 16]

    def split(
        self, values: Sequence[_T], key: Callable[[_T], str], chunk: int = _CHUNK
    ) -> Iterator[tuple[str, list[_T]]]:
        """The values of each shard in their order, a chunk at a time."""
        groups: dict[str, list[_T]] = {}
        for value in values:
            groups.setdefault(self.of(key(value)), []).append(value)
        for shard, group in groups.items():
            for at in range(0, len(group), chunk):
                yield shard, group[at : at + chunk]


def _spread(prefix: str) -> list[str]:
    """Names whose hash slots lie one in each sixteenth of all, as masters own stretches of them."""
    width = SLOTS // SHARDS
    named: dict[int, str] = {}
    number = 0
    while len(named) < SHARDS:
        tag = f"{prefix}:{number}"
        named.setdefault(crc_hqx(tag.encode(), 0) % SLOTS // width, f"{{{tag}}}")
        number += 1
    return [named[at] for at in range(SHARDS)]
