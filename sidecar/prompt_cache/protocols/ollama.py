"""Ollama's own API."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from .framing import JsonLines
from .protocol import Body, Call, Json, Streamed, Wire, joined, pieces, request_of

_FIELDS = {"model": "model", "tools": "tools", "format": "response_format"}
_IGNORED = ("keep_alive",)
_COUNTS = (
    "prompt_eval_count",
    "eval_count",
    "prompt_eval_duration",
    "eval_duration",
    "total_duration",
    "load_duration",
)


class _Ollama(Streamed):
    """Streams unless told not to; the last line says `done` and has the counts."""

    path: str
    fields: Mapping[str, str]
    """The names of its own fields, to those of a request."""

    def is_at(self, path: str) -> bool:
        return path == self.path

    def read(self, wire: Wire) -> Call:
        body = wire.body
        framing = None if body.get("stream") is False else JsonLines()
        if bypass := self.bypass(body):
            return Call(bypass=bypass, framing=framing)
        asked = {name: value for name, value in body.items() if name not in _IGNORED}
        return Call(request=request_of(asked, {**_FIELDS, **self.fields}), framing=framing)

    def is_last(self, event: Json) -> bool:
        return isinstance(event, dict) and event.get("done") is True

    def collected(self, events: Sequence[Json]) -> Json:
        body: Body = {}
        logprobs: Json = None
        for event in events:
            logprobs = joined(logprobs, event.get("logprobs"))
            self._add(body, event)
        return body if logprobs is None else {**body, "logprobs": logprobs}

    def events(self, body: Json) -> list[Json]:
        about = {name: body[name] for name in ("model", "created_at") if name in body}
        lines: list[Json] = [{**about, **said, "done": False} for said in self._said(body)]
        return [*lines, {**body, **self._silent(body)}]

    def without_usage(self, answer: Json) -> Json:
        if not isinstance(answer, dict):
            return answer
        return {name: 0 if name in _COUNTS else value for name, value in answer.items()}

    @abstractmethod
    def bypass(self, body: Body) -> str: ...

    @abstractmethod
    def _add(self, body: Body, line: Body) -> None: ...

    @abstractmethod
    def _said(self, body: Body) -> list[Body]:
        """The fields of the lines before the last."""

    @abstractmethod
    def _silent(self, body: Body) -> Body:
        """The fields of the last line, which says nothing any more."""


class Chat(_Ollama):
    name = "ollama_chat"
    path = "chat"
    fields = MappingProxyType({"messages": "messages"})

    def bypass(self, body: Body) -> str:
        return "" if body.get("messages") else "no-question"  # which loads or unloads a model

    def _add(self, body: Body, line: Body) -> None:
        message = dict(body.get("message") or {})
        for name, value in (line.get("message") or {}).items():
            known = message.get(name)
            grows = isinstance(known, str | list) and isinstance(value, type(known)) and name != "role"
            if value is not None:
                message[name] = known + value if grows else value
        body.update(line)
        if message:
            body["message"] = message

    def _said(self, body: Body) -> list[Body]:
        message = body.get("message") or {}
        role = {"role": message.get("role", "assistant")}
        said: list[Body] = []
        for name in ("thinking", "content"):
            empty = {} if name == "content" else {"content": ""}
            said += [{**role, **empty, name: piece} for piece in pieces(message.get(name) or "")]
        rest = {name: value for name, value in message.items() if name not in ("role", "thinking", "content")}
        if rest:
            said.append({**role, "content": "", **rest})
        return [{"message": line} for line in said]

    def _silent(self, body: Body) -> Body:
        return {"message": {"role": (body.get("message") or {}).get("role", "assistant"), "content": ""}}


class Generate(_Ollama):
    name = "ollama_generate"
    path = "generate"
    fields = MappingProxyType({"prompt": "prompt", "system": "system"})

    def bypass(self, body: Body) -> str:
        if body.get("context"):
            return "earlier-response"
        return "" if body.get("prompt") else "no-question"

    def _add(self, body: Body, line: Body) -> None:
        grown: Body = {
            name: (body.get(name) or "") + (line.get(name) or "")
            for name in ("response", "thinking")
            if name in body or name in line
        }
        body.update(line)
        body.update(grown)

    def _said(self, body: Body) -> list[Body]:
        thought = [{"response": "", "thinking": piece} for piece in pieces(body.get("thinking") or "")]
        return [*thought, *({"response": piece} for piece in pieces(body.get("response") or ""))]

    def _silent(self, body: Body) -> Body:
        return {"response": "", **({"thinking": ""} if "thinking" in body else {})}


def error(_: int, kind: str, message: str) -> Body:
    """How Ollama tells of a failure."""
    return {"error": f"{kind}: {message}"}
