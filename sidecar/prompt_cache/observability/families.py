"""What is measured of the service itself: the metrics, their labels, and every value that a label can have."""

from collections.abc import Iterable, Sequence
from itertools import product

from msgspec import Struct

KINDS = ("lookup", "store", "proxy_hit", "proxy_miss", "proxy_passed", "langcache", "other")
"""Of requests: what they asked for, and of a provider's call what came of it."""
STATUSES = ("2xx", "3xx", "4xx", "5xx", "left")
"""Of answers; `left` is a client that was gone before it had one."""
UPSTREAM_FAILURES = ("timeout", "unreachable", "cut_off", "429", "4xx", "5xx")
STORE_CALLS = ("read", "write", "find", "lease", "count")
STORE_ERRORS = ("unavailable", "busy", "full")
OTHER = "other"
"""The value of what has no other."""

_REQUESTS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_UPSTREAMS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300)
_STORE = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Family(Struct, frozen=True, kw_only=True):
    """A metric with a fixed set of series, so that nobody who calls can make it grow."""

    name: str
    help: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, ...], ...]
    """Every combination of the labels' values that there is."""
    bounds: tuple[float, ...] = ()
    """Of a histogram, the upper bounds of its buckets in seconds; a counter has none."""
    of_upstreams: bool = False
    """Whether its first label is an upstream's name: those that were never called are not shown."""

    @property
    def width(self) -> int:
        """How many numbers a series has: a count, or one for each bucket, one for what is beyond, and the sum."""
        return len(self.bounds) + 2 if self.bounds else 1


def families(upstreams: Iterable[str] = ()) -> Sequence[Family]:
    """All of them; `upstreams` are the names of those that calls may go to."""
    names = tuple(dict.fromkeys((*upstreams, OTHER)))
    each = tuple((name,) for name in names)
    return (
        Family(
            name="prompt_cache_request_duration_seconds",
            help="How long requests took, from their head to the end of their answer.",
            labels=("kind",),
            series=tuple((kind,) for kind in KINDS),
            bounds=_REQUESTS,
        ),
        Family(
            name="prompt_cache_requests",
            help="Requests by the status of their answer.",
            labels=("kind", "status"),
            series=tuple(product(KINDS, STATUSES)),
        ),
        Family(
            name="prompt_cache_upstream_first_byte_seconds",
            help="How long upstreams took to begin their answer.",
            labels=("upstream",),
            series=each,
            bounds=_UPSTREAMS,
            of_upstreams=True,
        ),
        Family(
            name="prompt_cache_upstream_duration_seconds",
            help="How long calls to upstreams took, to the end of their answer.",
            labels=("upstream",),
            series=each,
            bounds=_UPSTREAMS,
            of_upstreams=True,
        ),
        Family(
            name="prompt_cache_upstream_failures",
            help="Calls to upstreams that brought no answer of a model.",
            labels=("upstream", "reason"),
            series=tuple(product(names, UPSTREAM_FAILURES)),
            of_upstreams=True,
        ),
        Family(
            name="prompt_cache_store_duration_seconds",
            help="How long the store took for calls that succeeded.",
            labels=("operation",),
            series=tuple((operation,) for operation in STORE_CALLS),
            bounds=_STORE,
        ),
        Family(
            name="prompt_cache_store_errors",
            help="Calls of the store that failed.",
            labels=("kind",),
            series=tuple((kind,) for kind in STORE_ERRORS),
        ),
    )
