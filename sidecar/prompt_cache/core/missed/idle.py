"""Answers that nobody has asked for again since they were stored: they cost room, and nothing else."""

from msgspec import Struct

from ...stores.base import RecordQuery, Store
from ..rules import Rules
from .settings import setting_yaml

_GRACE = 86400.0
"""Seconds after it was stored for which nobody wonders that an answer was not asked for."""
_COUNTED = 1000
_FEW = 100
"""Answers below which nobody minds."""
_MEGABYTE = 1_000_000


class Idle(Struct, frozen=True, kw_only=True):
    """Answers of a namespace that were stored more than a day ago and never served."""

    entries: int
    more: bool
    """Whether there are more than were counted."""
    held: int
    """How many the namespace holds."""
    bytes: int
    """About what those that were counted take."""
    yaml: str | None
    """A bound at which they give way first; None where there is one."""


def idle(store: Store, rules: Rules, namespace: str, now: float) -> Idle | None:
    """None where there are none. Raises StoreUnavailable."""
    size = store.sizes().get(namespace)
    query = RecordQuery(namespace=namespace, unserved=True, created_before=now - _GRACE, order="oldest")
    page = store.find(query, limit=_COUNTED) if size and size.entries else None
    if not (size and page) or len(page.keys) < _FEW:
        return None
    counted, held = len(page.keys), max(size.entries, len(page.keys))
    taken = size.bytes * counted // held
    yaml = None
    if rules[namespace].bounds.max_bytes is None:
        bound = max(1, -(-(size.bytes - taken) * 5 // 4 // _MEGABYTE))  # what was served, and a quarter more
        yaml = setting_yaml(rules, namespace, max_bytes=f"{bound}MB")
    return Idle(entries=counted, more=page.cursor is not None, held=held, bytes=taken, yaml=yaml)
