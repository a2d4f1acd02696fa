"""The decisions, as pure functions: hit, stale or miss; store or refuse; for how long. Each with a named reason."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import Struct

from ..responses.answer import Answer
from ..responses.answer import finish_reason as finish
from ..stores.base import Bounds
from .entry import Entry


class MissReason(StrEnum):
    """Why there is no answer to serve."""

    NOT_FOUND = "not_found"
    EXPIRED = "expired"
    TOO_OLD = "too_old"
    """Older than the `max_age` of this lookup."""
    VERSION_CHANGED = "version_changed"
    """Something it depends on was bumped since."""
    CORRUPT = "corrupt"
    """The stored bytes were damaged; the entry is gone."""


class NotStored(StrEnum):
    """Why an answer is not stored."""

    TTL_ZERO = "ttl_zero"
    EMPTY_RESPONSE = "empty_response"
    ERROR_RESPONSE = "error_response"
    FINISH_REASON_LENGTH = "finish_reason_length"
    FINISH_REASON_CONTENT_FILTER = "finish_reason_content_filter"
    OTHER_MODEL = "other_model"
    """Another model answered than was asked, such as a fallback; its answer is not the asked model's."""
    VERSION_CHANGED = "version_changed"
    """Something it depends on was bumped while the model was thinking: it could never be served."""
    CACHING_OFF = "caching_off"
    """The store keeps nothing."""
    UNKNOWN_KEY = "unknown_key"
    """Nobody looked this key up within the hour (in a batch; alone, it is a 404)."""


class Freshness(Struct, frozen=True):
    """`stale` and `fresh` both have an answer; `reason` says why it is not fresh."""

    fresh: bool
    stale: bool = False
    reason: MissReason | None = None


FRESH = Freshness(fresh=True)


def freshness_of(
    entry: Entry,
    now: float,
    versions: Mapping[str, int],
    *,
    max_age: float | None = None,
    max_stale: float | None = None,
) -> Freshness:
    """Whether an entry may be served. `versions` holds the numbers its dependencies have now; durations in seconds."""
    if any(versions.get(name, 0) > entry.generation for name in entry.depends_on):
        return Freshness(False, reason=MissReason.VERSION_CHANGED)
    if max_age is not None and now - entry.created > max_age:
        return Freshness(False, reason=MissReason.TOO_OLD)
    if entry.expires is not None and now >= entry.expires:
        within = max_stale is not None and now - entry.expires <= max_stale
        return Freshness(False, stale=within, reason=MissReason.EXPIRED)
    return FRESH


_DATED = re.compile(r"([-@:]?[0-9][-0-9]*)?(-latest)?")
_REFUSED_FINISHES = {
    "error": NotStored.ERROR_RESPONSE,
    "length": NotStored.FINISH_REASON_LENGTH,
    "content_filter": NotStored.FINISH_REASON_CONTENT_FILTER,
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
    finished = finish(finish_reason) if finish_reason else answer.finish_reason
    refused = _REFUSED_FINISHES.get(finished or "")
    if refused:
        return refused
    if answer.is_empty:
        return NotStored.EMPTY_RESPONSE
    if asked_model and answer.model and _other_model(asked_model, answer.model, model_id):
        return NotStored.OTHER_MODEL
    return None


def _other_model(asked: str, answered: str, model_id: Callable[[str], str | None]) -> bool:
    """Only where both are known: an alias or a deployment may be answered by any model, and rightly so."""
    if _DATED.fullmatch(answered.lower().removeprefix(asked.lower().removesuffix("-latest"))):
        return False
    ids = model_id(asked), model_id(answered)
    return None not in ids and ids[0] != ids[1]


class TtlRule(Struct, frozen=True):
    """The life of answers of models that match a pattern such as `gpt-4o*`; `ttl` in seconds, None for ever."""

    model: str
    ttl: float | None


class Lifetime(Struct, frozen=True, kw_only=True):
    """How long answers of a namespace live, in seconds."""

    ttl: float | None = 86400.0
    rules: tuple[TtlRule, ...] = ()
    max_ttl: float | None = None
    """A ceiling that no call can lift."""
    jitter: float = 0.0
    """At most this share of a life (0 to 1) is taken off at random: what is stored together must not die together."""

    def of(self, model: str | None, random: float) -> float | None:
        """The life an answer of this model gets when the call names none."""
        ttl = next((rule.ttl for rule in self.rules if fnmatchcase(model or "", rule.model)), self.ttl)
        return self.bounded(ttl, random)

    def bounded(self, ttl: float | None, random: float) -> float | None:
        """A life under the ceiling, less its jitter; `random` is between 0 and 1."""
        if self.max_ttl is not None:
            ttl = self.max_ttl if ttl is None else min(ttl, self.max_ttl)
        return ttl if ttl is None else ttl * (1.0 - self.jitter * random)


class NamespaceRules(Struct, frozen=True, kw_only=True):
    """What holds in one namespace unless a call says otherwise."""

    lifetime: Lifetime = Lifetime()
    normalize: str | tuple[str, ...] = "whitespace"
    ignore: tuple[tuple[str, ...], ...] = ()
    """Paths of request fields that do not shape the answer, beside those that never do."""
    bounds: Bounds = Bounds()
    keep_stale: float = 86400.0
    """For how many seconds after its life an answer is kept, for lookups that accept stale ones."""


class Rules:
    """The rules of each namespace: of the first pattern that matches its name, else the defaults."""

    def __init__(
        self,
        defaults: NamespaceRules | None = None,
        patterns: Mapping[str, NamespaceRules] | None = None,
    ) -> None:
        self._defaults = defaults or NamespaceRules()
        self._patterns = dict(patterns or {})
        self._found: dict[str, NamespaceRules] = {}

    def __getitem__(self, namespace: str) -> NamespaceRules:
        rules = self._found.get(namespace)
        if rules is None:
            matches = (rules for pattern, rules in self._patterns.items() if fnmatchcase(namespace, pattern))
            rules = self._patterns.get(namespace) or next(matches, self._defaults)
            if len(self._found) < 10_000:
                self._found[namespace] = rules
        return rules
