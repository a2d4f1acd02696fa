"""By which shapes envelopes are recognised. Each is asked only where the envelope's mark is there."""

from collections.abc import Callable
from typing import Any

from .envelope import Body
from .words import word_set


def _dicts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def parts(value: Any) -> bool:
    return _dicts(value) and all(isinstance(part.get("type"), str) for part in value)


_FINISH = frozenset(("finish_reason", "finishReason"))


def is_chat(value: Body) -> bool:
    choices = value["choices"]
    if not isinstance(choices, list):
        return False
    if not choices:
        return isinstance(value.get("usage"), dict) or "object" in value or "model" in value
    return all(
        isinstance(choice, dict)
        and (
            isinstance(choice.get("message"), dict)
            or not _FINISH.isdisjoint(choice)
            or isinstance(choice.get("delta"), dict)
        )
        for choice in choices
    )


def is_chunk(value: Body) -> bool:
    if not is_chat(value):
        return False
    kind = value.get("object")
    return (isinstance(kind, str) and kind.endswith(".chunk")) or any("delta" in choice for choice in value["choices"])


def _is_output_item(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    kind = item.get("type")
    if kind is None or kind == "message":
        return _dicts(item.get("content")) and all("text" in part or "type" in part for part in item["content"])
    return kind == "reasoning" or (
        isinstance(kind, str) and kind.endswith(("_call", "_approval_request", "_list_tools"))
    )


def is_responses(value: Body) -> bool:
    if value.get("object") == "response":
        return True
    output = value["output"]
    return isinstance(output, list) and bool(output) and all(_is_output_item(item) for item in output)


def is_gemini(value: Body) -> bool:
    candidates = value["candidates"]
    if not isinstance(candidates, list):
        return False
    if not candidates:
        return not {"usageMetadata", "promptFeedback", "modelVersion", "usage_metadata"}.isdisjoint(value)
    return all(
        isinstance(candidate, dict)
        and (isinstance(candidate.get("content"), dict) or "finishReason" in candidate or "finish_reason" in candidate)
        for candidate in candidates
    )


_OLLAMA_FIELDS = word_set(
    """
    model created_at response message done done_reason context thinking total_duration load_duration prompt_eval_count
    prompt_eval_duration eval_count eval_duration logprobs remote_model remote_host image completed total
    """
)
_LONE_CHOICE_FIELDS = word_set(
    """
    message text index finish_reason finishReason stop_reason finish_details logprobs usage id model created created_at
    generation_info generationInfo content_filter_results native_finish_reason object provider delta
    """
)
_MESSAGE_FIELDS = frozenset(("content", "tool_calls", "toolCalls", "refusal", "audio", "images", "function_call"))
_MESSAGE_KIN = _MESSAGE_FIELDS | {
    "role",
    "annotations",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "thinking",
}
_JOB_FIELDS = word_set(
    """
    version urls logs metrics input created_at started_at completed_at response_url status_url cancel_url delayTime
    executionTime queue_position webhook
    """
)
EVENTS = {
    "anthropic": """
        message_start content_block_start content_block_delta content_block_stop message_delta message_stop ping
    """,
    "cohere": """
        message-start content-start content-delta content-end tool-plan-delta tool-call-start tool-call-delta
        tool-call-end citation-start citation-end message-end
    """,
    "ai sdk": """
        start start-step text-start text-delta text-end reasoning-start reasoning-delta reasoning-end reasoning
        tool-input-start tool-input-delta tool-input-end tool-input-available tool-call tool-result stream-start
        response-metadata source file raw finish-step step-finish finish
    """,
}
# Words that anyone's items may have for a type.
_COMMON_EVENTS = word_set("start finish source file raw reasoning ping")
BEDROCK_EVENTS = "messageStart contentBlockStart contentBlockDelta contentBlockStop messageStop metadata"


def is_ollama(value: Body) -> bool:
    said = isinstance(value.get("message"), dict) or isinstance(value.get("response"), str)
    return isinstance(value["done"], bool) and said and ("created_at" in value or value.keys() <= _OLLAMA_FIELDS)


def is_lone_choice(value: Body) -> bool:
    message = value["message"]
    if not isinstance(message, dict) or not value.keys() <= _LONE_CHOICE_FIELDS:
        return False
    return not _MESSAGE_FIELDS.isdisjoint(message) and ("role" in message or message.keys() <= _MESSAGE_KIN)


def is_lone_text(value: Body) -> bool:
    finishes = not {"finish_reason", "finishReason", "stop_reason", "generation_info", "generationInfo"}.isdisjoint(
        value
    )
    return finishes and isinstance(value["text"], str) and value.keys() <= _LONE_CHOICE_FIELDS


def is_langchain(value: Body) -> bool:
    return any(
        isinstance(value.get(name), dict) for name in ("response_metadata", "additional_kwargs", "usage_metadata")
    )


def is_generations(value: Body) -> bool:
    generations = value["generations"]
    if not isinstance(generations, list):
        return False
    flat = [inner for outer in generations for inner in (outer if isinstance(outer, list) else [outer])]
    named = {"message", "kwargs", "finish_reason", "generationInfo", "generation_info"}
    nested = all(isinstance(outer, list) for outer in generations)
    return all(isinstance(one, dict) and (not named.isdisjoint(one) or (nested and "text" in one)) for one in flat)


def is_ai_sdk(value: Body) -> bool:
    reason = value["finishReason"]
    said = not {"text", "object", "output", "content", "steps", "toolCalls", "files"}.isdisjoint(value)
    return said and (reason is None or isinstance(reason, str | dict))


def is_dashscope(value: Body) -> bool:
    output = value["output"]
    if not isinstance(output, dict) or not ("request_id" in value or isinstance(value.get("usage"), dict)):
        return False
    return _dicts(output.get("choices")) or "task_status" in output or ("text" in output and "finish_reason" in output)


def is_job(value: Body) -> bool:
    named = isinstance(value.get("id"), str) or isinstance(value.get("request_id"), str)
    return named and isinstance(value["status"], str) and not _JOB_FIELDS.isdisjoint(value)


def has_items_with(name: str, *fields: str) -> Callable[[Body], bool]:
    """A list of objects each of which has one of these fields."""
    needed = frozenset(fields)
    return lambda value: _dicts(value[name]) and all(not needed.isdisjoint(item) for item in value[name])


def is_outputs(value: Body) -> bool:
    if value.get("object") == "conversation.response":
        return isinstance(value["outputs"], list)
    return has_items_with("outputs", "stop_reason")(value)


def type_in(names: str) -> Callable[[Body], bool]:
    kinds = word_set(names)
    return lambda value: isinstance(kind := value["type"], str) and kind in kinds


def is_common_event(value: Body) -> bool:
    return isinstance(kind := value.get("type"), str) and kind in _COMMON_EVENTS
