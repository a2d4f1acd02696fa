"""Vectors in the vector sets of Redis 8: in each shard a set for each space, in the slot of the records they are of."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from math import inf
from typing import Any

from msgspec import Struct
from redis.exceptions import ResponseError

from ..base import Neighbour, StoreUnavailable, VectorRecord, VectorsUnsupported
from . import scripts
from .link import Command, Link
from .places import TIME
from .shards import Shards

_FEW = 2000
"""Vectors of a set up to which all are compared."""
_EFFORT = 400
"""Of more, how many a search looks at: enough to find near-duplicates among 50,000."""
_SPARE = 8
"""Asked for beyond what is wanted, for those that have ended."""
_CHUNK = 25
"""Vectors that one script places, which takes a millisecond for each where there are many."""


class _Found(Struct):
    """What the sets of a space have told."""

    candidates: list[tuple[float, bytes]]
    """(similarity, key), the closest first."""
    horizon: float
    """What they have not told is no closer than this."""


class Vectors:
    """A record's vector is placed, and goes, in one script with what is known of the record.

    They are kept as they are (NOQUANT), so what a set says of how similar they are is exact. A record that has ended or
    was dropped by Redis leaves its vector until it is swept, or found here. `run` runs a script in a shard.
    """

    def __init__(self, link: Link, shards: Shards, run: Callable[..., Any], clock: Callable[[], float]) -> None:
        self._link = link
        self._shards = shards
        self._run = run
        self._clock = clock
        self._large: dict[str, int] = {}
        """How many vectors the larger sets had when they were last asked."""

    def check(self) -> None:
        """Raises VectorsUnsupported, StoreUnavailable."""
        for shard in self._shards.names:
            try:
                self._link.call("VCARD", f"{shard}:near:", again=True)
            except StoreUnavailable as error:
                if isinstance(error.__cause__, ResponseError) and "unknown command" in str(error.__cause__):
                    raise VectorsUnsupported(
                        "this Redis has no vector sets, which came with Redis 8: use that, or another store"
                    ) from error
                raise

    def put(self, vectors: Sequence[VectorRecord]) -> None:
        for shard, some in self._shards.split(vectors, lambda each: each.key, _CHUNK):
            parts = [part for each in some for part in (each.key, _name(each.space, each.vector), each.vector)]
            self._run(scripts.PLACE, shard, *parts, again=True)

    def delete(self, keys: Sequence[str]) -> None:
        for shard, some in self._shards.split(keys, str):
            self._run(scripts.UNPLACE, shard, *some, again=True)

    def nearest(self, wanted: Sequence[tuple[str, bytes]], limit: int, least: float) -> list[list[Neighbour]]:
        found: list[list[Neighbour]] = [[] for _ in wanted]
        waiting, count = list(range(len(wanted))), limit + _SPARE
        while waiting:
            told = self._asked([wanted[number] for number in waiting], count, least)
            alive = self._alive({key for each in told for _, key in each.candidates})
            unsure = []
            for number, each in zip(waiting, told, strict=True):
                found[number] = [Neighbour(key.decode(), near) for near, key in each.candidates if key in alive][:limit]
                if each.horizon >= least and sum(one.similarity >= each.horizon for one in found[number]) < limit:
                    unsure.append(number)
            waiting, count = unsure, count * 4
        return found

    def _asked(self, wanted: Sequence[tuple[str, bytes]], count: int, least: float) -> list[_Found]:
        commands: list[Command] = []
        for space, vector in wanted:
            for shard in self._shards.names:
                name = f"{shard}:near:{_name(space, vector)}"
                how = ("EF", max(_EFFORT, 2 * count)) if self._large.get(name, 0) > _FEW else ("TRUTH",)
                commands.append(("VSIM", name, "FP32", vector, "WITHSCORES", "COUNT", count, *how))
                commands.append(("VCARD", name))
        answers = iter(self._link.call_each(commands) if commands else [])
        names = iter([command[1] for command in commands[1::2]])
        found = []
        for _ in wanted:
            candidates, horizon = [], -inf
            for _ in self._shards.names:
                some = [(2 * float(score) - 1, key) for key, score in _pairs(next(answers) or [])]
                self._remember(next(names), int(next(answers) or 0))
                if len(some) == count:
                    horizon = max(horizon, some[-1][0])
                candidates += [one for one in some if one[0] >= least]
            found.append(_Found(sorted(candidates, key=lambda one: -one[0]), horizon))
        return found

    def _remember(self, name: str, size: int) -> None:
        if size > _FEW:
            self._large[name] = size
        else:
            self._large.pop(name, None)

    def _alive(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of which there is a record; of the others, what is left goes."""
        known = list(keys)
        names = [f"{self._shards.of(key.decode())}:body:{key.decode()}" for key in known]
        ends = self._link.call_each([("GETRANGE", name, 0, TIME.size - 1) for name in names]) if names else []
        now = self._clock()
        alive = {key for key, end in zip(known, ends, strict=True) if end and TIME.unpack(end)[0] > now}
        gone = [key.decode() for key in known if key not in alive]
        for shard, some in self._shards.split(gone, str):
            self._run(scripts.FORGET_ENDED, shard, repr(now), *some, again=True)
        return alive


def _name(space: str, vector: bytes) -> str:
    """Of a set, after its shard: with the dimension, as only what has the same can be compared."""
    return f"{len(vector) // 4}:{blake2b(space.encode(), digest_size=16).hexdigest()}"


def _pairs(answer: list[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return zip(answer[::2], answer[1::2], strict=True)
