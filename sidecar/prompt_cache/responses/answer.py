"""What a stored answer says about itself, in whichever shape a provider or an n8n node gave it."""

import json
from typing import Any

import msgspec

from .envelope import Body, Envelope, at
from .envelopes import LANGCHAIN, MESSAGE, METADATA, USAGE_FIELDS, recognise
from .errors import carries, is_error, is_error_page
from .facts import Facts, filled, usage_of
from .streams import recognise_stream
from .usage import Usage
from .words import FinishReason, word_set

__all__ = ["Answer", "FinishReason", "read_answer"]


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


# With several choices or items the whole is as good as its worst part.
_WORST_FIRST: tuple[FinishReason, ...] = ("content_filter", "length", "unfinished", "tool_calls", "stop")

_TOOL_CALLS = ("tool_calls", "toolCalls", "function_call", "functionCall", "toolUse")
_TOOL_CALL_TYPES = word_set(
    """
    tool_use tool_call tool-call tool-call-start tool-input-available function_call function.call custom_tool_call
    computer_call local_shell_call shell_call apply_patch_call mcp_approval_request
    """
)
# Where a program puts its answer, when that is all it has to say.
_TEXT_FIELDS = word_set("text output response answer completion content message result reply data body")
_MEDIA = ("audio", "images", "files")
# Steps on the way to an answer: not the answer, and no call for the caller to make.
_STEP_TYPES = word_set(
    """
    reasoning thinking redacted_thinking compaction mcp_list_tools mcp_call mcp_tool_use server_tool_use web_search_call
    file_search_call code_interpreter_call source tool-result step-start thinking_delta signature_delta input_json_delta
    citations_delta
    """
)
_STEP_FIELDS = frozenset(("executableCode", "codeExecutionResult", "reasoningContent"))
_N8N_ITEM = frozenset(("json", "binary", "pairedItem", "error", "index", "metadata", "evaluationData"))
_N8N_ITEMS = "n8n.items"
"""Under this alone our n8n node keeps a list of what the AI gave, each `json` without what the asking item had."""
# What LangChain's agents, and with them n8n's, say when they may go on no longer.
_GIVEN_UP = frozenset(("Agent stopped due to max iterations.", "Agent stopped due to iteration limit or time limit."))
_MAX_DEPTH = 12


def read_answer(response: Any) -> Answer:
    """Read any JSON value that was stored as an answer; what is not recognised is an answer as it is."""
    reading = _Reading()
    reading.whole(response, 0)
    return reading.answer()


