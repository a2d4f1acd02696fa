"""An answer on its way into the cache, and the entry it becomes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from ..keying.request import Request, text_of
from ..responses.answer import Answer
from ..responses.usage import Usage, estimate, from_fields
from ..savings.prices import PriceOverride, model_id, price
from ..stores.base import Record
from .entry import Entry, Miss, Source, pack
from .filters import labels
from .policy import Lifetime, NotStored, not_stored_reason


class NewEntry(Struct, frozen=True, kw_only=True):
    """An answer to keep, under the key of a lookup or under the request itself."""

    response: bytes
    key: str | None = None
    request: Request | None = None
    ttl: float | None | UnsetType = UNSET
    tags: Sequence[str] = ()
    depends_on: Sequence[str] = ()
    usage: Mapping[str, Any] | None = None
    cost_usd: float | None = None
    latency: float | None = None
    finish_reason: str | None = None
    repeats: int = 0
    """How many repeats of the question in its batch get this answer as well, without a lookup of their own."""
    lease: str | None = None
    source: Source | None = None


def entry_from(
    new_entry: NewEntry,
    answer: Answer,
    miss: Miss,
    *,
    numbers: Mapping[str, int],
    lifetime: Lifetime,
    prices: Mapping[str, PriceOverride],
    now: float,
    random: float,
) -> Entry | NotStored:
    """The entry an answer becomes, or why it does not. `numbers` are its dependencies' version numbers by now."""
    reason = not_stored_reason(answer, finish_reason=new_entry.finish_reason, asked_model=miss.model, model_id=model_id)
    if reason:
        return reason
    if any(numbers.get(name, 0) > miss.generation for name in new_entry.depends_on):
        return NotStored.VERSION_CHANGED
    ttl = lifetime.of(miss.model, random) if new_entry.ttl is UNSET else lifetime.bounded(new_entry.ttl, random)
    if ttl == 0:
        return NotStored.TTL_ZERO
    usage = _usage(new_entry, answer, miss)
    cost = new_entry.cost_usd
    for model in (answer.model, miss.model):
        cost = price(model, usage, prices) if cost is None else cost
    return Entry(
        namespace=miss.namespace,
        response=new_entry.response,
        created=now,
        expires=None if ttl is None else now + ttl,
        model=miss.model,
        answered_by=answer.model,
        attributes=miss.attributes,
        tags=sorted(set(new_entry.tags)),
        depends_on=sorted(set(new_entry.depends_on)),
        generation=miss.generation,
        usage=usage,
        cost_usd=cost,
        latency=new_entry.latency,
        finish_reason=new_entry.finish_reason or answer.finish_reason,
        digests=miss.digests,
        request=miss.request,
        source=new_entry.source or miss.source,
    )


def record_of(key: str, entry: Entry, keep_stale: float) -> Record:
    """What a store keeps of an entry, and for `keep_stale` seconds longer than it is fresh."""
    return Record(
        key=key,
        namespace=entry.namespace,
        body=pack(entry),
        created=entry.created,
        expires=None if entry.expires is None else entry.expires + keep_stale,
        labels=labels(entry),
        worth=worth(entry),
        text=None if entry.request is None else asked_text(msgspec.json.decode(entry.request)),
    )


def worth(entry: Entry) -> float:
    """Dollars a hit saves; without a price a rough one, so that such entries rank among themselves."""
    if entry.cost_usd is not None:
        return entry.cost_usd
    usage = entry.usage or Usage()
    return ((usage.input_tokens or 0) + 4 * (usage.output_tokens or 0)) * 1e-7


def missed_again(entry: Entry) -> Miss:
    """What is known of the question an entry answers, as if it had just been missed."""
    return Miss(
        namespace=entry.namespace,
        missed=entry.created,
        generation=entry.generation,
        model=entry.model,
        attributes=entry.attributes,
        digests=entry.digests,
        request=entry.request,
        input_tokens=(entry.usage or Usage()).input_tokens or 0,
        source=entry.source,
    )


def asked_text(parts: Mapping[str, Any]) -> str:
    """All the text of a canonical request."""
    texts = [
        text_of(parts.get("system")),
        *(text_of(message.get("content")) for message in parts["messages"]),
    ]
    return "\n".join(text for text in texts if text)


def _usage(new_entry: NewEntry, answer: Answer, miss: Miss) -> Usage:
    given = from_fields(new_entry.usage) if new_entry.usage else None
    if given or answer.usage:
        return given or answer.usage or Usage()
    rough = estimate("", answer.text)
    return msgspec.structs.replace(rough, input_tokens=miss.input_tokens)
