"""What traces say of lookups, stores and calls of models: never what was asked, nor what was answered."""

import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import UNSET

from ..core.cache import PromptCache
from ..core.outcome import Outcome, Saved, Stored
from ..responses.answer import Answer
from ..savings.series import SERIES
from ..savings.statistics import Group
from ..stores.base import StoreUnavailable
from .metrics import COLUMNS, Column
from .proxy.routes import Route, mount_of

if TYPE_CHECKING:
    from ..observability.otel import Otel
    from .proxy.asking import Asking

_NATIVE = ("/v1/lookup", "/v1/lookup/batch", "/v1/store", "/v1/store/batch")
_LANGCACHE = "/v1/caches/"
_TOGETHER = 1.0
"""Seconds."""
_OPERATIONS = {
    "openai_chat": "chat",
    "openai_responses": "chat",
    "openai_completions": "text_completion",
    "openai_embeddings": "embeddings",
    "anthropic_messages": "chat",
    "gemini_generate": "generate_content",
    "ollama_chat": "chat",
    "ollama_generate": "text_completion",
    "ollama_embed": "embeddings",
}
"""By endpoint, what the conventions call it."""
_PROVIDERS = {"gemini": "gcp.gemini", "mistral": "mistral_ai", "xai": "x_ai"}
"""By upstream, where the conventions have another name for it."""


def route_of(path: str) -> str | None:
    """The path of a request without what differs from one to the next; None for what is not traced."""
    if path in _NATIVE:
        return path
    if path.startswith(_LANGCACHE):
        return f"{_LANGCACHE}{{cache_id}}/{{path}}"
    mount = mount_of(path)
    return f"{mount}{{path}}" if mount else None


def of_outcome(outcome: Outcome, namespace: str) -> dict[str, Any]:
    """What a lookup found."""
    return {
        "prompt_cache.outcome": outcome.status,
        "prompt_cache.namespace": namespace,
        "prompt_cache.key": outcome.key,
        "prompt_cache.reason": None if outcome.reason is UNSET else str(outcome.reason),
        "prompt_cache.match": None if outcome.match is UNSET else outcome.match,
        "prompt_cache.similarity": None if outcome.similarity is UNSET else float(outcome.similarity),
        **(_saved(outcome.saved) if outcome.saved else {}),
    }


def of_stored(stored: Stored) -> dict[str, Any]:
    """What became of an answer."""
    return {
        "prompt_cache.outcome": "stored" if stored.stored else "refused",
        "prompt_cache.key": stored.key,
        "prompt_cache.reason": None if stored.reason is UNSET else str(stored.reason),
    }


def of_model(asking: "Asking") -> dict[str, Any]:
    """What a call through the proxy asks of a model."""
    request = asking.call.request
    return {
        "gen_ai.operation.name": _OPERATIONS.get(asking.endpoint.name, asking.endpoint.name),
        "gen_ai.provider.name": _PROVIDERS.get(asking.route.upstream.name, asking.route.upstream.name),
        "gen_ai.request.model": (request.model if request else None) or _model(asking.body),
        "gen_ai.request.stream": True if asking.call.framing else None,
        "prompt_cache.namespace": asking.namespace,
        "prompt_cache.upstream": asking.route.upstream.name,
    }


def server_of(route: Route) -> tuple[str | None, int | None]:
    """Host and port of an upstream."""
    parts = urlsplit(route.base)
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def of_answer(answer: Answer) -> tuple[str | None, str | None, dict[str, int | None]]:
    """The model that answered, why it ended, and the tokens that it used."""
    usage = answer.usage
    tokens: dict[str, int | None] = {}
    if usage and not usage.estimated:
        tokens = {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cache_read.input_tokens": usage.cached_input_tokens,
            "cache_creation.input_tokens": usage.cache_write_tokens,
            "reasoning.output_tokens": usage.reasoning_tokens,
        }
    return answer.model, answer.finish_reason, tokens


def send_ledger(otel: "Otel", cache: PromptCache) -> None:
    """Have what the ledger counts sent, by the names that /metrics has for it. Of all workers of a sidecar one does."""
    ledger = _Ledger(cache)
    for column in COLUMNS:
        otel.count(column.name.replace("prompt_cache_", "prompt_cache."), column.help, partial(ledger.read, column))


class _Ledger:
    """Read once for all counters that are sent together."""

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache
        self._groups: list[Group] = []
        self._until = 0.0

    def read(self, column: Column) -> Iterator[tuple[float, Mapping[str, Any]]]:
        if not self._cache.measures.is_first:  # or what all workers count together would be sent by each
            return
        if (now := time.monotonic()) >= self._until:
            self._until = now + _TOGETHER
            try:
                self._groups = self._cache.statistics.totals(lambda _: True, SERIES)
            except StoreUnavailable:
                self._groups = []
        for group in self._groups:
            for values, count in column.values(group):
                labels = {f"prompt_cache.{name}": value for name, value in zip(column.labels, values, strict=True)}
                yield count, {"prompt_cache.namespace": group.group, **labels}


def _saved(saved: Saved) -> dict[str, Any]:
    return {
        "prompt_cache.saved_usd": saved.cost_usd,
        "prompt_cache.saved_input_tokens": saved.input_tokens,
        "prompt_cache.saved_output_tokens": saved.output_tokens,
        "prompt_cache.saved_seconds": saved.seconds,
    }


def _model(body: Mapping[str, Any]) -> str | None:
    model = body.get("model")
    return model if isinstance(model, str) else None
