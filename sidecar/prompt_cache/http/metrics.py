"""The numbers for Prometheus: what the ledger has, by namespace, and how this sidecar does."""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate

from msgspec import Struct
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from .. import __version__
from ..core.cache import PromptCache
from ..core.policy import MissReason, NotStored
from ..observability.families import Family
from ..observability.measures import Board
from ..savings.series import OTHER, SERIES
from ..savings.statistics import Group
from ..stores.base import NamespaceSize, StoreUnavailable
from .auth import Caller

Values = Iterable[tuple[tuple[str, ...], float]]
"""Of the labels beside the namespace, and the sum that they have."""


class Column(Struct, frozen=True):
    """A counter that each namespace has."""

    name: str
    help: str
    labels: tuple[str, ...]
    values: Callable[[Group], Values]


def _one(value: float) -> Values:
    return (((), value),)


def _of(**values: float) -> Values:
    return (((name,), value) for name, value in values.items())


def _known(counts: Mapping[str, int], names: Iterable[str]) -> Values:
    """What has occurred of a fixed set: of most reasons, most namespaces have none."""
    return (((name,), counts[name]) for name in names if counts.get(name))


COLUMNS = (
    Column(
        "prompt_cache_lookups",
        "Lookups by outcome.",
        ("outcome",),
        lambda group: _of(hit=group.hits, miss=group.misses, stale=group.stale),
    ),
    Column(
        "prompt_cache_hits",
        "Hits by how their question matched.",
        ("match",),
        lambda group: _of(**{kind: served.hits for kind, served in group.by_match.items()}),
    ),
    Column(
        "prompt_cache_misses",
        "Misses by why there was nothing to serve.",
        ("reason",),
        lambda group: _known(group.misses_by_reason, MissReason),
    ),
    Column(
        "prompt_cache_answers",
        "Answers stored and refused.",
        ("fate",),
        lambda group: _of(stored=group.stored, refused=group.refused),
    ),
    Column(
        "prompt_cache_refused_answers",
        "Answers that were not stored, by why.",
        ("reason",),
        lambda group: _known(group.refused_by_reason, NotStored),
    ),
    Column("prompt_cache_saved_usd", "Dollars that hits saved.", (), lambda group: _one(group.saved.cost_usd)),
    Column(
        "prompt_cache_saved_tokens",
        "Tokens that hits saved.",
        ("kind",),
        lambda group: _of(input=group.saved.input_tokens, output=group.saved.output_tokens),
    ),
    Column(
        "prompt_cache_saved_seconds", "Seconds of waiting that hits saved.", (), lambda group: _one(group.saved.seconds)
    ),
    Column(
        "prompt_cache_unpriced_hits",
        "Hits whose price is unknown.",
        (),
        lambda group: _one(group.saved.unpriced_hits),
    ),
    Column(
        "prompt_cache_spent_usd",
        "Dollars that were paid, by what for.",
        ("kind",),
        lambda group: _of(
            answers=max(0.0, group.spent.cost_usd - group.spent.verifier_usd - group.spent.embedding_usd),
            verifier=group.spent.verifier_usd,
            embeddings=group.spent.embedding_usd,
        ),
    ),
    Column("prompt_cache_calls", "Calls of models that were paid.", (), lambda group: _one(group.spent.calls)),
    Column(
        "prompt_cache_unpriced_calls",
        "Calls of models whose price is unknown.",
        (),
        lambda group: _one(group.spent.unpriced_calls),
    ),
    Column(
        "prompt_cache_estimated_calls",
        "Calls of models that did not say how many tokens they took.",
        (),
        lambda group: _one(group.spent.estimated_calls),
    ),
    Column(
        "prompt_cache_spent_tokens",
        "Tokens that calls of models took.",
        ("kind",),
        lambda group: _of(input=group.spent.input_tokens, output=group.spent.output_tokens),
    ),
    Column(
        "prompt_cache_prefix_cached_tokens",
        "Input tokens that the provider's own prefix cache made cheaper, among those that calls took.",
        (),
        lambda group: _one(group.spent.cached_input_tokens),
    ),
    Column(
        "prompt_cache_prefix_saved_usd",
        "Dollars that the provider's own prefix cache took off the price.",
        (),
        lambda group: _one(group.spent.prefix_saved_usd),
    ),
    Column(
        "prompt_cache_spent_seconds",
        "Seconds that calls of models took.",
        (),
        lambda group: _one(group.spent.seconds),
    ),
    Column(
        "prompt_cache_verifier_calls",
        "Pairs of questions that the verifier was asked about, by what it said.",
        ("verdict",),
        lambda group: _of(
            same=group.semantic.verifier.same,
            different=group.semantic.verifier.different,
            failed=group.semantic.verifier.failed,
        ),
    ),
    Column(
        "prompt_cache_shadowed",
        "Answers that would have been served, compared with the fresh ones.",
        ("verdict",),
        lambda group: _of(
            right=group.semantic.shadow.compared - group.semantic.shadow.wrong, wrong=group.semantic.shadow.wrong
        ),
    ),
    Column(
        "prompt_cache_judged_pairs",
        "Pairs of questions that people judged.",
        ("verdict",),
        lambda group: _of(accepted=group.semantic.accepted, rejected=group.semantic.rejected),
    ),
)


