"""OpenAI's chat completions, which most other vendors speak too."""

from collections.abc import Sequence
from typing import Any

from .framing import ServerSentEvents
from .protocol import Body, Call, Json, Streamed, Wire, pieces, request_of, with_zero

_FIELDS = {
    "model": "model",
    "messages": "messages",
    "tools": "tools",
    "response_format": "response_format",
}
DONE = ServerSentEvents(end=b"[DONE]")
_PADDING = "obfuscation"
"""Of a chunk alone: it hides the length of what is said from who sees the packets."""
_SAID_ONCE = frozenset(("format", "id", "index", "name", "role", "type"))
_MOST_AHEAD = 64


class ChatCompletions(Streamed):
    name = "openai_chat"

    def is_at(self, path: str) -> bool:
        return path.endswith("chat/completions")

    def read(self, wire: Wire) -> Call:
        body = wire.body
        framing = DONE if body.get("stream") else None
        if bypass := _bypass(body):
            return Call(bypass=bypass, framing=framing)
        return Call(request=request_of(body, _FIELDS), framing=framing, with_usage=wants_usage(body))

    def is_last(self, event: Json) -> bool:
        return ends(event)

    def collected(self, events: Sequence[Json]) -> Json:
        body: Body = {}
        choices: dict[int, Body] = {}
        for event in events:
            for name, value in event.items():
                if name == _PADDING:
                    continue
                if name == "choices":
                    for choice in value or ():
                        _add_choice(choices.setdefault(choice.get("index", 0), {}), choice)
                elif value is not None or name not in body:
                    body[name] = value
        body["object"] = "chat.completion"
        body["choices"] = [choices[index] for index in sorted(choices)]
        return body

    def events(self, body: Json) -> list[Json]:
        about = {name: value for name, value in body.items() if name not in ("choices", "usage")}
        about["object"] = "chat.completion.chunk"
        chunks: list[Json] = []
        for choice in body.get("choices", ()):
            place = {"index": choice.get("index", 0)}
            for delta in _deltas(choice.get("message") or {}):
                chunks.append({**about, "choices": [{**place, "delta": delta, "finish_reason": None}]})
            rest = {name: value for name, value in choice.items() if name not in ("index", "message")}
            chunks.append({**about, "choices": [{**place, "delta": {}, **rest}]})
        if body.get("usage"):
            chunks.append({**about, "choices": [], "usage": body["usage"]})
        return chunks

    def untold(self, events: list[Json]) -> list[Json]:
        return without_counts(events)

    def without_usage(self, answer: Json) -> Json:
        return with_zero(answer, "usage", "x_groq", "timings")


def _bypass(body: Body) -> str:
    if isinstance(body.get("n"), int) and body["n"] > 1:
        return "several-answers"
    modalities = body.get("modalities")
    if body.get("audio") or (isinstance(modalities, list) and set(map(str, modalities)) - {"text"}):
        return "media"
    return ""


def wants_usage(body: Body) -> bool:
    """Whether the caller wants a stream to tell what was used."""
    options = body.get("stream_options")
    return isinstance(options, dict) and bool(options.get("include_usage"))


def ends(event: Json) -> bool:
    """Whether a chunk says why the answer ended, or what was used for it."""
    if not isinstance(event, dict):
        return False
    choices = event.get("choices")
    if choices == []:
        return bool(event.get("usage"))
    return any(isinstance(choice, dict) and choice.get("finish_reason") for choice in choices or ())


def without_counts(events: list[Json]) -> list[Json]:
    """The chunks for who did not ask what was used."""
    return [_without(event, "usage") for event in events if event.get("choices") or not event.get("usage")]


def _add_choice(choice: Body, chunk: Body) -> None:
    for name, value in chunk.items():
        if name == "delta":
            _add(choice.setdefault("message", {"role": "assistant"}), value or {})
        elif name == "logprobs" and isinstance(value, dict) and isinstance(choice.get(name), dict):
            _add(choice[name], value)
        elif value is not None or name not in choice:
            choice[name] = value


def _add(whole: Body, delta: Body) -> None:
    """Put a piece to what is there: texts grow, lists by their index, what is said once stays."""
    for name, value in delta.items():
        known = whole.get(name)
        if known is None:
            whole[name] = _listed(name, [], value) if isinstance(value, list) else value
        elif isinstance(value, str) and isinstance(known, str):
            if name not in _SAID_ONCE:
                whole[name] = known + value
        elif isinstance(value, list) and isinstance(known, list):
            _listed(name, known, value)
        elif isinstance(value, dict) and isinstance(known, dict):
            known = whole[name] = dict(known)
            _add(known, value)
        elif value is not None:
            whole[name] = value


def _listed(name: str, known: list[Any], pieces: list[Any]) -> list[Any]:
    for piece in pieces:
        if not (isinstance(piece, dict) and isinstance(piece.get("index"), int)):
            known.append(piece)
            continue
        # A call has its number in a stream alone; other items have theirs wherever they stand.
        rest = {field: value for field, value in piece.items() if field != "index" or name != "tool_calls"}
        if piece["index"] > len(known) + _MOST_AHEAD:
            raise ValueError("the pieces are not numbered one after the other")
        while len(known) <= piece["index"]:
            known.append({})
        known[piece["index"]] = dict(known[piece["index"]])
        _add(known[piece["index"]], rest)
    return known


def _deltas(message: Body) -> list[Body]:
    """A message in pieces: who speaks, then each text in its turn, then the calls."""
    said = {name: value for name, value in message.items() if name != "tool_calls"}
    texts = {name: value for name, value in said.items() if isinstance(value, str) and value and name != "role"}
    first = {name: "" if name in texts and name == "content" else value for name, value in said.items()}
    deltas = [{name: value for name, value in first.items() if name not in texts or name == "content"}]
    for name in sorted(texts, key="content".__eq__):
        deltas += [{name: piece} for piece in pieces(texts[name])]
    for index, call in enumerate(message.get("tool_calls") or ()):
        deltas.append({"tool_calls": [{"index": index, **call}]})
    return deltas


def _without(event: Body, name: str) -> Body:
    return {other: value for other, value in event.items() if other != name} if name in event else event


def error(_: int, kind: str, message: str) -> Body:
    """How OpenAI tells of a failure."""
    return {"error": {"message": message, "type": kind, "param": None, "code": kind}}
