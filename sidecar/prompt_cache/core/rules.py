"""What holds in a namespace: how long answers live, what is normalized, how much is kept."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Literal

from msgspec import Struct

from ..semantic.guards.names import GUARDS
from ..stores.base import Bounds
from ..values.names import is_namespace


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
        rule = self.rule_of(model)
        return self.bounded(self.ttl if rule is None else self.rules[rule].ttl, random)

    def rule_of(self, model: str | None) -> int | None:
        """Which of the rules is for this model; None where none is."""
        return next((at for at, rule in enumerate(self.rules) if fnmatchcase(model or "", rule.model)), None)

    def bounded(self, ttl: float | None, random: float) -> float | None:
        """A life under the ceiling, less its jitter; `random` is between 0 and 1."""
        if self.max_ttl is not None:
            ttl = self.max_ttl if ttl is None else min(ttl, self.max_ttl)
        return ttl if ttl is None else ttl * (1.0 - self.jitter * random)


class ProxyRules(Struct, frozen=True, kw_only=True):
    """What holds for calls that are passed on to a provider."""

    shared: bool = False
    """Whether an answer that one provider key paid for is given to callers with another."""
    bypass: bool = True
    """Whether a caller may ask past the cache."""
    cache_tool_calls: bool = False
    finish_after_disconnect: bool = False
    """Whether an answer is read to its end, and kept, when nobody waits for it any more."""
    zero_usage: bool = False
    """Whether a hit says that nothing was used, instead of what was used at the time."""
    tokens_per_second: float | None = None
    """The pace of a stream that comes from the cache; None for all at once."""
    by_name: bool = False
    """Whether an upstream is known by its name, wherever it is, instead of by its address."""
    passes: bool = True
    """Whether what cannot be answered from the cache is passed on."""


class Recording(Struct, frozen=True, kw_only=True):
    """That a namespace is answered from a cassette, instead of from what is stored."""

    mode: Literal["record", "replay"]
    path: str
    scrub: tuple[str, ...] = ()
    """Patterns of secrets, beside those that are known."""


class SemanticRules(Struct, frozen=True, kw_only=True):
    """How questions that are not the same may share an answer; similarities from 0 to 1."""

    match: bool = False
    """Whether lookups that do not say how they match look beyond the same question."""
    threshold: float | None = None
    """From which similarity on guards are asked; None is as the embedder says."""
    guards: tuple[str, ...] = GUARDS
    shadow: bool = False
    """Whether what would be served is compared with the fresh answer instead."""
    verify: Literal["later", "sync"] | None = None
    """Whether a model is asked about pairs that are not served: off the caller's path, or before the answer."""
    verify_from: float | None = None
    """The similarity from which on it is asked; None is a little below the threshold."""
    max_error: float | None = None
    """The share of wrong answers that has to be ruled out before any is served."""


class NamespaceRules(Struct, frozen=True, kw_only=True):
    """What holds in one namespace unless a call says otherwise."""

    lifetime: Lifetime = Lifetime()
    normalize: str | tuple[str, ...] = "whitespace"
    mask_system: bool = False
    """Whether the masks of `normalize` reach system prompts too."""
    ignore: tuple[tuple[str, ...], ...] = ()
    """Paths of request fields that do not shape the answer, beside those that never do."""
    bounds: Bounds = Bounds()
    keep_stale: float = 86400.0
    """For how many seconds after its life an answer is kept, for lookups that accept stale ones."""
    proxy: ProxyRules = ProxyRules()
    recording: Recording | None = None
    semantic: SemanticRules = SemanticRules()


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

    @property
    def all(self) -> list[NamespaceRules]:
        """The rules that there are, the defaults among them."""
        return [self._defaults, *self._patterns.values()]

    @property
    def names(self) -> list[str]:
        """The namespaces that have rules by their own name."""
        return list(filter(is_namespace, self._patterns))

    def section_of(self, namespace: str) -> str:
        """The name or pattern under which the configuration has, or would have, the rules of a namespace."""
        if namespace in self._patterns:
            return namespace
        return next((pattern for pattern in self._patterns if fnmatchcase(namespace, pattern)), namespace)

    def __getitem__(self, namespace: str) -> NamespaceRules:
        rules = self._found.get(namespace)
        if rules is None:
            matches = (rules for pattern, rules in self._patterns.items() if fnmatchcase(namespace, pattern))
            rules = self._patterns.get(namespace) or next(matches, self._defaults)
            if len(self._found) < 10_000:
                self._found[namespace] = rules
        return rules