class Numbers(Collector):
    """All that a caller may see. Of a store that is away it says so, and leaves out what only the store knows."""

    def __init__(self, cache: PromptCache, caller: Caller) -> None:
        self._cache = cache
        self._caller = caller

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(
            "prompt_cache_build_info", "The version that runs; always 1.", labels=["version", "python"]
        )
        build.add_metric([__version__, platform.python_version()], 1)
        yield build
        board = self._cache.measures.board
        yield GaugeMetricFamily("prompt_cache_workers", "Workers of this sidecar that are up.", board.workers)
        try:
            of_store = [*self._ledger(), *self._sizes(), *self._budgets()]
        except StoreUnavailable:
            of_store = []
        yield GaugeMetricFamily("prompt_cache_store_up", "Whether the store answered just now.", bool(of_store))
        yield from of_store
        for family in board.families:
            yield _measured(board, family)

    def _ledger(self) -> Iterator[Metric]:
        # As many as the store keeps apart: were fewer shown, the sum of the rest would fall when one of them rises.
        groups = self._cache.statistics.totals(self._caller.may_touch, SERIES)
        for column in COLUMNS:
            metric = CounterMetricFamily(column.name, column.help, labels=["namespace", *column.labels])
            for group in groups:
                for labels, value in column.values(group):
                    metric.add_metric([group.group, *labels], value)
            yield metric

    def _sizes(self) -> Iterator[Metric]:
        entries = GaugeMetricFamily("prompt_cache_entries", "Entries held.", labels=["namespace"])
        size = GaugeMetricFamily("prompt_cache_bytes", "Bytes held.", labels=["namespace"])
        for namespace, held in _largest(self._cache.sizes(self._caller.may_touch)).items():
            entries.add_metric([namespace], held.entries)
            size.add_metric([namespace], held.bytes)
        yield from (entries, size)

    def _budgets(self) -> Iterator[Metric]:
        labels = ["budget", "per"]
        limit = GaugeMetricFamily("prompt_cache_budget_limit_usd", "Dollars that may be spent.", labels=labels)
        spent = GaugeMetricFamily("prompt_cache_budget_spent_usd", "Dollars spent in this period.", labels=labels)
        reserved = GaugeMetricFamily(
            "prompt_cache_budget_reserved_usd", "Dollars that calls on their way may cost.", labels=labels
        )
        refused = GaugeMetricFamily(
            "prompt_cache_budget_refused_calls", "Calls not made in this period, as it was used up.", labels=labels
        )
        unpriced = GaugeMetricFamily(
            "prompt_cache_budget_unpriced_calls", "Calls in this period whose price is unknown.", labels=labels
        )
        for state in self._cache.budgets.states(self._caller.may_touch_all):
            named = [state.name, state.per]
            limit.add_metric(named, state.limit_usd)
            spent.add_metric(named, state.spent_usd)
            reserved.add_metric(named, state.reserved_usd)
            refused.add_metric(named, state.refused_calls)
            unpriced.add_metric(named, state.unpriced_calls)
        yield from (limit, spent, reserved, refused, unpriced)


def _measured(board: Board, family: Family) -> Metric:
    if not family.bounds:
        counter = CounterMetricFamily(family.name, family.help, labels=family.labels)
        for labels, numbers in board.sums(family):
            counter.add_metric(labels, numbers[0])
        return counter
    histogram = HistogramMetricFamily(family.name, family.help, labels=family.labels)
    ends = [*(str(float(bound)) for bound in family.bounds), "+Inf"]
    for labels, numbers in board.sums(family):
        *counts, total = numbers
        histogram.add_metric(labels, list(zip(ends, accumulate(counts), strict=True)), total)
    return histogram


def _largest(sizes: Mapping[str, NamespaceSize]) -> dict[str, NamespaceSize]:
    """The namespaces with the most entries, and the rest as one."""
    ranked = sorted(sizes, key=lambda name: (name != OTHER, sizes[name].entries), reverse=True)
    shown = {name: sizes[name] for name in ranked[:SERIES]}
    if rest := [sizes[name] for name in ranked[SERIES:]]:
        rest += [shown.pop(OTHER)] if OTHER in shown else []
        shown[OTHER] = NamespaceSize(sum(each.entries for each in rest), sum(each.bytes for each in rest))
    return shown
