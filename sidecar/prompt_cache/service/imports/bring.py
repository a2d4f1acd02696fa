"""Storing what was found: once each, and only what the cache would have stored itself."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from ...core.cache import PromptCache
from ...core.errors import InvalidRequest, UnknownKey
from ...core.outcome import Stored
from ...core.store import NewEntry
from ..transfer import Progress
from .source import Found, Left, Row

_BATCH = 500
_BATCH_BYTES = 8 * 1024**2


class Brought(Struct):
    """What became of what was found."""

    entries: int = 0
    present: int = 0
    """Left out: the cache has an answer to this already, or an earlier row had."""
    shortest: float | None = None
    """Seconds that the first of the entries to end has to live; None where all of them are for ever."""
    left: dict[str, int] = {}
    """How many were left out for other reasons."""
    first: dict[str, str] = {}
    """The place of the first of each of these."""

    def leave(self, place: str, why: str) -> None:
        self.first.setdefault(why, place)
        self.left[why] = self.left.get(why, 0) + 1


def bring(
    cache: PromptCache,
    found: Found,
    *,
    tags: Sequence[str],
    ttl: float | None | UnsetType = UNSET,
    progress: Progress | None = None,
) -> Brought:
    """Store each row under its request; a row's own `ttl` goes before this one. Raises StoreUnavailable.

    It can be broken off and run again: what is there already stays, and nothing counts as asked or answered as long
    as the cache's statistics are not handed over.
    """
    done = Brought()
    waiting: dict[str, tuple[Row, NewEntry]] = {}
    size, seen = 0, 0
    for row in found.rows:
        seen += 1
        if isinstance(row, Left):
            done.leave(row.place, row.why)
        elif (key := _key(cache, row)) is None:
            done.leave(row.place, "no request")
        elif key in waiting or _has(cache, key):
            done.present += 1
        else:
            waiting[key] = row, _entry(row, tags, ttl)
            size += len(row.response)
        if len(waiting) >= _BATCH or size >= _BATCH_BYTES:
            _store(cache, list(waiting.values()), done)
            waiting, size = {}, 0
            if progress:
                progress(seen, found.total)
    _store(cache, list(waiting.values()), done)
    if progress:
        progress(seen, seen)
    return done


def _key(cache: PromptCache, row: Row) -> str | None:
    try:
        return cache.key_of(row.request)
    except InvalidRequest:
        return None


def _has(cache: PromptCache, key: str) -> bool:
    try:
        cache.entry(key)
    except UnknownKey:
        return False
    return True


def _entry(row: Row, tags: Sequence[str], ttl: float | None | UnsetType) -> NewEntry:
    return NewEntry(
        request=row.request,
        response=row.response,
        created=row.created,
        ttl=ttl if row.ttl is UNSET else row.ttl,
        tags=[*tags, *row.tags],
        usage=row.usage,
        cost_usd=row.cost_usd,
        latency=row.latency,
        finish_reason=row.finish_reason,
        paid=False,
    )


def _store(cache: PromptCache, some: Sequence[tuple[Row, NewEntry]], done: Brought) -> None:
    if not some:
        return
    try:
        fates: Sequence[Stored | None] = cache.store_many([entry for _, entry in some])
    except InvalidRequest:
        fates = [_store_alone(cache, entry) for _, entry in some]
    for (row, _), fate in zip(some, fates, strict=True):
        if fate is None:
            done.leave(row.place, "unreadable")
        elif fate.stored:
            done.entries += 1
            if isinstance(fate.ttl, float):
                done.shortest = fate.ttl if done.shortest is None else min(done.shortest, fate.ttl)
        else:
            done.leave(row.place, str(fate.reason))


def _store_alone(cache: PromptCache, entry: NewEntry) -> Stored | None:
    try:
        return cache.store(entry)
    except InvalidRequest:
        return None
