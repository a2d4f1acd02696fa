"""Traces of calls through the proxy, from real workers to a collector: one trace from the caller to the provider."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from sidecar.tests.observability.collector import Collector, Seen
from stack import Sidecar
from tests.api.client import until

from .calls import CHAT, KINDS, Caller, Kind, question
from .conftest import settings
from .upstream import Upstream

SPAN = "b7ad6b7169203331"
OFTEN = {"OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_METRIC_EXPORT_INTERVAL": "300"}


@pytest.fixture(scope="module")
def _collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture
def collector(_collector: Collector) -> Collector:
    """As it is, with nothing seen."""
    _collector.spans, _collector.metrics, _collector.raw = [], {}, []
    return _collector


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, _collector: Collector, _upstream: Upstream) -> Iterator[Sidecar]:
    env = {**settings(_upstream), **OFTEN, "PROMPT_CACHE_OTEL": f"{{endpoint: {_collector.url}, service_name: cache}}"}
    with Sidecar(tmp_path_factory.mktemp("otel"), env=env) as sidecar:
        yield sidecar


@pytest.fixture
def caller(server: Sidecar, upstream: Upstream) -> Iterator[Caller]:  # noqa: ARG001 - with its counter at zero
    caller = Caller(server.url)
    yield caller
    caller.close()


@pytest.fixture
def trace() -> str:
    """That of the caller, and no other test's."""
    return uuid4().hex


def within(trace: str) -> str:
    """The `traceparent` of who calls within it."""
    return f"00-{trace}-{SPAN}-01"


def spans(collector: Collector, kind: str, count: int, trace: str = "") -> list[Seen]:
    """So many of a kind, once they are there, and no others; of one trace, or of all."""

    def found() -> list[Seen]:
        return [span for span in collector.spans if span.kind == kind and span.trace.startswith(trace)]

    assert until(lambda: len(found()) >= count, 10), collector.spans
    return found()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
@pytest.mark.parametrize("stream", [False, True])
def test_call__is_one_trace_from_the_caller_to_the_provider(
    caller: Caller, upstream: Upstream, collector: Collector, trace: str, kind: Kind, stream: bool
) -> None:
    caller.ask(question(), kind, stream=stream, traceparent=within(trace))
    (client,), (server,) = spans(collector, "client", 1, trace), spans(collector, "server", 1, trace)
    assert (server.parent, client.parent) == (SPAN, server.span)
    assert upstream.seen[-1].headers.getall("traceparent") == [f"00-{trace}-{client.span}-01"]
    model, operation = server.attributes["gen_ai.request.model"], server.attributes["gen_ai.operation.name"]
    assert client.name == server.name == f"{operation} {model}"
    assert client.attributes["gen_ai.provider.name"] in ("openai", "anthropic", "gcp.gemini", "ollama")
    # OpenAI tells in a stream what was used only if it is asked to.
    told = not (stream and kind.name in ("openai_chat", "openai_completions"))
    assert (client.attributes.get("gen_ai.usage.input_tokens", 0) > 0) == told
    assert client.attributes["server.address"] == "127.0.0.1"
    assert client.attributes["server.port"] == upstream.port
    assert ("gen_ai.response.time_to_first_chunk" in client.attributes) == stream
    assert server.attributes["prompt_cache.outcome"] == "miss"
    assert "gen_ai.usage.input_tokens" not in server.attributes, "tokens would be counted twice"


def test_chat__says_which_model_answered_and_why_it_ended(caller: Caller, collector: Collector, trace: str) -> None:
    caller.ask(question(), traceparent=within(trace))
    (client,) = spans(collector, "client", 1, trace)
    assert client.attributes["gen_ai.operation.name"] == "chat"
    assert client.attributes["gen_ai.response.model"]
    assert client.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    assert client.attributes["gen_ai.usage.output_tokens"] > 0
    assert not client.failed


def test_hit__asks_nobody_and_says_so(caller: Caller, collector: Collector, trace: str) -> None:
    asked = question()
    caller.ask(asked)
    caller.ask(asked, traceparent=within(trace))
    (hit,) = spans(collector, "server", 1, trace)
    assert hit.parent == SPAN
    assert hit.attributes["prompt_cache.outcome"] == "hit"
    assert hit.attributes["prompt_cache.saved_input_tokens"] > 0
    assert hit.attributes["gen_ai.operation.name"] == "chat"
    spans(collector, "client", 1)  # of the miss; what was ended before it has come
    assert spans(collector, "client", 0, trace) == []


