"""The checks, in the order in which they are told."""

from collections.abc import Iterator

import msgspec

from .address import address
from .embedder import embedder
from .files import disk, permissions
from .finding import Check, Finding, Situation
from .otel import otel
from .prices import prices
from .store import clock, store
from .token import token
from .upstreams import upstreams
from .verifier import verifier
from .versions import versions

CHECKS: tuple[Check, ...] = (
    versions,
    token,
    permissions,
    address,
    disk,
    store,
    clock,
    upstreams,
    embedder,
    verifier,
    otel,
    prices,
)


def examine(situation: Situation) -> Iterator[Finding]:
    """What every check finds; one that fails itself is a finding too."""
    for check in CHECKS:
        try:
            for finding in check(situation):
                yield msgspec.structs.replace(finding, check=check.__name__)
        except OSError as error:
            says = f"could not be looked at: {error.strerror or type(error).__name__}"
            yield Finding("mend", says, "run this as the user that serves", check.__name__)
