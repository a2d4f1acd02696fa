"""The demonstration model's server."""

import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from . import chat_completions, responses
from .controls import Controls, Delay, Fault, Script
from .replies import DEFAULT_MODEL, Question, Reply, cut_short, reply, scripted
from .wire import BadRequest, sse

MODELS = ("gpt-4o-mini", "gpt-4.1-mini", "gpt-5-mini", DEFAULT_MODEL)

Events = Iterator[tuple[str | None, dict[str, Any]]]


def create_app(delay: float = 1.0, sleep: Callable[[float], None] = time.sleep) -> Flask:
    """The WSGI application; `delay` is how long an answer takes, in seconds."""
    app = Flask(__name__)
    controls = Controls(delay)

    @app.get("/")
    def about() -> ResponseReturnValue:
        return jsonify(about="A demonstration model that speaks OpenAI's API.", models=MODELS)

    @app.get("/v1/models")
    def models() -> ResponseReturnValue:
        return jsonify(object="list", data=[_model(name) for name in MODELS])

    @app.get("/v1/models/<path:name>")
    def model(name: str) -> ResponseReturnValue:
        return jsonify(_model(name))

    @app.post("/v1/chat/completions")
    def chat() -> ResponseReturnValue:
        question = chat_completions.read(_body())
        answer = answer_or_fault(question)
        if isinstance(answer, Response):
            return answer
        if question.stream:
            return stream(list(chat_completions.chunks(answer, question)), end=sse(None, "[DONE]"))
        sleep(controls.delay)
        return jsonify(chat_completions.whole(answer))

    @app.post("/v1/responses")
    def respond() -> ResponseReturnValue:
        question = responses.read(_body())
        answer = answer_or_fault(question)
        if isinstance(answer, Response):
            return answer
        if question.stream:
            return stream(list(responses.events(answer)))
        sleep(controls.delay)
        return jsonify(responses.whole(answer))

    def answer_or_fault(question: Question) -> Reply | Response:
        fault = controls.called(request.path, question.user_text)
        if fault.status is not None:
            return _refusal(fault.status, "The demonstration model was told to refuse this call.")
        answer = reply(question)
        if (line := controls.scripted()) is not None:
            answer = scripted(answer, line)
        return cut_short(answer, fault.finish_reason) if fault.finish_reason else answer

    def stream(events: list[tuple[Any, dict[str, Any]]], end: str = "") -> Response:
        def body() -> Iterable[str]:
            pause = controls.delay / len(events)
            for name, data in events:
                sleep(pause)
                yield sse(name, data)
            if end:
                yield end

        return Response(body(), mimetype="text/event-stream", headers={"Cache-Control": "no-cache"})

    @app.get("/calls")
    def calls() -> ResponseReturnValue:
        return jsonify(controls.calls())

    @app.post("/calls/reset")
    def reset() -> ResponseReturnValue:
        controls.reset()
        return jsonify(controls.calls())

    @app.post("/delay")
    def set_delay() -> ResponseReturnValue:
        controls.delay = msgspec.convert(_body(), Delay).seconds
        return jsonify(seconds=controls.delay)

    @app.post("/fault")
    def set_fault() -> ResponseReturnValue:
        fault = msgspec.convert(_body(), Fault)
        controls.set_fault(fault)
        return jsonify(msgspec.to_builtins(fault))

    @app.post("/script")
    def set_script() -> ResponseReturnValue:
        script = msgspec.convert(_body(), Script)
        controls.set_script(script)
        return jsonify(msgspec.to_builtins(script))

    @app.errorhandler(BadRequest)
    def bad_request(refused: BadRequest) -> ResponseReturnValue:
        return _refusal(400, str(refused), refused.param)

    @app.errorhandler(msgspec.ValidationError)
    def invalid(refused: msgspec.ValidationError) -> ResponseReturnValue:
        return _refusal(400, str(refused))

    @app.errorhandler(HTTPException)
    def http_error(refused: HTTPException) -> ResponseReturnValue:
        return _refusal(refused.code or 500, refused.description or refused.name)

    return app


def run(listen: str, delay: float) -> None:
    """Serve on `listen` (host:port) until SIGTERM or Ctrl-C."""
    host, _, port = listen.rpartition(":")
    server = make_server(
        host.strip("[]") or "127.0.0.1", int(port), create_app(delay), threaded=True, request_handler=_Quiet
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stderr.write(f"Demonstration model on http://{host or '127.0.0.1'}:{server.server_port}/v1\n")
    server.serve_forever()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of each request."""


def _body() -> dict[str, Any]:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise BadRequest(None, "Send a JSON object.")
    return body


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_735_689_600, "owned_by": "demonstration"}


_KINDS = {401: "authentication_error", 429: "rate_limit_error"}


def _refusal(status: int, message: str, param: str | None = None) -> Response:
    kind = _KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    response = jsonify(error={"message": message, "type": kind, "param": param, "code": None})
    response.status_code = status
    return response
