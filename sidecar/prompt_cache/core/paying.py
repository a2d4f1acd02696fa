"""What an answer that is to be stored was paid for, as pure functions."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..responses.answer import Answer
from ..responses.usage import Usage, estimate, from_fields
from .entry import Entry
from .policy import NotStored

_FREE = (NotStored.ERROR_RESPONSE, NotStored.UNFINISHED)
"""What nobody pays for, unless it says what was used."""
_RETRIED = 600.0
"""Seconds within which the same answer, word for word, is that of the same call."""


def usage_of(given: Mapping[str, Any] | None, answer: Answer, input_tokens: int) -> Usage:
    """What a call used: as the caller says, or else the answer, or an estimate with a rough count of what was asked.

    An empty mapping says that nobody knows.
    """
    stated = (from_fields(given) if given else None) or answer.usage
    if stated or given == {}:
        return stated or Usage()
    return msgspec.structs.replace(estimate("", answer.text), input_tokens=input_tokens)


def costs_nothing(reason: NotStored | None, usage: Usage, cost_usd: float | None) -> bool:
    """Whether an answer that is not stored for this reason was no call to a model, or one that is not paid."""
    if reason is NotStored.REPLAYED:
        return True
    return reason in _FREE and cost_usd is None and (usage.estimated or not any(usage.counts()))


def is_again(there: Entry | None, response: bytes, now: float) -> bool:
    """Whether an answer that nobody is known to wait for is the one that is there: a store that was sent twice."""
    return there is not None and there.response == response and 0 <= now - there.created <= _RETRIED
