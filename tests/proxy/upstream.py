"""A provider that speaks all four protocols, counts its calls, and never answers twice the same."""

import asyncio
import base64
import gzip
import json
import struct
import threading
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from prompt_cache.protocols import ENDPOINTS, ERRORS
from prompt_cache.protocols.anthropic import Messages
from prompt_cache.protocols.framing import ServerSentEvents
from prompt_cache.protocols.gemini import GenerateContent
from prompt_cache.protocols.ollama import Chat, Generate
from prompt_cache.protocols.openai_chat import ChatCompletions
from prompt_cache.protocols.openai_completions import Completions
from prompt_cache.protocols.openai_responses import Responses
from prompt_cache.protocols.protocol import Streamed, Wire
from stack.processes import free_port

from .said import Said, said, told_to_fail
from .streams import streamed

Json = dict[str, Any]
CALLS = "/-/calls"
"""Where it tells how many there were, to who has another process than it."""
_KEYS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")


class Upstream:
    """On loopback, in a thread of its own. What it shall do with the next calls is set before them."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.calls = 0
        """Answers of a model; other calls are not counted."""
        self.seen: list[web.BaseRequest] = []
        self.bodies: list[bytes] = []
        self.delay = 0.0
        """Seconds before an answer, and in its middle."""
        self.status = 200
        self.headers: dict[str, str] = {}
        """Sent with each answer."""
        self.fault = ""
        """`cut` breaks off in the middle; `error-event` says so in a stream; `gzip` packs; `bytes` sends each alone;
        `lingers` keeps the connection open after the last event; `no-stream` answers a stream with one body."""
        self.tool_calls = False
        self.cut_calls = 0
        """How many calls were given up by who made them."""
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def reset(self) -> None:
        self.calls = self.cut_calls = 0
        self.seen, self.bodies = [], []
        self.delay, self.status, self.fault, self.headers, self.tool_calls = 0.0, 200, "", {}, False

    def __enter__(self) -> "Upstream":
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        runner = web.AppRunner(app, handler_cancellation=True)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self._started.set()
        self._loop.run_forever()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        body = await request.read()
        self.bodies.append(body)
        endpoint, call = _called(request, body)
        if endpoint is None:
            return await self._other(request, body)
        self.calls += 1
        number = self.calls
        try:
            await asyncio.sleep(self.delay)
            status = told_to_fail(body) or self.status
            if status != 200:
                headers = {"retry-after": "7", **self.headers}
                return web.json_response(
                    ERRORS[_provider(endpoint)](status, "as_told", "as told"), status=status, headers=headers
                )
            if not isinstance(endpoint, Streamed):
                return web.json_response(_vectors(request.path, json.loads(body), number))
            speech = Said(tool=("f", {"a": 1})) if self.tool_calls else said(json.loads(body), number)
            if self.fault == "no-stream":
                return web.json_response({"said": "something else"})
            answer = _body(endpoint, number, _question(body), speech)
            if self.fault == "length":
                _shorten(endpoint, answer)
            if call.framing is None:
                return await self._whole(request, answer)
            return await self._streamed(request, call.framing.content_type, self._events(endpoint, call, answer))
        except asyncio.CancelledError:
            self.cut_calls += 1
            raise

    async def _events(self, endpoint: Streamed, call: Any, answer: Json) -> AsyncIterator[bytes]:
        sse = isinstance(call.framing, ServerSentEvents)
        parts = streamed(endpoint.name, answer, sse=sse, with_usage=call.with_usage)
        half = len(parts) // 2
        for at, part in enumerate(parts):
            if at == half:
                await asyncio.sleep(self.delay)
                if self.fault == "cut":
                    return
                if self.fault == "error-event":
                    yield next(call.framing.written([{"type": "error", "error": {"message": "overloaded"}}]))
                    return
            for piece in [bytes([byte]) for byte in part] if self.fault == "bytes" else [part]:
                yield piece

    async def _whole(self, request: web.Request, answer: Json) -> web.StreamResponse:
        data = json.dumps(answer, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", **self.headers}
        if self.fault == "gzip":
            data, headers["content-encoding"] = gzip.compress(data), "gzip"
        if self.fault == "cut":
            response = web.StreamResponse(headers={**headers, "content-length": str(len(data))})
            await response.prepare(request)
            await response.write(data[:-20])
            assert request.transport is not None
            request.transport.close()
            return response
        return web.Response(body=data, headers=headers)

    async def _streamed(
        self, request: web.Request, content_type: str, parts: AsyncIterator[bytes]
    ) -> web.StreamResponse:
        headers = {"content-type": content_type, **self.headers}
        if self.fault == "gzip":
            headers["content-encoding"] = "gzip"
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        if self.fault == "gzip":
            await response.write(gzip.compress(b"".join([part async for part in parts])))
            return response
        async for part in parts:
            await response.write(part)
            if self.fault == "bytes":
                await asyncio.sleep(0)
        if self.fault == "lingers":
            await asyncio.sleep(1.0)
        return response

    async def _other(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if request.path == CALLS:
            return web.json_response(self.calls)
        told = {
            "method": request.method,
            "path": request.raw_path,
            "keys": {name: request.headers[name] for name in _KEYS if name in request.headers},
            "headers": sorted(name.lower() for name in request.headers),
            "bytes": len(body),
            "object": "list",  # of models
            "data": [{"id": "gpt-4o-mini", "object": "model", "created": 1790000000, "owned_by": "openai"}],
        }
        return web.json_response(told, headers={"set-cookie": "a=b", **self.headers})


def _called(request: web.Request, body: bytes) -> tuple[Any, Any]:
    path = request.path.lstrip("/")
    for under in ("v1beta/", "v1/", "api/"):
        path = path.removeprefix(under)
    if request.method == "POST":
        for endpoints in ENDPOINTS.values():
            for endpoint in endpoints:
                if endpoint.is_at(path) and _is_its_own(endpoint.name, request.path):
                    return endpoint, endpoint.read(Wire(path, dict(request.query), json.loads(body)))
    return None, None


def _is_its_own(name: str, path: str) -> bool:
    """Anthropic's and OpenAI's calls stand below the same name, Ollama's `chat` below another."""
    return name.startswith("ollama") == path.startswith("/api/")


