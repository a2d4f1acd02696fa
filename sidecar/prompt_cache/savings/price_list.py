"""The models whose price is known, for people to choose from."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct

from .prices import PriceOverride, list_entry, override_of

_MAKERS = ("openai", "anthropic", "google", "mistral", "deepseek", "x-ai")
"""Whose models come first, in turns; those of all others follow."""
_VERSION = re.compile(r"(?<![0-9])([0-9]{1,2})(?:[.-]([0-9]{1,2})(?![0-9b]))?(?![0-9b])")  # no year, no size as in 24b
_PATTERN = re.compile(r"[*?\[]")


class ListedModel(Struct, frozen=True, kw_only=True):
    """A model and what a million of its tokens costs; null where that is not known."""

    model: str
    provider: str | None
    """Whose list price it is; null where the price is configured, or unknown."""
    input_usd_per_million: float | None
    output_usd_per_million: float | None


def listed_models(
    overrides: Mapping[str, PriceOverride], used: Iterable[str], search: str, limit: int
) -> list[ListedModel]:
    """Models whose name or provider has every word of `search`.

    The `used` ones come first, in their order and even without a price, then what is configured, then the price list,
    newer versions first.
    """
    words = search.lower().split()
    found: dict[str, ListedModel] = {}
    for each in _all(overrides, used):
        if len(found) == limit:
            break
        if all(word in f"{each.provider or ''} {each.model}".lower() for word in words):
            found.setdefault(each.model.lower(), each)
    return list(found.values())


def _all(overrides: Mapping[str, PriceOverride], used: Iterable[str]) -> Iterator[ListedModel]:
    for model in used:
        yield _overridden(model, overrides) or listed(model) or _unpriced(model)
    for model in overrides:
        if not _PATTERN.search(model) and (given := _overridden(model, overrides)):
            yield given
    for each in _price_list():
        yield _overridden(each.model, overrides) or each


def _unpriced(model: str) -> ListedModel:
    return ListedModel(model=model, provider=None, input_usd_per_million=None, output_usd_per_million=None)


def _overridden(model: str, overrides: Mapping[str, PriceOverride]) -> ListedModel | None:
    if (given := override_of(model, overrides)) is None:
        return None
    return ListedModel(
        model=model,
        provider=None,
        input_usd_per_million=given.input_per_million,
        output_usd_per_million=given.output_per_million,
    )


def listed(model: str) -> ListedModel | None:
    """As `price` would find it: what is chosen here must cost what it says."""
    if (known := list_entry(model.lower())) is None:
        return None
    prices = known.model.get_prices(datetime.now(UTC))
    dollars = _dollars(prices.input_mtok), _dollars(prices.output_mtok)
    if None in dollars:
        return None  # pictures and vectors have prices of other kinds
    return ListedModel(
        model=model,
        provider=known.provider.id,
        input_usd_per_million=dollars[0],
        output_usd_per_million=dollars[1],
    )


def _dollars(price: Any) -> float | None:
    """Of a price with tiers, what the first token costs."""
    price = getattr(price, "base", price)
    return None if price is None else float(price)


@lru_cache(maxsize=1)
def _price_list() -> Sequence[ListedModel]:
    from genai_prices import data_snapshot

    by_maker: dict[str, list[ListedModel]] = defaultdict(list)
    for provider in data_snapshot.get_snapshot().providers:
        for model in provider.models:
            if not model.deprecated and (each := listed(model.id)) and each.provider == provider.id:
                by_maker[provider.id].append(each)
    for models in by_maker.values():
        models.sort(key=lambda each: (*(-part for part in _version(each.model)), each.model))
    rank = {maker: _MAKERS.index(maker) if maker in _MAKERS else len(_MAKERS) for maker in by_maker}
    turns = [
        (rank[maker] == len(_MAKERS), turn, rank[maker], each)
        for maker, models in by_maker.items()
        for turn, each in enumerate(models)
    ]
    return [each for *_, each in sorted(turns, key=lambda turn: turn[:3])]


def _version(model: str) -> tuple[int, int]:
    """The first version number in a name: the list has no dates."""
    found = _VERSION.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)
