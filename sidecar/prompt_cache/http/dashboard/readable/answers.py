"""Stored answers, in any provider's or framework's shape, as bubbles."""

from collections.abc import Callable

from ....protocols.anthropic import Messages
from ....protocols.gemini import GenerateContent
from ....protocols.ollama import Chat, Generate
from ....protocols.openai_chat import ChatCompletions
from ....protocols.openai_completions import Completions
from ....protocols.openai_responses import Responses
from ....protocols.protocol import Streamed
from ....responses.answer import read_answer
from .messages import PART, Block, Bubble, Json, Readable, Reading
from .texts import decoded, pretty

_MOST_DEPTH = 6
_MOST = 200
"""Answers in one."""


def read_response(response: bytes, most: int = PART) -> Readable:
    """What an answer says. What has no shape that is known is shown as the JSON it is."""
    reading = Reading(most)
    try:
        value = decoded(response)
    except ValueError:
        return Readable([Bubble("assistant", reading.block("text", response.decode("utf-8", "replace")))], reading.cut)
    bubbles = _bubbles(reading, value, 0)
    if not bubbles and not reading.cut:
        bubbles = [Bubble("assistant", reading.data(value))]
    return Readable(bubbles, reading.cut)


def _bubbles(reading: Reading, value: Json, depth: int) -> list[Bubble]:
    if depth > _MOST_DEPTH:
        return _one(reading.data(value))
    if isinstance(value, list) and (body := _collected(value)) is not None:
        value = body
    if isinstance(value, list):
        if _all_messages(value):
            return _joined(reading, value)
        if _is_answers(value):
            found = [bubble for each in value[:_MOST] for bubble in _bubbles(reading, each, depth + 1)]
            reading.cut |= len(value) > _MOST
            return found
        return _plain(reading, value)
    if not isinstance(value, dict):
        return _one(reading.said(value) if isinstance(value, str) else reading.data(value))
    for look in _SHAPES:
        inner = look(value)
        if inner is not None:
            return _joined(reading, inner[1]) if inner[0] else _bubbles(reading, inner[1], depth + 1)
    return _plain(reading, value)


def _plain(reading: Reading, value: Json) -> list[Bubble]:
    """What else says something: the text that the cache reads in it, or all of it."""
    text = "" if isinstance(value, list) else read_answer(value).text
    return _one(reading.said(text) if text else reading.block("json", pretty(value)))


def _joined(reading: Reading, messages: list[Json]) -> list[Bubble]:
    """Items of one answer in one bubble, what a tool said in between in its own."""
    bubbles: list[Bubble] = []
    for message in messages[:_MOST]:
        for bubble in reading.bubbles(message):
            if bubbles and bubbles[-1].role == bubble.role:
                bubbles[-1].blocks.extend(bubble.blocks)
            else:
                bubbles.append(bubble)
    reading.cut |= len(messages) > _MOST
    return bubbles


def _one(blocks: list[Block]) -> list[Bubble]:
    return [Bubble("assistant", blocks)] if blocks else []


# -- shapes: (whether it is a list of messages, what is in there) -----

_Found = tuple[bool, Json] | None


def _wrapped(value: dict[str, Json]) -> _Found:
    """What n8n, LangChain and HTTP clients put around a whole answer."""
    if isinstance(items := value.get("n8n.items"), list) and len(value) == 1:
        return False, items
    if isinstance(item := value.get("json"), dict) and value.keys() <= {
        *("json", "binary", "pairedItem", "error", "index", "metadata", "evaluationData", "own", "files")
    }:
        return False, item
    if "lc" in value and isinstance(inner := value.get("kwargs"), dict):
        return (True, [{"role": "assistant", **inner}]) if "content" in inner else (False, inner)
    if value.get("type") == "ai" and isinstance(inner := value.get("data"), dict):
        return True, [{"role": "assistant", **inner}]
    return None


