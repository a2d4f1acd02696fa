"""What a stored answer says about itself, in whichever shape a provider or an n8n node gave it."""

import json
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from .usage import Usage, from_fields

FinishReason = Literal["stop", "length", "content_filter", "tool_calls"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of an answer that decide whether it may be stored and what it is worth."""

    text: str = ""
    model: str | None = None
    """The model that answered, as the provider names it; only from where providers state it."""
    usage: Usage | None = None
    finish_reason: FinishReason | None = None
    has_tool_calls: bool = False
    is_error: bool = False
    is_empty: bool = False
    """Neither text, nor a tool call, nor anything else that a caller could use."""


_FINISHES: dict[str, FinishReason | Literal["error"]] = {
    # OpenAI, Mistral, Ollama, Cohere ("COMPLETE"), Gemini ("STOP"), Hugging Face
    **dict.fromkeys(("stop", "complete", "completed", "end_turn", "stop_sequence", "eos", "eos_token"), "stop"),
    **dict.fromkeys(
        ("length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"),
        "length",
    ),
    # Anthropic stopped half-way through its own tools: as unfinished as an answer that ran out of tokens.
    "pause_turn": "length",
    **dict.fromkeys(("content_filter", "content_filtered", "refusal", "guardrail_intervened"), "content_filter"),
    **dict.fromkeys(
        ("safety", "recitation", "blocklist", "prohibited_content", "spii", "language", "error_toxic"),
        "content_filter",
    ),
    **dict.fromkeys(("image_safety", "image_prohibited_content", "image_recitation", "model_armor"), "content_filter"),
    **dict.fromkeys(("tool_calls", "function_call", "tool_use", "tool_call"), "tool_calls"),
    **dict.fromkeys(("error", "failed", "cancelled", "abort", "aborted", "insufficient_system_resource"), "error"),
    **dict.fromkeys(
        ("malformed_function_call", "unexpected_tool_call", "too_many_tool_calls", "malformed_response"),
        "error",
    ),
}
# With several choices or items the whole is as good as its worst part.
_WORST_FIRST: tuple[FinishReason, ...] = ("content_filter", "length", "tool_calls", "stop")

_MODEL = ("model", "model_name", "modelName", "modelVersion", "model_version")
_USAGE = ("usage", "usage_metadata", "usageMetadata", "tokenUsage", "token_usage", "tokenUsageEstimate")
_FINISH = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason")
_METADATA = (
    "response_metadata",
    "additional_kwargs",
    "generationInfo",
    "generation_info",
    "llmOutput",
    "llm_output",
)
_OLLAMA_COUNTS = ("eval_count", "prompt_eval_count")
_ALTERNATIVES = ("choices", "candidates", "generations")
# Where an answer may be, the fullest account of it first.
_CONTENT = (*_ALTERNATIVES, "message", "kwargs", "output", "content", "parts", "text", "response")
_TOOL_CALLS = ("tool_calls", "toolCalls", "function_call", "functionCall", "toolUse")
_TOOL_CALL_TYPES = frozenset(
    [
        "tool_use",
        "tool_call",
        "function_call",
        "custom_tool_call",
        "computer_call",
        "local_shell_call",
        "shell_call",
        "apply_patch_call",
        "mcp_approval_request",
    ]
)
# Steps on the way to an answer: not the answer, and no call for the caller to make.
_STEP_TYPES = frozenset(
    [
        "reasoning",
        "thinking",
        "redacted_thinking",
        "compaction",
        "mcp_list_tools",
        "mcp_call",
        "mcp_tool_use",
        "server_tool_use",
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
    ]
)
_STEP_FIELDS = frozenset(("executableCode", "codeExecutionResult", "reasoningContent"))
_N8N_ITEM = frozenset(("json", "binary", "pairedItem", "error", "index", "metadata", "evaluationData"))
_MAX_DEPTH = 12


def read_answer(response: Any) -> Answer:
    """Read any JSON value that was stored as an answer; what is not recognised is an answer as it is."""
    reading = _Reading()
    reading.envelope(response, 0)
    return reading.answer()


def finish_reason(name: str) -> FinishReason | Literal["error"] | None:
    """A provider's word for why its answer ended, in OpenAI's vocabulary; None when the word is not known."""
    return _FINISHES.get(name.lower())


class _Reading:
    """Gathers what is found on one walk through a response."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.model: str | None = None
        self.usage: Usage | None = None
        self.finishes: set[FinishReason] = set()
        self.has_tool_calls = False
        self.has_other_content = False
        self.is_error = False

    def answer(self) -> Answer:
        text = "".join(self.texts)
        if self.has_tool_calls:
            self.finishes.add("tool_calls")
        return Answer(
            text=text,
            model=self.model,
            usage=self.usage,
            finish_reason=next((reason for reason in _WORST_FIRST if reason in self.finishes), None),
            has_tool_calls=self.has_tool_calls,
            is_error=self.is_error,
            is_empty=not (text.strip() or self.has_tool_calls or self.has_other_content),
        )

    def envelope(self, value: Any, depth: int) -> None:
        """A whole response: a provider's body, an n8n item, a LangChain message, or anything at all."""
        if depth > _MAX_DEPTH:
            self.has_other_content = True
        elif isinstance(value, list):
            self._several(value, depth)
        elif not isinstance(value, Mapping):
            self._scalar(value)
        elif isinstance(value.get("json"), Mapping) and value.keys() <= _N8N_ITEM:
            self.has_other_content |= bool(value.get("binary"))
            self._note_error(value)
            self.envelope(value["json"], depth + 1)
        elif isinstance(status := value.get("statusCode"), int) and "body" in value:
            self.is_error |= status >= 400
            self.envelope(value["body"], depth + 1)
        elif value.get("type") == "ai" and isinstance(value.get("data"), Mapping):
            self.envelope(value["data"], depth + 1)
        else:
            self._note_error(value)
            provider = _is_providers(value)
            if provider:
                self._metadata(value)
            if not self._contents(value, depth) and not provider and not self.is_error:
                self._opaque(value)

    def _several(self, values: list[Any], depth: int) -> None:
        """Many in one: n8n items, whose usage adds up, or Gemini's chunks, where the last has it all."""
        chunks = any(isinstance(value, Mapping) and "candidates" in value for value in values)
        total: Usage | None = None
        for value in values:
            self.usage = None
            self.envelope(value, depth + 1)
            if self.usage is not None:
                total = self.usage if total is None or chunks else total + self.usage
        self.usage = total

    def _metadata(self, value: Mapping[str, Any], *, outer: bool = True) -> None:
        for name in _MODEL:
            if self.model is None and isinstance(model := value.get(name), str) and model:
                half = model[: len(model) // 2]
                self.model = half if half * 2 == model else model  # LangChain joins the names in a stream's chunks
        self.usage = _fuller(self.usage, _usage(value))
        for name in _FINISH:
            self._finish(value.get(name))
        status, details = value.get("status"), value.get("incomplete_details")
        if status == "incomplete":
            self._finish(details.get("reason") if isinstance(details, Mapping) else "length")
        elif value.get("object") == "response" or value.get("type") == "message":
            self._finish(status)
        feedback = value.get("promptFeedback")
        if isinstance(feedback, Mapping) and feedback.get("blockReason"):
            self.finishes.add("content_filter")
        for name in _METADATA:
            if outer and isinstance(inner := value.get(name), Mapping):
                self._metadata(inner, outer=False)

    def _finish(self, reason: Any) -> None:
        known = finish_reason(reason) if isinstance(reason, str) else None
        if known == "error":
            self.is_error = True
        elif known is not None:
            self.finishes.add(known)

    def _note_error(self, value: Mapping[str, Any]) -> None:
        error = value.get("error")
        if error is True or (isinstance(error, str | Mapping) and error):
            self.is_error = True

    def _contents(self, value: Mapping[str, Any], depth: int) -> bool:
        """Walk into the places where an answer may be; False when there is none of them."""
        found = False
        if any(isinstance(calls := value.get(name), list | Mapping) and calls for name in _TOOL_CALLS):
            found = self.has_tool_calls = True
        if isinstance(refusal := value.get("refusal"), str) and refusal:
            found = True
            self.texts.append(refusal)
            self.finishes.add("content_filter")
        if any(isinstance(media := value.get(name), list | Mapping) and media for name in ("audio", "images")):
            found = self.has_other_content = True
        read = len(self.texts)
        for name in _CONTENT:
            if name in value and len(self.texts) == read:
                found = True
                self._content(name, value[name], depth + 1)
        return found

    def _content(self, name: str, value: Any, depth: int) -> None:
        if isinstance(value, list):
            for part in value:
                self._part(name, part, depth)
        elif not isinstance(value, Mapping):
            self._scalar(value)
        elif name in ("output", "text") and value and "message" not in value:
            self._opaque(value)  # structured output, whose fields mean what the user's schema says
        elif value.keys() - {"role"}:
            self.envelope(value, depth + 1)

    def _part(self, name: str, part: Any, depth: int) -> None:
        if depth > _MAX_DEPTH:
            self.has_other_content = True
        elif isinstance(part, list):
            for inner in part:
                self._part(name, inner, depth + 1)
        elif not isinstance(part, Mapping):
            self._scalar(part)
        elif _is_step(part):
            return
        elif _kind(part) in _TOOL_CALL_TYPES:
            self.has_tool_calls = True
        else:
            if name in _ALTERNATIVES:
                self._note_error(part)
            if name in _ALTERNATIVES or _is_providers(part):
                self._metadata(part)
            if not self._contents(part, depth) and part and name not in _ALTERNATIVES:
                self.has_other_content = True

    def _scalar(self, value: Any) -> None:
        if isinstance(value, str):
            self.texts.append(value)
        elif value is not None:
            self._opaque(value)

    def _opaque(self, value: Any) -> None:
        """JSON with no text of its own is its own text."""
        if isinstance(value, Mapping) and not value:
            return
        self.has_other_content = True
        try:
            self.texts.append(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
        except (TypeError, ValueError, RecursionError):
            return


def _is_providers(value: Mapping[str, Any]) -> bool:
    """Whether a provider wrote it by its shape, so that `model` and the like are not words of the answer."""
    kind = value.get("object")
    return (
        any(isinstance(value.get(name), Mapping) for name in (*_USAGE, *_METADATA, "promptFeedback"))
        or any(isinstance(value.get(name), str) for name in _FINISH)
        or any(isinstance(value.get(name), list) for name in _ALTERNATIVES)
        or any(isinstance(value.get(name), int) for name in ("done", *_OLLAMA_COUNTS))
        or (isinstance(kind, str) and kind.startswith(("chat.completion", "text_completion", "response")))
        or (value.get("type") == "message" and "role" in value)
    )


def _usage(value: Mapping[str, Any]) -> Usage | None:
    for name in _USAGE:
        if isinstance(fields := value.get(name), Mapping) and (usage := from_fields(fields)) is not None:
            return msgspec.structs.replace(usage, estimated=True) if name == "tokenUsageEstimate" else usage
    # Ollama keeps its counts beside the answer, without an object of their own.
    return from_fields(value) if any(name in value for name in _OLLAMA_COUNTS) else None


def _fuller(one: Usage | None, other: Usage | None) -> Usage | None:
    """LangChain states the same usage in several places, not everywhere with the cached tokens."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda usage: (not usage.estimated, sum(n is not None for n in usage.counts())))


def _is_step(part: Mapping[str, Any]) -> bool:
    return (
        part.get("thought") is True
        or not _STEP_FIELDS.isdisjoint(part)
        or _kind(part) in _STEP_TYPES
        or _kind(part).endswith("_tool_result")
    )


def _kind(part: Mapping[str, Any]) -> str:
    return kind if isinstance(kind := part.get("type"), str) else ""