def test_call__that_passes_by_is_traced_with_what_it_used(caller: Caller, collector: Collector, trace: str) -> None:
    caller.ask(question(), cache_control="no-store", traceparent=within(trace))
    (client,), (server,) = spans(collector, "client", 1, trace), spans(collector, "server", 1, trace)
    assert client.parent == server.span
    told = server.attributes["prompt_cache.outcome"], server.attributes["prompt_cache.reason"]
    assert told == ("passed", "no-store")
    assert client.attributes["gen_ai.usage.input_tokens"] > 0


def test_call__that_asks_no_model_is_none_of_a_model(caller: Caller, collector: Collector, trace: str) -> None:
    caller.send("GET", "/openai/v1/models", headers={"traceparent": within(trace), "authorization": "Bearer x"})
    (client,), (server,) = spans(collector, "client", 1, trace), spans(collector, "server", 1, trace)
    assert (server.name, client.name) == ("GET /openai/v1/{path}", "GET")
    assert not [name for name in (*client.attributes, *server.attributes) if name.startswith("gen_ai.")]


@pytest.mark.parametrize(("status", "error"), [(429, "429"), (500, "500")])
def test_failure__of_the_provider_is_marked(
    caller: Caller, upstream: Upstream, collector: Collector, trace: str, status: int, error: str
) -> None:
    upstream.status = status
    caller.ask(question(), traceparent=within(trace))
    (client,) = spans(collector, "client", 1, trace)
    assert client.failed
    assert client.attributes["error.type"] == error


def test_words__and_keys_are_not_sent(caller: Caller, collector: Collector) -> None:
    said = question()
    answer = caller.ask(said, key="sk-SECRET").json()["choices"][0]["message"]["content"]
    caller.ask(said, key="sk-SECRET", cache_control="no-store")
    caller.send("POST", "/openai/v1/files?purpose=SECRET", data=b"SECRET", headers={"authorization": "Bearer SECRET"})
    spans(collector, "client", 3)
    everything = b"".join(collector.raw)
    assert b"gen_ai" in everything
    for word in (said.encode(), answer.encode(), b"SECRET"):
        assert word not in everything


def test_workers__each_send_and_one_sends_the_ledger(server: Sidecar, collector: Collector) -> None:
    def senders() -> set[str]:
        caller = Caller(server.url)  # a connection of its own, which any worker may take
        caller.ask(question())
        caller.close()
        return {span.resource["service.instance.id"] for span in collector.spans}

    assert until(lambda: len(senders()) == 2, 20)
    assert {span.resource["service.name"] for span in collector.spans} == {"cache"}
    assert until(lambda: "prompt_cache.lookups" in collector.metrics, 10)
    ledger = collector.metrics["prompt_cache.lookups"]
    assert len({point.resource["service.instance.id"] for point in ledger}) == 1
    assert until(lambda: "gen_ai.client.token.usage" in collector.metrics, 10)
    tokens = collector.metrics["gen_ai.client.token.usage"]
    assert {point.attributes["gen_ai.token.type"] for point in tokens} == {"input", "output"}
    assert CHAT.body("x")["model"] in {point.attributes["gen_ai.request.model"] for point in tokens}
    assert "chat" in {
        point.attributes["gen_ai.operation.name"] for point in collector.metrics["gen_ai.client.operation.duration"]
    }


def test_collector__that_is_away_delays_and_fails_nothing(tmp_path: Path, upstream: Upstream) -> None:
    env = {**settings(upstream), **OFTEN, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    with Sidecar(tmp_path, env=env) as sidecar:
        caller = Caller(sidecar.url)
        asked = question()
        began = time.monotonic()
        answers = [caller.ask(asked) for _ in range(200)]
        assert {answer.status_code for answer in answers} == {200}
        assert time.monotonic() - began < 10
        caller.close()
        began = time.monotonic()
    assert time.monotonic() - began < 12, "nor does it keep the sidecar from its end"
    log = (tmp_path / f"sidecar-{sidecar.port}.log").read_text()
    assert '"event":"otel_unavailable"' in log
    assert "Traceback" not in log


def test_off__nothing_of_it_is_imported() -> None:
    program = (
        "import sys; from prompt_cache.cli import serving; from prompt_cache.config import Config\n"
        "from prompt_cache.observability.measures import Measures\n"
        "serving.check_telemetry(Config(), {}); serving._app(Config(store='memory://'), Measures())\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'google.protobuf'))])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
