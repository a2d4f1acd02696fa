"""Google's Gemini."""

import re
from collections.abc import Sequence

from .framing import JsonList, ServerSentEvents
from .protocol import Body, Call, Json, Streamed, Wire, pieces, request_of, with_zero

_FIELDS = {"contents": "messages", "systemInstruction": "system", "tools": "tools"}
_SPELLINGS = {
    "system_instruction": "systemInstruction",
    "generation_config": "generationConfig",
    "safety_settings": "safetySettings",
    "tool_config": "toolConfig",
    "cached_content": "cachedContent",
}
"""Both are taken; the first is protobuf's own."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EMPTY = {"text": ""}
_STREAM, _WHOLE = ":streamGenerateContent", ":generateContent"


class GenerateContent(Streamed):
    name = "gemini_generate"

    def is_at(self, path: str) -> bool:
        return path.endswith((_STREAM, _WHOLE))

    def read(self, wire: Wire) -> Call:
        body = wire.body
        framing = None
        if wire.path.endswith(_STREAM):
            framing = ServerSentEvents() if wire.query.get("alt") == "sse" else JsonList()
        asked = body
        body = {_SPELLINGS.get(name, name): value for name, value in asked.items()}
        if len(body) < len(asked):
            return Call(framing=framing)  # said twice
        if bypass := _bypass(body):
            return Call(bypass=bypass, framing=framing)
        model, _, _ = wire.path.rpartition("/")[2].partition(":")
        body = {**body, "model": model, "contents": _contents(body.get("contents"))}
        instruction = body.get("systemInstruction")
        if isinstance(instruction, dict):
            body["systemInstruction"] = instruction.get("parts")
        if isinstance(body.get("tools"), dict):
            body["tools"] = [body["tools"]]
        body["contents"] = _without_invented_ids(body["contents"], body.get("tools"))
        return Call(request=request_of(body, {"model": "model", **_FIELDS}), framing=framing)

    def of_either_form(self, url: str) -> str:
        return url.removesuffix(_STREAM) + _WHOLE if url.endswith(_STREAM) else url

    def is_last(self, event: Json) -> bool:
        if not isinstance(event, dict):
            return False
        if (event.get("promptFeedback") or {}).get("blockReason"):
            return True
        return any(candidate.get("finishReason") for candidate in event.get("candidates") or ())

    def collected(self, events: Sequence[Json]) -> Json:
        body: Body = {}
        candidates: dict[int, Body] = {}
        for event in events:
            body.update(event)
            for candidate in event.get("candidates") or ():
                whole = candidates.setdefault(candidate.get("index", 0), {})
                content = candidate.get("content") or {}
                known = whole.get("content") or {}
                joined = {**known, **content, "parts": _joined(known.get("parts") or [], content.get("parts") or [])}
                whole.update(candidate)
                if known or content:
                    whole["content"] = joined
        if candidates:
            body["candidates"] = [candidates[index] for index in sorted(candidates)]
        return body

    def events(self, body: Json) -> list[Json]:
        candidates: list[Body] = body.get("candidates") or []
        if len(candidates) != 1:
            return [body]
        candidate = candidates[0]
        content = candidate.get("content") or {}
        parts = [piece for part in content.get("parts") or () for piece in _pieces(part)]
        if len(parts) < 2:
            return [body]
        index = {"index": candidate["index"]} if "index" in candidate else {}
        about = {name: body[name] for name in ("modelVersion", "responseId", "createTime") if name in body}
        first = [{"candidates": [{"content": {**content, "parts": [part]}, **index}], **about} for part in parts[:-1]]
        last = {**candidate, "content": {**content, "parts": parts[-1:]}}
        return [*first, {**body, "candidates": [last]}]

    def without_usage(self, answer: Json) -> Json:
        return with_zero(answer, "usageMetadata")


def _bypass(body: Body) -> str:
    config = body.get("generationConfig")
    config = config if isinstance(config, dict) else {}
    several = config.get("candidateCount", config.get("candidate_count"))
    if isinstance(several, int) and several > 1:
        return "several-answers"
    wanted = config.get("responseModalities", config.get("response_modalities")) or ()
    return "media" if {str(kind).upper() for kind in wanted} - {"TEXT"} else ""


def _contents(contents: Json) -> Json:
    """What is said without saying by whom is the user's."""
    if isinstance(contents, dict):
        contents = [contents]
    if not isinstance(contents, list):
        return contents
    return [{"role": "user", **content} if isinstance(content, dict) else content for content in contents]


def _without_invented_ids(contents: Json, tools: Json) -> Json:
    """Without the ids that LangChain makes up for calls, and n8n's AI Agent sends among their arguments.

    Google's own calls need none, so that a tool's `id` is one only where the tool takes it.
    """
    if not isinstance(contents, list):
        return contents
    takes_none = {
        tool.get("name")
        for group in (tools if isinstance(tools, list) else ())
        if isinstance(group, dict)
        for tool in group.get("functionDeclarations") or group.get("function_declarations") or ()
        if isinstance(tool, dict) and isinstance(schema := tool.get("parameters"), dict)
        if "id" not in (schema.get("properties") or {})
    }
    return [
        {**content, "parts": [_without_invented_id(part, takes_none) for part in content["parts"]]}
        if isinstance(content, dict) and isinstance(content.get("parts"), list)
        else content
        for content in contents
    ]


def _without_invented_id(part: Json, takes_none: set[Json]) -> Json:
    call = part.get("functionCall") if isinstance(part, dict) else None
    if not isinstance(call, dict) or call.get("name") not in takes_none:
        return part
    args = call.get("args")
    if not isinstance(args, dict) or not isinstance(made_up := args.get("id"), str) or not _UUID.fullmatch(made_up):
        return part
    rest = {name: value for name, value in args.items() if name != "id"}
    return {**part, "functionCall": {**call, "args": rest}}


def _is_text(part: Json) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str) and part.keys() <= {"text", "thought"}


def _joined(known: list[Json], new: list[Json]) -> list[Json]:
    """Parts one after the other; texts that go on are one, and an empty one only ends a stream."""
    parts = list(known)
    for part in new:
        if part == _EMPTY and parts:
            continue
        last = parts[-1] if parts else {}
        if _is_text(part) and _is_text(last) and last.get("thought") == part.get("thought"):
            parts[-1] = {**last, "text": last["text"] + part["text"]}
        elif last == _EMPTY:
            parts[-1] = part
        else:
            parts.append(part)
    return parts


def _pieces(part: Json) -> list[Json]:
    if not _is_text(part) or not part["text"]:
        return [part]
    return [{**part, "text": piece} for piece in pieces(part["text"])]


def error(status: int, kind: str, message: str) -> Body:
    """How Google tells of a failure."""
    return {"error": {"code": status, "message": message, "status": kind.upper()}}
