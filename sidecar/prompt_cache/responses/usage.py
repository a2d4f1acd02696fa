"""Token counts in one vocabulary, whichever provider they came from."""

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens that one model call consumed; None where the provider did not say.

    `input_tokens` is all the input, with `cached_input_tokens` (read from the provider's prefix cache) and
    `cache_write_tokens` (written to it) as parts of it; `reasoning_tokens` is a part of `output_tokens`.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    estimated: bool = False

    def counts(self) -> tuple[int | None, ...]:
        return msgspec.structs.astuple(self)[:-1]

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input_tokens=_sum(self.input_tokens, other.input_tokens),
            output_tokens=_sum(self.output_tokens, other.output_tokens),
            cached_input_tokens=_sum(self.cached_input_tokens, other.cached_input_tokens),
            cache_write_tokens=_sum(self.cache_write_tokens, other.cache_write_tokens),
            reasoning_tokens=_sum(self.reasoning_tokens, other.reasoning_tokens),
            estimated=self.estimated or other.estimated,
        )


_INPUT = (
    ("input_tokens",),
    ("prompt_tokens",),
    ("promptTokens",),
    ("inputTokens",),
    ("promptTokenCount",),
    ("prompt_token_count",),
    ("prompt_eval_count",),
    ("input_token_count",),
    ("inputTextTokenCount",),
    ("tokens_evaluated",),
)
_OUTPUT = (
    ("output_tokens",),
    ("completion_tokens",),
    ("completionTokens",),
    ("outputTokens",),
    ("eval_count",),
    ("generation_token_count",),
    ("generated_token_count",),
    ("tokenCount",),
    ("tokens_predicted",),
)
_TOTAL = (("total_tokens",), ("totalTokens",), ("totalTokenCount",), ("total_token_count",))
_CACHED = (
    ("cached_input_tokens",),
    ("prompt_tokens_details", "cached_tokens"),
    ("input_tokens_details", "cached_tokens"),
    ("input_token_details", "cache_read"),
    ("cachedContentTokenCount",),
    ("cached_content_token_count",),
    ("cachedInputTokens",),
    ("prompt_cache_hit_tokens",),
    ("cached_tokens",),
)
_WRITTEN = (
    ("cache_write_tokens",),
    ("prompt_tokens_details", "cache_write_tokens"),
    ("input_token_details", "cache_creation"),
)
_REASONING = (
    ("reasoning_tokens",),
    ("completion_tokens_details", "reasoning_tokens"),
    ("output_tokens_details", "reasoning_tokens"),
    ("output_token_details", "reasoning"),
    ("reasoningTokens",),
)
# Anthropic and Amazon Bedrock count these beside the input, not inside it.
_READ_BESIDE = (("cache_read_input_tokens",), ("cacheReadInputTokens",))
_WRITTEN_BESIDE = (("cache_creation_input_tokens",), ("cacheWriteInputTokens",))
# Gemini counts thoughts beside the answer, and what tools returned beside the prompt.
_CANDIDATES = (("candidatesTokenCount",), ("candidates_token_count",))
_THOUGHTS = (("thoughtsTokenCount",), ("thoughts_token_count",))
_TOOL_RESULTS = (("toolUsePromptTokenCount",), ("tool_use_prompt_token_count",))

_NAMED = frozenset(
    path[0]
    for paths in (_INPUT, _OUTPUT, _TOTAL, _READ_BESIDE, _WRITTEN_BESIDE, _CANDIDATES, _THOUGHTS, _TOOL_RESULTS)
    for path in paths
)

# What a store's 64-bit integer can add up for ever; a larger count is no count.
_MAX_TOKENS = 10**12


def from_fields(usage: Mapping[str, Any]) -> Usage | None:
    """Read the usage object of any provider, or our own names; None when it states no tokens."""
    for envelope in ("billed_units", "tokens"):  # Cohere
        if isinstance(inner := usage.get(envelope), Mapping):
            usage = inner
            break

    if _NAMED.isdisjoint(usage):
        return None
    input_tokens, output_tokens = _first(usage, _INPUT), _first(usage, _OUTPUT)
    total = _first(usage, _TOTAL)
    cached, written, reasoning = _first(usage, _CACHED), _first(usage, _WRITTEN), _first(usage, _REASONING)

    read_beside, written_beside = _first(usage, _READ_BESIDE), _first(usage, _WRITTEN_BESIDE)
    if read_beside is not None or written_beside is not None:
        cached = read_beside if cached is None else cached
        written = written_beside if written is None else written
        if input_tokens is not None and not _counts_cached_as_input(usage, input_tokens, output_tokens, total):
            input_tokens += (read_beside or 0) + (written_beside or 0)

    candidates, thoughts = _first(usage, _CANDIDATES), _first(usage, _THOUGHTS)
    if candidates is not None or thoughts is not None:
        output_tokens = (candidates or 0) + (thoughts or 0)
        reasoning = thoughts
    if input_tokens is not None:
        input_tokens += _first(usage, _TOOL_RESULTS) or 0

    if total is not None:
        if output_tokens is None and input_tokens is not None:
            output_tokens = max(0, total - input_tokens)
        elif input_tokens is None and output_tokens is not None:
            input_tokens = max(0, total - output_tokens)
        elif reasoning and total == (input_tokens or 0) + (output_tokens or 0) + reasoning:
            # xAI leaves reasoning out of the completion tokens, and only its total tells.
            output_tokens = (output_tokens or 0) + reasoning

    if not input_tokens and not output_tokens:
        return None
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cached_input_tokens=_at_most(input_tokens, cached),
        cache_write_tokens=_at_most(None if input_tokens is None else max(0, input_tokens - (cached or 0)), written),
        reasoning_tokens=_at_most(output_tokens, reasoning),
        estimated=usage.get("estimated") is True,
    )


def estimate(prompt_text: str, answer_text: str) -> Usage:
    """Guess the usage from the texts alone, for answers that do not state it."""
    return Usage(input_tokens=rough_tokens(prompt_text), output_tokens=rough_tokens(answer_text), estimated=True)


_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
_ASCII = re.compile("[\x00-\x7f]")


def rough_tokens(text: str) -> int:
    """Count tokens without a tokenizer, roughly.

    4 characters to a token in ASCII text, 2 in other alphabets, and a token for each Chinese, Japanese or
    Korean character.
    """
    if text.isascii():
        return math.ceil(len(text) / 4)
    cjk = len(_CJK.findall(text))
    ascii_ = len(_ASCII.findall(text))
    return cjk + math.ceil(ascii_ / 4 + (len(text) - cjk - ascii_) / 2)


def _counts_cached_as_input(
    usage: Mapping[str, Any], input_tokens: int, output_tokens: int | None, total: int | None
) -> bool:
    """Whether the input already holds the cached tokens, as gateways that speak OpenAI's dialect make it."""
    if not ("input_tokens" in usage or "inputTokens" in usage):
        return True
    if _first(usage, _CACHED) is not None or _first(usage, _WRITTEN) is not None:
        return True
    return total is not None and total == input_tokens + (output_tokens or 0)


def _first(usage: Mapping[str, Any], paths: tuple[tuple[str, ...], ...]) -> int | None:
    for path in paths:
        value: Any = usage.get(path[0])
        if value is None:
            continue
        for name in path[1:]:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_TOKENS:
            return value
    return None


def _at_most(whole: int | None, part: int | None) -> int | None:
    return part if whole is None or part is None else min(whole, part)


def _sum(left: int | None, right: int | None) -> int | None:
    return left if right is None else right if left is None else left + right
