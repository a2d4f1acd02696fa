"""For those who run it: is it up, is the store there, what are the numbers."""

from collections.abc import Iterator, Mapping

from flask import Response
from msgspec import Struct
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .. import __version__
from ..core.cache import PromptCache
from ..savings.series import OTHER
from ..stores.base import NamespaceSize
from .api import Api
from .auth import Caller

_NAMESPACES = 200
"""The most namespaces that have numbers of their own; callers invent the names, and each is many lines."""


class Health(Struct):
    """The process is up."""

    status: str
    version: str


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("GET", "/healthz", role=None, returns=Health)
    def healthz() -> Health:
        """Is the process up? Asks nothing of the store."""
        return Health("ok", __version__)

    @api.route("GET", "/readyz", role=None, returns=Health, fails=(503,))
    def readyz() -> Health:
        """Can the store be reached?"""
        cache.ping()
        return Health("ready", __version__)

    @api.route("GET", "/metrics", role="reader", returns=None)
    def metrics(caller: Caller) -> Response:
        """All counters, in the Prometheus text format; they are the store's, so any worker tells the whole."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Numbers(cache, caller))
        return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


class _Numbers(Collector):
    def __init__(self, cache: PromptCache, caller: Caller) -> None:
        self._cache = cache
        self._caller = caller

    def collect(self) -> Iterator[Metric]:
        groups = self._cache.statistics.totals(self._caller.may_touch, _NAMESPACES)
        labels = ["namespace"]
        lookups = CounterMetricFamily("prompt_cache_lookups", "Lookups by outcome.", labels=[*labels, "outcome"])
        answers = CounterMetricFamily("prompt_cache_answers", "Answers stored and refused.", labels=[*labels, "fate"])
        dollars = CounterMetricFamily("prompt_cache_saved_usd", "Dollars that hits saved.", labels=labels)
        unpriced = CounterMetricFamily("prompt_cache_unpriced_hits", "Hits whose price is unknown.", labels=labels)
        tokens = CounterMetricFamily("prompt_cache_saved_tokens", "Tokens that hits saved.", labels=[*labels, "kind"])
        waits = CounterMetricFamily("prompt_cache_saved_seconds", "Seconds of waiting that hits saved.", labels=labels)
        for group in groups:
            for outcome, value in (("hit", group.hits), ("miss", group.misses), ("stale", group.stale)):
                lookups.add_metric([group.group, outcome], value)
            for fate, value in (("stored", group.stored), ("refused", group.refused)):
                answers.add_metric([group.group, fate], value)
            dollars.add_metric([group.group], group.saved.cost_usd)
            unpriced.add_metric([group.group], group.saved.unpriced_hits)
            tokens.add_metric([group.group, "input"], group.saved.input_tokens)
            tokens.add_metric([group.group, "output"], group.saved.output_tokens)
            waits.add_metric([group.group], group.saved.seconds)
        yield from (lookups, answers, dollars, unpriced, tokens, waits)
        entries = GaugeMetricFamily("prompt_cache_entries", "Entries held.", labels=labels)
        size = GaugeMetricFamily("prompt_cache_bytes", "Bytes held.", labels=labels)
        for namespace, held in _largest(self._cache.sizes(self._caller.may_touch)).items():
            entries.add_metric([namespace], held.entries)
            size.add_metric([namespace], held.bytes)
        yield from (entries, size)


def _largest(sizes: Mapping[str, NamespaceSize]) -> dict[str, NamespaceSize]:
    """The namespaces with the most entries, and the rest as one."""
    ranked = sorted(sizes, key=lambda name: (name != OTHER, sizes[name].entries), reverse=True)
    shown = {name: sizes[name] for name in ranked[:_NAMESPACES]}
    if rest := [sizes[name] for name in ranked[_NAMESPACES:]]:
        rest += [shown.pop(OTHER)] if OTHER in shown else []
        shown[OTHER] = NamespaceSize(sum(each.entries for each in rest), sum(each.bytes for each in rest))
    return shown
