"""What every call through the proxy is answered with."""

from typing import NamedTuple

from ...core.cache import PromptCache
from ..front.lookups import Lookups
from ..front.storing import NewEntries
from .client import Client
from .flights import Flights


class Parts(NamedTuple):
    """Shared by all calls of a process."""

    cache: PromptCache
    lookups: Lookups
    new_entries: NewEntries
    flights: Flights
    client: Client
    most: int
    """Bytes of an answer that can be kept."""
