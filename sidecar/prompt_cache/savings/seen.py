"""Models that were asked, which price applies to each, and which have none."""

import glob
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from ..values.names import UNSEEN
from .price_list import listed
from .prices import PriceOverride, pattern_of
from .series import OTHER
from .totals import Group

Source = Literal["own", "list"]


class SeenModel(Struct, frozen=True, kw_only=True):
    """A model that was asked, what that came to, and what it costs by the prices of now, in US dollars."""

    model: str
    """Empty for answers of which nobody said whose they are."""
    calls: int
    hits: int
    input_tokens: int
    """Of calls and hits together."""
    output_tokens: int
    unpriced_calls: int
    """Of those that were counted: a price that is given later rewrites nothing."""
    unpriced_hits: int
    source: Source | None
    """`own` is the configuration, `list` the price list; null where it has no price."""
    pattern: str | None
    """Of the configuration: the one that it matches first."""
    provider: str | None
    """Whose list price it is."""
    input_usd_per_million: float | None
    output_usd_per_million: float | None
    cached_input_usd_per_million: float | None
    usd_per_call: float | None
    usd_per_second: float | None


def seen_models(groups: Iterable[Group], overrides: Mapping[str, PriceOverride]) -> list[SeenModel]:
    """Of groups by model: those without a price first, and then those asked most."""
    seen = [
        _seen(group, overrides)
        for group in groups
        if group.hits or group.spent.calls or group.spent.unpriced_other_calls
    ]
    return sorted(seen, key=lambda each: (each.source is not None, -each.calls - each.hits, each.model))


def unpriced(seen: Sequence[SeenModel]) -> list[SeenModel]:
    """Those that can be given a price."""
    return [each for each in seen if each.source is None and each.model not in ("", OTHER)]


def snippet(seen: Sequence[SeenModel]) -> str | None:
    """What gives these models a price in a configuration, once its numbers are filled in; None where there are none."""
    if not seen:
        return None
    lines = ["prices:"]
    for each in seen:
        name = UNSEEN.sub(_escaped, msgspec.json.encode(glob.escape(each.model)).decode())
        lines += [
            f"  {name}:  # {each.calls} calls, {each.hits} hits, {each.input_tokens + each.output_tokens} tokens",
            "    input_per_million: FILL_IN",
            "    output_per_million: FILL_IN",
        ]
    return "\n".join(lines) + "\n"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _calls(group: Group) -> int:
    return group.spent.calls + group.semantic.verifier.calls


def _unpriced(group: Group) -> int:
    return group.spent.unpriced_calls + group.spent.unpriced_other_calls


def _seen(group: Group, overrides: Mapping[str, PriceOverride]) -> SeenModel:
    spent, saved = group.spent, group.saved
    pattern = pattern_of(group.group, overrides)
    own = None if pattern is None else overrides[pattern]
    known = None if own else listed(group.group)
    return SeenModel(
        model=group.group,
        calls=_calls(group),
        hits=group.hits,
        input_tokens=spent.input_tokens + saved.input_tokens + group.semantic.verifier.input_tokens,
        output_tokens=spent.output_tokens + saved.output_tokens + group.semantic.verifier.output_tokens,
        unpriced_calls=_unpriced(group),
        unpriced_hits=saved.unpriced_hits,
        source="own" if own else "list" if known else None,
        pattern=pattern,
        provider=known.provider if known else None,
        input_usd_per_million=own.input_per_million if own else known.input_usd_per_million if known else None,
        output_usd_per_million=own.output_per_million if own else known.output_usd_per_million if known else None,
        cached_input_usd_per_million=own.cached_input_per_million if own else None,
        usd_per_call=own.per_call if own else None,
        usd_per_second=own.per_second if own else None,
    )
