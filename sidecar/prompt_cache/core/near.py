"""Misses that would be hits but for a date or time in them: which mask would have made them one.

Beside each question that names a date or time a small record stands for a day, under what it asks without them.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from ..keying.clockless import without_clock
from ..keying.keys import Keyer
from ..stores.base import Record, Store, StoreUnavailable
from .misses import NAMESPACE, NEAR
from .questions import Question

_LIFE = 86400.0
_KEYS = 2
"""Keys kept of the questions that are one without dates and times: one of them is another than that which is asked."""


class Near(Struct, frozen=True):
    """In what an earlier question, otherwise the same, differs; and the mask with which the two are one."""

    differs_by: Literal["date_or_time"] = "date_or_time"
    mask: Literal["clock"] = "clock"


class Neighbours:
    """Finds earlier questions that are the same without dates and times."""

    def __init__(self, store: Store, keyer: Keyer) -> None:
        self._store = store
        self._keyer = keyer

    def of(self, questions: Sequence[Question], now: float) -> tuple[set[str], list[Record]]:
        """The keys of those that have one, in this order or from before; and what is to be kept of them."""
        clockless = {
            question.key: self._keyer.key(parts)
            for question in questions
            if (parts := without_clock(question.parts)) is not None
        }
        if not clockless:
            return set(), []
        known = self._known(dict.fromkeys(clockless.values()))
        near: set[str] = set()
        for key, digest in clockless.items():
            keys = known[digest]
            if any(other != key for other in keys):
                near.add(key)
            known[digest] = [key, *(other for other in keys if other != key)][:_KEYS]
        return near, [_record(digest, keys, now) for digest, keys in known.items()]

    def _known(self, digests: Iterable[str]) -> dict[str, list[str]]:
        """The keys of earlier questions. A hint is not worth an error."""
        found: dict[str, list[str]] = {digest: [] for digest in digests}
        try:
            bodies = self._store.get([NEAR + digest for digest in found])
        except StoreUnavailable:
            return found
        for digest, body in zip(found, bodies, strict=True):
            if body is not None:
                try:
                    found[digest] = msgspec.msgpack.decode(body, type=list[str])
                except msgspec.DecodeError:
                    continue
        return found


def _record(digest: str, keys: list[str], now: float) -> Record:
    return Record(
        key=NEAR + digest, namespace=NAMESPACE, body=msgspec.msgpack.encode(keys), created=now, expires=now + _LIFE
    )