def _chat(value: dict[str, Json]) -> _Found:
    choices = value.get("choices")
    if not isinstance(choices, list) or not choices or not all(isinstance(each, dict) for each in choices):
        return None
    if all(isinstance(each.get("message"), dict) for each in choices):
        messages = [each["message"] for each in choices]
        return (True, messages) if len(messages) == 1 else (False, [{"message": message} for message in messages])
    if all(isinstance(each.get("text"), str) for each in choices):
        return False, [each["text"] for each in choices]
    return None


def _output(value: dict[str, Json]) -> _Found:
    output = value.get("output")
    if isinstance(output, list) and value.get("object") == "response":
        return True, [{"role": "assistant", **item} if _is_item(item) else item for item in output]
    if isinstance(output, dict) and isinstance(message := output.get("message"), dict):
        return True, [message]
    return None


def _content(value: dict[str, Json]) -> _Found:
    if value.get("type") == "message" and isinstance(value.get("content"), list):
        return True, [value]
    if value.get("role") in ("assistant", "model") and ("content" in value or "parts" in value):
        return True, [value]
    if value.keys() <= {"content", "merged_response"} and isinstance(value.get("content"), list):
        return True, [{"role": "assistant", **value}]
    if isinstance(value.get("content"), str | list) and ("tool_calls" in value or "response_metadata" in value):
        return True, [{"role": "assistant", **value}]
    return None


def _candidates(value: dict[str, Json]) -> _Found:
    found = value.get("candidates")
    if not isinstance(found, list) or not found:
        return None
    contents = [each.get("content") if isinstance(each, dict) else None for each in found]
    if not all(isinstance(content, dict) for content in contents):
        return None
    return (True, contents) if len(contents) == 1 else (False, [{"message": content} for content in contents])


def _lone(value: dict[str, Json]) -> _Found:
    """Ollama, and choices by themselves."""
    message = value.get("message")
    if isinstance(message, dict) and ("content" in message or "tool_calls" in message or "parts" in message):
        return True, [{"role": "assistant", **message}]
    if "done" in value and isinstance(text := value.get("response"), str):
        thought = value.get("thinking")
        return True, [{"role": "assistant", "content": text, "thinking": thought}]
    return None


_SHAPES: tuple[Callable[[dict[str, Json]], _Found], ...] = (_wrapped, _chat, _output, _content, _candidates, _lone)


def _is_item(item: Json) -> bool:
    return isinstance(item, dict) and "role" not in item


def _all_messages(values: list[Json]) -> bool:
    return bool(values) and all(
        isinstance(each, dict) and isinstance(each.get("role"), str) and ("content" in each or "parts" in each)
        for each in values
    )


def _is_answers(values: list[Json]) -> bool:
    """Whether each of several is an answer that is read by itself."""
    return bool(values) and all(
        isinstance(each, str) or (isinstance(each, dict) and any(look(each) is not None for look in _SHAPES))
        for each in values
    )


def _collected(events: list[Json]) -> Json:
    """The body that says what the events of a stream say; None where they are no stream that is known."""
    told = [event for event in events if isinstance(event, dict)]
    if not told or len(events) - len(told) > 1:  # OpenAI ends its streams with a word
        return None
    for begins, endpoint in _STREAMS:
        if any(begins(event) for event in told[:3]):
            try:
                return endpoint.collected(told)
            except (LookupError, TypeError, ValueError, AttributeError):
                continue
    return None


def _begins_chat(event: dict[str, Json]) -> bool:
    choices = event.get("choices")
    return isinstance(choices, list) and any(isinstance(each, dict) and "delta" in each for each in choices)


_STREAMS: tuple[tuple[Callable[[dict[str, Json]], bool], Streamed], ...] = (
    (_begins_chat, ChatCompletions()),
    (lambda event: event.get("type") == "message_start", Messages()),
    (lambda event: str(event.get("type")).startswith("response."), Responses()),
    (lambda event: "candidates" in event, GenerateContent()),
    (lambda event: event.get("done") is False and "message" in event, Chat()),
    (lambda event: event.get("done") is False and "response" in event, Generate()),
    (lambda event: event.get("object") == "text_completion", Completions()),
)
"""How to see whose stream it is, and who knows what it says."""
