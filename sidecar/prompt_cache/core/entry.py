"""A stored answer with its cost and its life."""

import msgspec
from msgspec import Struct

from ..responses.usage import Usage
from .packing import unpack


class Source(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who asked: names for the savings report, never part of a key."""

    workflow: str = ""
    node: str = ""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stored answer. Times are seconds since the epoch."""

    namespace: str
    response: bytes
    """The answer's JSON, byte for byte as it was stored."""
    created: float
    expires: float | None
    model: str | None = None
    answered_by: str | None = None
    """The model that the answer itself names."""
    attributes: dict[str, str] = {}
    tags: list[str] = []
    depends_on: list[str] = []
    generation: int = 0
    """The namespace's generation when the lookup missed."""
    admitted: int = 0
    """The same, or that at which it was imported: a later flush has emptied the namespace of it, too."""
    usage: Usage | None = None
    cost_usd: float | None = None
    latency: float | None = None
    finish_reason: str | None = None
    digests: dict[str, str] = {}
    request: bytes | None = None
    """The canonical request's JSON, where prompts are kept."""
    source: Source = Source()
    alias_of: str | None = None
    """The key of the entry whose answer this is: it is served while that one stands as it was."""

    @property
    def worth(self) -> float:
        """Dollars a hit saves; without a price a rough one, so that such entries rank among themselves."""
        if self.cost_usd is not None:
            return self.cost_usd
        usage = self.usage or Usage()
        return ((usage.input_tokens or 0) + 4 * (usage.output_tokens or 0)) * 1e-7


_decoder = msgspec.msgpack.Decoder(Entry)


def unpack_entry(data: bytes) -> Entry:
    """Raises Corrupt when a single bit differs from what was packed."""
    return unpack(data, _decoder)
