"""The decisions, as pure functions: hit, stale or miss; store or not. Each with a named reason."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from ..responses.answer import Answer
from ..responses.models import same_model
from ..responses.words import finish_reason as finish
from .entry import Entry


class MissReason(StrEnum):
    """Why there is no answer to serve."""

    NOT_FOUND = "not_found"
    EXPIRED = "expired"
    TOO_OLD = "too_old"
    """Older than the `max_age` of this lookup, or of unknown age: the clock was set back since it was stored."""
    VERSION_CHANGED = "version_changed"
    """Something it depends on was bumped since."""
    CORRUPT = "corrupt"
    """The stored bytes were damaged; the entry is gone."""
    NOT_RECORDED = "not_recorded"
    """Its namespace records: whatever is answered is to be stored, also what a cache would not keep."""
    EMBEDDER_UNAVAILABLE = "embedder_unavailable"
    """Only the very same question could be looked for."""
    REJECTED = "rejected"
    """One that is worded differently is there, and it was said that its answer does not serve this one."""
    SHADOW = "shadow"
    """One that is worded differently is there; its answer is compared with the one that comes now."""
    NOT_PROVEN = "not_proven"
    """The same, because it is not proven that such answers are seldom enough wrong."""
    GUARD_LANGUAGE = "guard:language"
    """One that is worded differently is there, but the two differ: in this, and below in that."""
    GUARD_QUOTES = "guard:quotes"
    GUARD_LINKS = "guard:links"
    GUARD_IDENTIFIERS = "guard:identifiers"
    GUARD_NUMBERS = "guard:numbers"
    GUARD_DATES = "guard:dates"
    GUARD_NEGATION = "guard:negation"
    GUARD_ANTONYMS = "guard:antonyms"
    GUARD_ENTITIES = "guard:entities"
    GUARD_QUESTION = "guard:question"
    GUARD_FORM = "guard:form"
    GUARD_OPERATORS = "guard:operators"
    GUARD_ORDER = "guard:order"
    GUARD_REMAINDER = "guard:remainder"


def guard_reason(guard: str) -> MissReason:
    """The reason of what a guard refused."""
    return MissReason(f"guard:{guard}")


class NotStored(StrEnum):
    """Why an answer is not stored."""

    TTL_ZERO = "ttl_zero"
    EMPTY_RESPONSE = "empty_response"
    ERROR_RESPONSE = "error_response"
    FINISH_REASON_LENGTH = "finish_reason_length"
    FINISH_REASON_CONTENT_FILTER = "finish_reason_content_filter"
    UNFINISHED = "unfinished"
    """The model had not come to an end: queued, in progress, a stream that was cut off."""
    OTHER_MODEL = "other_model"
    """Another model answered than was asked, such as a fallback; its answer is not the asked model's."""
    UNUSABLE_OUTPUT = "unusable_output"
    """The request states what its answer has to be, and it is not."""
    VERSION_CHANGED = "version_changed"
    """Something it depends on was bumped while the model was thinking: it could never be served."""
    FLUSHED = "flushed"
    """Its namespace was flushed while the model was thinking."""
    FOREIGN_TICKET = "foreign_ticket"
    """The ticket is that of a lookup of another request."""
    REPLAYED = "replayed"
    """Its namespace is answered from a cassette alone."""
    CACHING_OFF = "caching_off"
    """The store keeps nothing."""
    UNKNOWN_KEY = "unknown_key"
    """Nobody looked this key up within the hour (in a batch; alone, it is a 404)."""


FLUSH = "\x1fflush"
"""The version name that every answer depends on. No caller can name it."""


class Freshness(Struct, frozen=True):
    """`stale` and `fresh` both have an answer; `reason` says why it is not fresh."""

    fresh: bool
    stale: bool = False
    reason: MissReason | None = None


FRESH = Freshness(fresh=True)

_SKEW = 5.0
"""Seconds that the clocks of two sidecars may differ. Stored later than that from now, an answer's age is unknown."""


def outdated(depends_on: Iterable[str], generation: int, versions: Mapping[str, int]) -> bool:
    """Whether a name was bumped since the generation at which an answer was asked for.

    `versions` holds the generation of each name that was ever bumped.
    """
    return any(versions.get(name, 0) > generation for name in depends_on)


def freshness_of(
    entry: Entry,
    now: float,
    versions: Mapping[str, int],
    *,
    max_age: float | None = None,
    max_stale: float | None = None,
) -> Freshness:
    """Whether an entry may be served. `versions` holds the numbers its dependencies have now; durations in seconds."""
    if outdated((FLUSH,), entry.admitted, versions):
        return Freshness(False, reason=MissReason.NOT_FOUND)
    if outdated(entry.depends_on, entry.generation, versions):
        return Freshness(False, reason=MissReason.VERSION_CHANGED)
    if max_age is not None and not -_SKEW <= now - entry.created <= max_age:
        return Freshness(False, reason=MissReason.TOO_OLD)
    if entry.expires is not None and now >= entry.expires:
        within = max_stale is not None and now - entry.expires <= max_stale
        return Freshness(False, stale=within, reason=MissReason.EXPIRED)
    return FRESH


_REFUSED_FINISHES = {
    "error": NotStored.ERROR_RESPONSE,
    "length": NotStored.FINISH_REASON_LENGTH,
    "content_filter": NotStored.FINISH_REASON_CONTENT_FILTER,
    "unfinished": NotStored.UNFINISHED,
}


def not_stored_reason(
    answer: Answer,
    *,
    finish_reason: str | None = None,
    asked_model: str | None = None,
    model_id: Callable[[str], str | None] = lambda name: name,
) -> NotStored | None:
    """Why an answer must not be stored, or None. The caller's finish reason, when given, goes before the answer's.

    `model_id` gives a model name's identity, None for names it does not know, such as a deployment's.
    """
    if answer.is_error:
        return NotStored.ERROR_RESPONSE
    finished = (finish(finish_reason) if finish_reason else None) or answer.finish_reason
    refused = _REFUSED_FINISHES.get(finished or "")
    if refused:
        return refused
    if answer.is_empty:
        return NotStored.EMPTY_RESPONSE
    if asked_model and answer.model and _other_model(asked_model, answer.model, model_id):
        return NotStored.OTHER_MODEL
    return None


def _other_model(asked: str, answered: str, model_id: Callable[[str], str | None]) -> bool:
    """What the names do not tell is known of models that are known: a deployment may be any model, and rightly so."""
    same = same_model(asked, answered)
    if same is not None:
        return not same
    ids = model_id(asked), model_id(answered)
    return None not in ids and ids[0] != ids[1]
