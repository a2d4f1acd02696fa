"""Why a question was missed: which fields are not as in what is closest to it."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from ..explaining import fields_that_differ
from .record import Missed


class Nearest(Struct, frozen=True):
    """A question that shares more of its fields with a missed one than any other."""

    key: str
    fields: list[str]
    """Those that are not as asked: `system`, `params.temperature`, `question`."""
    answered: bool
    """Whether it has an answer that is stored."""


def nearest(
    missed: Missed, entries: Iterable[tuple[str, Mapping[str, str]]], others: Iterable[Missed]
) -> Nearest | None:
    """Of entries, by key and digests, and of what else was missed; None where nothing has a field in common."""
    best: Nearest | None = None
    seen = [*((key, digests, True) for key, digests in entries), *((one.key, one.digests, False) for one in others)]
    for key, digests, answered in seen:
        if key == missed.key or not digests:
            continue
        fields = fields_that_differ(missed.digests, digests)
        if fields and (best is None or len(fields) < len(best.fields)):
            best = Nearest(key, fields, answered)
    if best is None or len(best.fields) >= len({*missed.digests}):
        return None
    return best
