"""What a call costs, by its tokens, by itself or by its time, in US dollars."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import msgspec

from ..responses.models import MAX_NAME, model_name
from ..responses.usage import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

_Dollars = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class PriceOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price the price library does not know or gets wrong, in dollars; what is given adds up."""

    input_per_million: _Dollars | None = None
    """Tokens."""
    output_per_million: _Dollars | None = None
    cached_input_per_million: _Dollars | None = None
    per_call: _Dollars | None = None
    """For pictures and the like."""
    per_second: _Dollars | None = None
    """Of the machine that a local model keeps busy while it answers."""

    @property
    def fault(self) -> str | None:
        """What keeps it from being a price, as a sentence for people."""
        for one, other in (("input", "output"), ("output", "input")):
            given, wanted = getattr(self, f"{one}_per_million"), getattr(self, f"{other}_per_million")
            if given is not None and wanted is None:
                return f"`{one}_per_million` needs `{other}_per_million` beside it; 0 is for nothing"
        if self.cached_input_per_million is not None and self.input_per_million is None:
            return "`cached_input_per_million` needs `input_per_million` and `output_per_million` beside it"
        if self.input_per_million is None and self.per_call is None and self.per_second is None:
            return "give `input_per_million` and `output_per_million`, `per_call` or `per_second`, or several of them"
        return None


def price(
    model: str | None,
    usage: Usage,
    overrides: Mapping[str, PriceOverride] | None = None,
    *,
    seconds: float | None = None,
    calls: int = 1,
) -> float | None:
    """Dollars that `usage` cost, with the provider's prefix-cache discount; None rather than a guess.

    `overrides` maps model patterns such as `my-gpt-*` (case does not matter) to prices; the first match wins.
    `seconds` is how long the model took.
    """
    if not model:
        return None
    try:
        if (override := override_of(model, overrides or {})) is not None:
            return _price_by(override, usage, seconds, calls)
        return _list_price(model.lower(), usage)
    except (ValueError, ArithmeticError):
        return None


def model_id(name: str) -> str | None:
    """The price library's name for a model, the same for all its editions and clouds; None when it knows none."""
    known = list_entry(model_name(name).base) or list_entry(name.lower())
    return known.model.id if known else None


def override_of(model: str, overrides: Mapping[str, PriceOverride]) -> PriceOverride | None:
    """The price that is configured for a model."""
    pattern = pattern_of(model, overrides)
    return None if pattern is None else overrides[pattern]


def pattern_of(model: str, overrides: Mapping[str, PriceOverride]) -> str | None:
    """The first pattern among configured prices that a model matches."""
    model = model.lower()
    return next((pattern for pattern in overrides if fnmatchcase(model, pattern.lower())), None)


def _price_by(given: PriceOverride, usage: Usage, seconds: float | None, calls: int) -> float | None:
    dollars = 0.0 if given.per_call is None else calls * given.per_call
    if given.per_second is not None:
        if seconds is None:
            return None
        dollars += max(0.0, seconds) * given.per_second
    if given.input_per_million is not None and given.output_per_million is not None:
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        rates = given.input_per_million, given.output_per_million, given.cached_input_per_million
        dollars += _of_tokens(*rates, usage.input_tokens, usage.output_tokens, usage.cached_input_tokens or 0)
    return dollars


def _of_tokens(
    input_rate: float, output_rate: float, cached_rate: float | None, input_tokens: int, output_tokens: int, cached: int
) -> float:
    if min(input_tokens - cached, cached, output_tokens) < 0:
        raise ValueError("negative token count")
    cached_rate = input_rate if cached_rate is None else cached_rate
    return ((input_tokens - cached) * input_rate + cached * cached_rate + output_tokens * output_rate) / 1_000_000


def _list_price(model: str, usage: Usage) -> float | None:
    known = list_entry(model)
    if known is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    from genai_prices import Usage as Priced

    tokens = Priced(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cached_input_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    return float(known.model.calc_price(tokens, known.provider).total_price)


_BEDROCK = re.compile(r"(?:[a-z]+\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen|writer)\.")


_EMBEDDERS = {"text-embedding-": "openai", "embed-": "cohere"}
"""Models that the library knows by their maker alone."""


def list_entry(model: str) -> "PriceCalculation | None":
    """What the price library has of a model, by its name in lower case."""
    # What is no name is not worth remembering.
    return _find_name(model) if len(model) <= MAX_NAME else None


@lru_cache(maxsize=1024)
def _find_name(model: str) -> "PriceCalculation | None":
    # Imported on first use, because it takes a third of a second. The library reads prices from its own
    # package; only its UpdatePrices, which nothing here starts, goes to the network for newer ones.
    from genai_prices import Usage as Priced
    from genai_prices import calc_price

    model = model.removeprefix("models/")
    provider = None
    if "/" in model:
        provider = "litellm"  # the library's name for "provider/model"
    elif _BEDROCK.match(model):
        provider = "aws"
    elif ":" in model:
        return None  # "deepseek-r1:8b" is a model run by Ollama, at nobody's list price
    else:
        provider = next((maker for start, maker in _EMBEDDERS.items() if model.startswith(start)), None)
    try:
        return calc_price(Priced(), model, provider_id=provider)
    except LookupError:
        return None
