"""The words in which vendors say how an answer ended, in one vocabulary."""

import re
from collections.abc import Mapping
from typing import Any, Literal

FinishReason = Literal["stop", "length", "content_filter", "tool_calls", "unfinished"]
Ending = FinishReason | Literal["error"]

_WORDS: dict[Ending, str] = {
    "stop": """
        stop complete completed end_turn stop_sequence eos eos_token endoftext end_of_text finish finished success
        succeeded word
    """,
    # Anthropic stopped half-way through its own tools: as unfinished as an answer that ran out of tokens.
    "length": """
        length max_tokens max_output_tokens max_new_tokens max_length model_length token_limit error_limit limit
        model_context_window_exceeded context_length_exceeded time_limit pause_turn incomplete
    """,
    "content_filter": """
        content_filter content_filtered refusal guardrail_intervened sensitive safety recitation blocklist blocked
        prohibited_content spii language error_toxic image_safety image_prohibited_content image_recitation model_armor
    """,
    "tool_calls": "tool_calls tool_call function_call tool_use",
    "unfinished": """
        unfinished not_finished in_progress in_queue queued pending processing running starting submitted
        requires_action
    """,
    "error": """
        error failed failure cancelled canceled user_cancel abort aborted expired timeout timed_out network_error
        insufficient_system_resource malformed_function_call unexpected_tool_call too_many_tool_calls
        malformed_response malformed_model_output malformed_tool_use missing_thought_signature
    """,
}
_ENDINGS: dict[str, Ending] = {word: ending for ending, words in _WORDS.items() for word in words.split()}
# What else vendors invent: `max_tokens_exceeded`, `server_error`, `safety_block`.
_SIGNS: tuple[tuple[Ending, re.Pattern[str]], ...] = (
    ("error", re.compile("error|fail|abort|cancel|time_?d?_?out|exception|preempt")),
    ("content_filter", re.compile("filter|safety|moderat|block|prohibit|guardrail|violat|refus")),
    ("length", re.compile("length|max_|limit|exceed|truncat|exhaust")),
)
_LONGEST_WORD = 64


def finish_reason(name: str) -> Ending | None:
    """A vendor's word for why its answer ended, in OpenAI's vocabulary; None when the word tells nothing."""
    if known := _ENDINGS.get(name):
        return known
    word = name.strip().lower().rpartition(".")[2].replace("-", "_")
    if (known := _ENDINGS.get(word)) or " " in word or len(word) > _LONGEST_WORD:
        return known
    return next((ending for ending, sign in _SIGNS if sign.search(word)), None)


def endings(reason: Any, own: Mapping[str, Ending]) -> list[Ending | None]:
    """What a field says that gives a reason, be it a word, a number or an object of them; None is an unknown word.

    `own` are the words that only this vendor uses, or uses in another sense.
    """
    if isinstance(reason, str):
        return [_of_word(reason, own)] if reason else []
    if isinstance(reason, dict):
        # The AI SDK's {unified, raw}, AI21's {reason}, the older Azure's {type}.
        return [_of_word(word, own) for name in _REASON_FIELDS if isinstance(word := reason.get(name), str) and word]
    if isinstance(reason, int) and not isinstance(reason, bool):
        return [own.get(str(reason))]
    return []


_REASON_FIELDS = ("unified", "raw", "reason", "type")


def _of_word(word: str, own: Mapping[str, Ending]) -> Ending | None:
    if (known := own.get(word) or finish_reason(word)) is not None:
        return known
    half = word[: len(word) // 2]  # LangChain joins the words in a stream's chunks
    return finish_reason(half) if half and half * 2 == word else None


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())