def _question(body: bytes) -> str:
    asked = json.loads(body)
    return json.dumps(asked.get("messages") or asked.get("input") or asked.get("contents") or asked.get("prompt"))[-60:]


def _provider(endpoint: Any) -> str:
    return next(provider for provider, endpoints in ENDPOINTS.items() if endpoint in endpoints)


def _vectors(path: str, body: Json, number: int) -> Json:
    given = body["input"]
    texts = [given] if isinstance(given, str) else given
    vectors = [[float(len(text)), float(number)] for text in texts]
    if path.startswith("/api/"):
        return {"model": body["model"], "embeddings": vectors, "prompt_eval_count": 2 * len(texts)}
    packed = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": at, "embedding": _packed(vector) if packed else vector}
        for at, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": 2 * len(texts), "total_tokens": 2 * len(texts)}
    return {"object": "list", "model": body["model"], "data": data, "usage": usage}


def _shorten(endpoint: Streamed, answer: Json) -> None:
    """Let it say that it ended because it was long enough."""
    match endpoint:
        case ChatCompletions() | Completions():
            answer["choices"][0]["finish_reason"] = "length"
        case Responses():
            answer |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        case Messages():
            answer["stop_reason"] = "max_tokens"
        case GenerateContent():
            answer["candidates"][0]["finishReason"] = "MAX_TOKENS"
        case _:
            answer["done_reason"] = "length"


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _body(endpoint: Streamed, number: int, question: str, speech: Said) -> Json:
    text = f"Grüezi, answer {number} to {question}: one two three four five six seven eight nine ten 👋"
    if speech.form is not None:
        text = json.dumps(speech.form, ensure_ascii=False)
    name, arguments = speech.tool or ("", {})
    match endpoint:
        case ChatCompletions():
            message: Json = {"role": "assistant", "content": text, "reasoning_content": "unknown to us"}
            if name:
                function = {"name": name, "arguments": json.dumps(arguments)}
                call = {"id": f"call_{number}", "type": "function", "function": function}
                message = {"role": "assistant", "content": None, "tool_calls": [call]}
            finish = "tool_calls" if name else "stop"
            return {
                "id": f"chatcmpl-{number}",
                "object": "chat.completion",
                "created": 1790000000,
                "model": "gpt-4o-mini-2024-07-18",
                "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14},
            }
        case Completions():
            return {
                "id": f"cmpl-{number}",
                "object": "text_completion",
                "created": 1790000000,
                "model": "gpt-3.5-turbo-instruct",
                "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14},
            }
        case Responses():
            part = {"type": "output_text", "text": text, "annotations": []}
            item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
            if name:
                called = {"call_id": f"call_{number}", "name": name, "arguments": json.dumps(arguments)}
                item = {"id": "fc_1", "type": "function_call", "status": "completed", **called}
            return {
                "id": f"resp_{number}",
                "object": "response",
                "created_at": 1790000000,
                "status": "completed",
                "error": None,
                "incomplete_details": None,
                "instructions": None,
                "metadata": {},
                "model": "gpt-5-mini-2025-08-07",
                "output": [item],
                "parallel_tool_calls": True,
                "temperature": 1.0,
                "tool_choice": "auto",
                "tools": [],
                "top_p": 1.0,
                "usage": {
                    "input_tokens": 9,
                    "input_tokens_details": {"cached_tokens": 0},
                    "output_tokens": 5,
                    "output_tokens_details": {"reasoning_tokens": 0},
                    "total_tokens": 14,
                },
            }
        case Messages():
            return {
                "id": f"msg_{number}",
                "type": "message",
                "role": "assistant",
                "model": "claude-sonnet-4-5-20250929",
                "content": [{"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": arguments}]
                if name
                else [{"type": "text", "text": text}],
                "stop_reason": "tool_use" if name else "end_turn",
                "stop_sequence": None,
                "usage": {"input_tokens": 9, "output_tokens": 5},
            }
        case GenerateContent():
            said_part: Json = {"functionCall": {"name": name, "args": arguments}} if name else {"text": text}
            content = {"role": "model", "parts": [said_part]}
            return {
                "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
                "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 5, "totalTokenCount": 14},
                "modelVersion": "gemini-2.5-flash",
                "responseId": f"r-{number}",
            }
        case Chat() | Generate():
            message = {"role": "assistant", "content": text}
            if name:
                message = {
                    **message,
                    "content": "",
                    "tool_calls": [{"function": {"name": name, "arguments": arguments}}],
                }
            return {
                "model": "llama3.2",
                "created_at": "2026-11-25T08:00:00Z",
                **({"message": message} if isinstance(endpoint, Chat) else {"response": text}),
                "done": True,
                "done_reason": "stop",
                "prompt_eval_count": 9,
                "eval_count": 5,
            }
    raise NotImplementedError(endpoint.name)
