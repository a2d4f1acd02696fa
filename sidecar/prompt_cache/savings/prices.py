"""What tokens cost at a model's list price, in US dollars."""

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

_Dollars = Annotated[float, msgspec.Meta(ge=0)]


class PriceOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price the price library does not know or gets wrong, in dollars per million tokens."""

    input_per_million: _Dollars
    output_per_million: _Dollars
    cached_input_per_million: _Dollars | None = None


def price(model: str | None, usage: Usage, overrides: Mapping[str, PriceOverride] | None = None) -> float | None:
    """Dollars that `usage` cost, with the provider's prefix-cache discount; None rather than a guess.

    `overrides` maps model patterns such as `my-gpt-*` (case does not matter) to prices; the first match wins.
    """
    if not model or usage.input_tokens is None or usage.output_tokens is None:
        return None
    try:
        if (override := override_of(model, overrides or {})) is not None:
            return _price_by(override, usage.input_tokens, usage.output_tokens, usage.cached_input_tokens or 0)
        return _list_price(model.lower(), usage)
    except (ValueError, ArithmeticError):
        return None


def model_id(name: str) -> str | None:
    """The price library's name for a model, the same for all its editions and clouds; None when it knows none."""
    known = list_entry(model_name(name).base) or list_entry(name.lower())
    return known.model.id if known else None


def override_of(model: str, overrides: Mapping[str, PriceOverride]) -> PriceOverride | None:
    """The price that is configured for a model."""
    model = model.lower()
    return next((given for pattern, given in overrides.items() if fnmatchcase(model, pattern.lower())), None)


def _price_by(given: PriceOverride, input_tokens: int, output_tokens: int, cached: int) -> float:
    if min(input_tokens - cached, cached, output_tokens) < 0:
        raise ValueError("negative token count")
    cached_rate = given.cached_input_per_million
    if cached_rate is None:
        cached_rate = given.input_per_million
    dollars = (
        (input_tokens - cached) * given.input_per_million
        + cached * cached_rate
        + output_tokens * given.output_per_million
    )
    return dollars / 1_000_000


def _list_price(model: str, usage: Usage) -> float | None:
    known = list_entry(model)
    if known is None:
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
    try:
        return calc_price(Priced(), model, provider_id=provider)
    except LookupError:
        return None
