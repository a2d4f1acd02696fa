"""Saying no in time."""

from ..failures import RETRY_AFTER, HttpError

LONGEST_WAIT = 5.0
"""Seconds a request waits for its turn; who waits longer has given up, or should call the model."""


def overloaded() -> HttpError:
    """Too many requests wait already."""
    headers = {"Retry-After": str(RETRY_AFTER)}
    return HttpError(503, "overloaded", "too many requests wait already; call the model as if it were a miss", headers)
