"""What a served entry adds to the statistics."""

from ..responses.usage import Usage
from ..savings.statistics import Dimensions, Statistics
from .entry import Entry, Source
from .policy import MissReason


def dimensions_of(entry: Entry, source: Source) -> Dimensions:
    """Where a hit on an entry counts."""
    return Dimensions(entry.namespace, entry.model or entry.answered_by or "", source.workflow, source.node)


def _saved(entry: Entry, hits: int) -> dict[str, float]:
    usage = entry.usage or Usage()
    return {
        "cost_usd": hits * (entry.cost_usd or 0.0),
        "unpriced_hits": hits * (entry.cost_usd is None),
        "input_tokens": hits * (usage.input_tokens or 0),
        "output_tokens": hits * (usage.output_tokens or 0),
        "seconds": hits * (entry.latency or 0.0),
    }


def count_served(
    statistics: Statistics,
    key: str,
    entry: Entry,
    source: Source,
    semantic: bool = False,
    *,
    times: int = 1,
) -> None:
    """Count that an entry was served, what that saved, and that keeping it was worth it."""
    statistics.count(dimensions_of(entry, source), hits=times, **_saved(entry, times))
    if semantic:
        of_semantic = {f"semantic_{name}": value for name, value in _saved(entry, times).items()}
        statistics.count(dimensions_of(entry, source), semantic_hits=times, **of_semantic)
    statistics.add_gain(key, entry.worth, times)
    if entry.alias_of:  # without it the alias could not be served either
        statistics.add_gain(entry.alias_of, entry.worth, times)


def count_miss(statistics: Statistics, dimensions: Dimensions, reason: MissReason) -> None:
    """Count that the model has to be asked, and why."""
    name = str(reason) if reason.startswith("guard:") else f"miss:{reason}"
    statistics.count(dimensions, **{"misses": 1, name: 1})
