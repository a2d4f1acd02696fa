"""Calls in each provider's protocol, as their SDKs send them."""

from typing import Any, NamedTuple
from uuid import uuid4

import requests

from prompt_cache.protocols.framing import JsonLines, JsonList, ServerSentEvents
from prompt_cache.responses.answer import read_answer

Json = dict[str, Any]
KEY = "sk-test-1"


class Kind(NamedTuple):
    """One endpoint: where it is called, plain and streamed, and with which key."""

    name: str
    path: str
    stream_path: str
    key: tuple[str, str]

    def body(self, question: str, *, stream: bool = False) -> Json:
        said = [{"role": "user", "content": question}]
        match self.name:
            case "openai_completions":
                body: Json = {"model": "gpt-3.5-turbo-instruct", "prompt": question}
            case "openai_responses":
                body = {"model": "gpt-5-mini", "input": question}
            case "anthropic_messages":
                body = {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": said}
            case "gemini_generate":
                return {"contents": [{"role": "user", "parts": [{"text": question}]}]}
            case "ollama_chat":
                return {"model": "llama3.2", "messages": said, "stream": stream}
            case "ollama_generate":
                return {"model": "llama3.2", "prompt": question, "stream": stream}
            case _:
                body = {"model": "gpt-4o-mini", "messages": said}
        return {**body, "stream": True} if stream else body


_BEARER = ("Authorization", f"Bearer {KEY}")
_GEMINI = "/gemini/v1beta/models/gemini-2.5-flash"
KINDS = [
    Kind("openai_chat", "/openai/v1/chat/completions", "/openai/v1/chat/completions", _BEARER),
    Kind("openai_completions", "/openai/v1/completions", "/openai/v1/completions", _BEARER),
    Kind("openai_responses", "/openai/v1/responses", "/openai/v1/responses", _BEARER),
    Kind("anthropic_messages", "/anthropic/v1/messages", "/anthropic/v1/messages", ("x-api-key", KEY)),
    Kind(
        "gemini_generate",
        f"{_GEMINI}:generateContent",
        f"{_GEMINI}:streamGenerateContent?alt=sse",
        ("x-goog-api-key", KEY),
    ),
    Kind("gemini_generate", f"{_GEMINI}:generateContent", f"{_GEMINI}:streamGenerateContent", ("x-goog-api-key", KEY)),
    Kind("ollama_chat", "/ollama/api/chat", "/ollama/api/chat", _BEARER),
    Kind("ollama_generate", "/ollama/api/generate", "/ollama/api/generate", _BEARER),
]
CHAT = KINDS[0]


def question() -> str:
    """One that nobody has asked."""
    return f"What is {uuid4().hex}?"


class Caller:
    """Sends calls to a sidecar."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._session.request(method, self.url + path, timeout=30, **options)

    def ask(
        self, asked: str | Json, kind: Kind = CHAT, *, stream: bool = False, key: str | None = None, **headers: str
    ) -> requests.Response:
        """One call; header names are written with underscores."""
        body = kind.body(asked, stream=stream) if isinstance(asked, str) else asked
        name, value = kind.key
        sent = {name: value.replace(KEY, key) if key else value}
        sent |= {header.replace("_", "-"): text for header, text in headers.items()}
        return self.send("POST", kind.stream_path if stream else kind.path, json=body, headers=sent)


def fate(response: requests.Response) -> str:
    """The first two words of Cache-Status: `hit`, `fwd=uri-miss`, `fwd=bypass`, ..."""
    return response.headers["Cache-Status"].split("; ")[1]


def text_of(response: requests.Response) -> str:
    """What the model says, in one body or in the events of a stream."""
    assert response.status_code == 200, response.text
    return read_answer(told(response)).text


def told(response: requests.Response) -> Any:
    content_type = response.headers["Content-Type"].partition(";")[0]
    if content_type == "application/json" and "streamGenerate" not in str(response.url):
        return response.json()
    framing = {"text/event-stream": ServerSentEvents(end=b"[DONE]"), "application/x-ndjson": JsonLines()}.get(
        content_type, JsonList()
    )
    reader = framing.reader()
    return reader.feed(response.content) + reader.close()