class _Reading(Facts):
    """One walk through a response."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.has_tool_calls = False
        self.has_other_content = False

    def answer(self) -> Answer:
        text = "".join(self.texts)
        if len(text) < 100 and text.strip() in _GIVEN_UP:
            self.finishes.add("unfinished")
        if self.has_tool_calls:
            self.finishes.add("tool_calls")
        return Answer(
            text=text,
            model=self.model,
            usage=self.usage,
            finish_reason=next((reason for reason in _WORST_FIRST if reason in self.finishes), None),
            has_tool_calls=self.has_tool_calls,
            is_error=self.is_error,
            is_empty=not (self.has_tool_calls or self.has_other_content or (text and not text.isspace())),
        )

    # -- whole responses -----

    def whole(self, value: Any, depth: int) -> None:
        """A provider's body, an n8n item, a LangChain message, or anything at all."""
        if not isinstance(value, dict):
            self._no_object(value, depth)
        elif depth > _MAX_DEPTH:
            self.has_other_content = True
        elif not self._wrapped(value, depth):
            if (envelope := recognise(value)) is not None:
                if envelope.streams == "always":
                    self._stream([value], [envelope], depth)
                else:
                    self._read(envelope, value, depth)
            elif is_error(value):
                self.is_error = True
            else:
                self._own(value, depth)

    def _no_object(self, value: Any, depth: int) -> None:
        if depth > _MAX_DEPTH:
            self.has_other_content = True
        elif isinstance(value, list):
            self._several(value, depth)
        else:
            self.is_error |= isinstance(value, str) and value[:20].lstrip()[:1] == "<" and is_error_page(value)
            self._scalar(value)

    def _wrapped(self, value: Body, depth: int) -> bool:
        """What frameworks put around a whole response."""
        if isinstance(item := value.get("json"), dict) and value.keys() <= _N8N_ITEM:
            self.has_other_content |= bool(value.get("binary"))
            self.is_error |= bool(value.get("error"))
            self.whole(item, depth + 1)
        elif isinstance(items := value.get(_N8N_ITEMS), list) and len(value) == 1:
            self._each([item.get("json") if isinstance(item, dict) else item for item in items], depth)
        elif (status := _http_status(value)) is not None:
            self.is_error |= status >= 400
            body = value.get("body", value.get("data"))
            self.whole(_parsed(body) if isinstance(body, str) else body, depth + 1)
        elif isinstance(inner := _langchain(value), dict):
            if "content" in inner:
                self._read(LANGCHAIN, inner, depth + 1)
            else:
                self.whole(inner, depth + 1)
        else:
            return False
        return True

    def _several(self, values: list[Any], depth: int) -> None:
        """Many in one: the chunks of a stream, or n8n's items, whose usage adds up."""
        if (envelopes := recognise_stream(values)) is not None:
            self._stream(values, envelopes, depth)
            return
        if any(isinstance(value, dict) and value.get("type") == "message" for value in values):
            items = {"output": values}
            if (envelope := recognise(items)) is not None:
                self._read(envelope, items, depth)
                return
        self._each(values, depth)

    def _each(self, values: list[Any], depth: int) -> None:
        """Whole responses, whose usage adds up."""
        total: Usage | None = None
        for value in values:
            self.usage = None
            self.whole(value, depth + 1)
            if self.usage is not None:
                total = self.usage if total is None else total + self.usage
        self.usage = total

    def _stream(self, values: list[Body], envelopes: list[Envelope], depth: int) -> None:
        """A stream says at its end why it ended; one that does not was cut off."""
        stream, total = _Reading(), self.usage
        for value, envelope in zip(values, envelopes, strict=True):
            stream.usage = None
            stream._read(envelope, value, depth + 1)
            total = filled(stream.usage, total)
        stream.finishes.discard("unfinished")
        if not (stream.has_ended or stream.finishes):
            self.finishes.add("unfinished")
        self.usage = total
        self.texts += stream.texts
        self.model = self.model or stream.model
        self.finishes |= stream.finishes
        self.has_tool_calls |= stream.has_tool_calls
        self.has_other_content |= stream.has_other_content
        self.is_error |= stream.is_error

    def _own(self, value: Body, depth: int) -> None:
        """The body of a program of the caller's own. Its fields mean what the caller says."""
        fields = value
        for name in USAGE_FIELDS:
            if isinstance(counts := value.get(name), dict) and (usage := usage_of(counts, name)) is not None:
                self.usage = filled(usage, self.usage)
                fields = {other: told for other, told in fields.items() if other != name}
        if "intermediateSteps" in fields and "output" in fields:  # n8n's agents tell how they came to it
            fields = {"output": fields["output"]}
        if len(fields) == 1 and not _TEXT_FIELDS.isdisjoint(fields):
            ((name, only),) = fields.items()
            if not isinstance(only, dict) or depth > _MAX_DEPTH:
                if isinstance(only, str) and name in ("data", "body"):
                    self._no_object(only, depth)  # what n8n's HTTP node makes of text
                elif carries(only):
                    self._scalar(only)
            elif name == "output":
                self._json(only)  # what an output parser made has the fields of its schema, be they blank
            elif (envelope := recognise(only)) is not None:
                self._read(envelope, only, depth + 1)
            else:
                self._own(only, depth + 1)
        elif carries(fields):
            self._json(fields)

    # -- inside an envelope -----

    def _read(self, envelope: Envelope, value: Body, depth: int) -> None:
        if depth > _MAX_DEPTH:
            self.has_other_content = True
            return
        self.note(envelope, value)
        for path in envelope.metadata:
            if isinstance(inner := at(value, path), dict):
                self.note(METADATA, inner)
        for path, inner_envelope in envelope.each:
            for item in _flat(at(value, path)):
                self._item(inner_envelope, item, depth + 1)
        self._calls(value)
        read = len(self.texts)
        for path in envelope.content:
            if len(self.texts) == read and (inner := at(value, path)) is not None:
                self._content(path[-1], inner, depth + 1)
        for path in envelope.data:
            if len(self.texts) == read and carries(inner := at(value, path)):
                self.has_other_content = True
                if isinstance(inner, dict):
                    self._json(inner)

    def _item(self, envelope: Envelope, item: Any, depth: int) -> None:
        """One of several alternatives or items; one of another framework is read as that framework's."""
        if not isinstance(item, dict):
            self._scalar(item)
        elif _is_step(item):
            return
        elif _kind(item) in _TOOL_CALL_TYPES:
            self.has_tool_calls = True
        elif "lc" in item and self._wrapped(item, depth):
            return
        else:
            self._read(envelope, item, depth)
            if _kind(item) and "content" not in item:
                self.has_other_content = True

    def _calls(self, value: Body) -> bool:
        found = False
        for name in _TOOL_CALLS:
            if (calls := value.get(name)) and isinstance(calls, list | dict):
                found = self.has_tool_calls = True
        if (refusal := value.get("refusal")) and isinstance(refusal, str):
            found = True
            self.texts.append(refusal)
            self.finishes.add("content_filter")
        for name in _MEDIA:
            if (media := value.get(name)) and isinstance(media, list | dict):
                found = self.has_other_content = True
        return found

    def _content(self, name: str, value: Any, depth: int) -> None:
        """Text, parts, a message or another envelope; or JSON that stands for the text."""
        if depth > _MAX_DEPTH:
            self.has_other_content = True
        elif isinstance(value, str):
            self.texts.append(value)
        elif isinstance(value, list):
            for part in value:
                self._part(part, depth)
        elif not isinstance(value, dict):
            self._scalar(value)
        elif name in ("content", "text", "output"):
            if _kind(value) or isinstance(value.get("parts"), list) or value.keys() == {"text"}:
                self._part(value, depth)
            elif value.keys() - {"role"}:
                self._json(value)
        elif "content" in value and value.keys() <= {"role", "content", "refusal", "annotations"}:
            self._read(MESSAGE, value, depth)
        elif not self._wrapped(value, depth):
            if (envelope := recognise(value)) is not None:
                self._read(envelope, value, depth)
            elif _kind(value) and "content" not in value:
                self._part(value, depth)
            else:
                self._read(MESSAGE, value, depth)

    def _part(self, part: Any, depth: int) -> None:
        if depth > _MAX_DEPTH:
            self.has_other_content = True
        elif isinstance(part, list):
            for inner in part:
                self._part(inner, depth + 1)
        elif not isinstance(part, dict):
            self._scalar(part)
        elif _is_step(part):
            return
        elif _kind(part) in _TOOL_CALL_TYPES:
            self.has_tool_calls = True
        else:
            found = self._calls(part)
            for name in MESSAGE.content:
                if (inner := at(part, name)) is not None:
                    found = True
                    self._content(name[-1], inner, depth + 1)
                    break
            if not found and part:
                self.has_other_content = True

    def _scalar(self, value: Any) -> None:
        if isinstance(value, str):
            self.texts.append(value)
        elif value is not None:
            self._json(value)

    def _json(self, value: Any) -> None:
        """JSON with no text of its own is its own text."""
        if value in ({}, []):
            return
        self.has_other_content = True
        try:
            self.texts.append(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
        except (TypeError, ValueError, RecursionError):
            return


def _http_status(value: Body) -> int | None:
    """The status of what an HTTP client or a function wrapped with its headers and body."""
    status = value.get("statusCode", value.get("status"))
    if not isinstance(status, int) or isinstance(status, bool):
        return None
    if "body" in value and ("statusCode" in value or isinstance(value.get("headers"), dict)):
        return status
    return status if "data" in value and isinstance(value.get("headers"), dict) else None


def _langchain(value: Body) -> Any:
    """What LangChain dumped, or stored as a message."""
    if "lc" in value:
        return value.get("kwargs")
    return value.get("data") if value.get("type") == "ai" else None


def _parsed(body: str) -> Any:
    """A body that is JSON still in its text, as functions return it."""
    if body.lstrip()[:1] not in ("{", "["):
        return body
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return body


def _flat(items: Any) -> list[Any]:
    if not isinstance(items, list):
        return []
    return [inner for item in items for inner in (item if isinstance(item, list) else (item,))]


def _is_step(part: Body) -> bool:
    kind = _kind(part)
    return (
        part.get("thought") is True
        or kind in _STEP_TYPES
        or kind.endswith("_tool_result")
        or not _STEP_FIELDS.isdisjoint(part)
    )


def _kind(part: Body) -> str:
    return kind if isinstance(kind := part.get("type"), str) else ""
