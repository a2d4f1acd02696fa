"""What is sent by OTLP, to a collector that reads it: the right names, nobody's words, and never to anyone's cost."""

import logging
import re
import sys
import threading
import time
from collections.abc import Iterator

import msgspec
import pytest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.semconv.attributes import error_attributes, http_attributes, server_attributes, url_attributes
from opentelemetry.semconv.metrics import http_metrics

import prompt_cache.observability
from prompt_cache.config import Config, ConfigError
from prompt_cache.config.load import configured
from prompt_cache.core.cache import PromptCache
from prompt_cache.http import tracing
from prompt_cache.http.front.app import create_asgi
from prompt_cache.http.front.asgi import Application
from prompt_cache.http.tracing import send_ledger
from prompt_cache.observability import otel as module
from prompt_cache.observability.otel import Otel, Target
from prompt_cache.protocols import ENDPOINTS
from prompt_cache.service import telemetry
from prompt_cache.service.telemetry import check_telemetry, exports, open_telemetry
from prompt_cache.stores.memory import MemoryStore

from ..http.asgi import asked
from ..support import ANSWER
from .collector import Collector, Seen

JSON = {"Content-Type": "application/json"}
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def otel(collector: Collector, troubles: list[str]) -> Otel:
    return Otel(Target(endpoint=collector.url, headers={"x-key": "k"}, service_name="tested"), troubles.append)


@pytest.fixture
def served(otel: Otel) -> Application:
    return create_asgi(PromptCache(MemoryStore()), Config(request_log=False), otel=otel)


def post(served: Application, path: str, body: object, **headers: str) -> int:
    return asked(served, "POST", path, msgspec.json.encode(body), JSON | headers).status


def only(collector: Collector, otel: Otel) -> Seen:
    otel.close()
    (span,) = collector.spans
    return span


def test_lookup__that_misses_is_a_span_with_its_reason(collector: Collector, otel: Otel, served: Application) -> None:
    post(served, "/v1/lookup", {"prompt": "What?", "model": "gpt-4o", "namespace": "support"})
    span = only(collector, otel)
    assert (span.name, span.kind, span.failed) == ("POST /v1/lookup", "server", False)
    key = span.attributes.pop("prompt_cache.key")
    assert len(key) == 64
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/lookup",
        "http.response.status_code": 200,
        "url.path": "/v1/lookup",
        "gen_ai.request.model": "gpt-4o",
        "prompt_cache.outcome": "miss",
        "prompt_cache.reason": "not_found",
        "prompt_cache.namespace": "support",
    }
    assert span.resource["service.name"] == "tested"
    assert {"service.version", "service.instance.id"} <= set(span.resource)
    assert collector.headers[0]["x-key"] == "k"


def test_lookup__that_hits_says_what_it_saved(collector: Collector, otel: Otel, served: Application) -> None:
    question = {"prompt": "What?", "model": "gpt-4o-mini"}
    assert post(served, "/v1/store", {**question, "response": ANSWER, "cost_usd": 0.5, "latency": 2}) == 201
    post(served, "/v1/lookup", question)
    otel.close()
    stored, hit = sorted(collector.spans, key=lambda span: span.name, reverse=True)
    assert (stored.name, stored.attributes["prompt_cache.outcome"]) == ("POST /v1/store", "stored")
    assert stored.attributes["prompt_cache.key"] == hit.attributes["prompt_cache.key"]
    told = {name: value for name, value in hit.attributes.items() if name.startswith("prompt_cache.")}
    del told["prompt_cache.key"]
    assert told == {
        "prompt_cache.outcome": "hit",
        "prompt_cache.namespace": "default",
        "prompt_cache.match": "exact",
        "prompt_cache.similarity": 1.0,
        "prompt_cache.saved_usd": 0.5,
        "prompt_cache.saved_seconds": 2.0,
        "prompt_cache.saved_input_tokens": 1000,
        "prompt_cache.saved_output_tokens": 500,
    }


def test_store__that_is_refused_says_why(collector: Collector, otel: Otel, served: Application) -> None:
    post(served, "/v1/store", {"prompt": "What?", "response": ""})
    attributes = only(collector, otel).attributes
    assert attributes["prompt_cache.outcome"] == "refused"
    assert attributes["prompt_cache.reason"] == "empty_response"


def test_trace__of_the_caller_goes_on(collector: Collector, otel: Otel, served: Application) -> None:
    post(served, "/v1/lookup", {"prompt": "What?"}, Traceparent=PARENT)
    span = only(collector, otel)
    assert (span.trace, span.parent) == (PARENT.split("-")[1], PARENT.split("-")[2])


@pytest.mark.parametrize("parent", ["", "garbage", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "ü" * 300])
def test_trace__that_cannot_be_read_is_begun_anew(
    collector: Collector, otel: Otel, served: Application, parent: str
) -> None:
    assert post(served, "/v1/lookup", {"prompt": "What?"}, Traceparent=parent) == 200
    assert only(collector, otel).parent == ""


def test_trace__that_the_caller_does_not_keep_is_not_sent(
    collector: Collector, otel: Otel, served: Application
) -> None:
    post(served, "/v1/lookup", {"prompt": "What?"}, Traceparent=PARENT[:-1] + "0")
    otel.close()
    assert collector.spans == []


def test_sample__is_the_share_that_is_kept(collector: Collector, troubles: list[str]) -> None:
    otel = Otel(Target(endpoint=collector.url, sample=0.0), troubles.append)
    served = create_asgi(PromptCache(MemoryStore()), Config(request_log=False), otel=otel)
    post(served, "/v1/lookup", {"prompt": "What?"})
    otel.close()
    assert collector.spans == []
    assert collector.metrics["http.server.request.duration"]


def test_failures__are_marked(collector: Collector, troubles: list[str]) -> None:
    otel = Otel(Target(endpoint=collector.url), troubles.append)
    cache = PromptCache(MemoryStore())
    cache.lookup_each = lambda _: [RuntimeError("a secret prompt")]  # type: ignore[assignment, list-item]
    post(create_asgi(cache, Config(request_log=False), otel=otel), "/v1/lookup", {"prompt": "What?"})
    span = only(collector, otel)
    assert span.failed
    assert span.attributes["error.type"] == "500"
    assert b"a secret prompt" not in b"".join(collector.raw)


def test_what_is_neither_lookup_nor_store_nor_call_is_not_traced(
    collector: Collector, otel: Otel, served: Application
) -> None:
    for path in ("/healthz", "/metrics", "/v1/stats", "/nowhere"):
        asked(served, "GET", path)
    otel.close()
    assert collector.spans == []


def test_langcache__is_traced_as_well(collector: Collector, otel: Otel, served: Application) -> None:
    post(served, "/v1/caches/support/entries/search", {"prompt": "What?"})
    span = only(collector, otel)
    assert span.name == "POST /v1/caches/{cache_id}/{path}"
    assert span.attributes["prompt_cache.outcome"] == "miss"


def test_words__of_nobody_are_sent(collector: Collector, otel: Otel, served: Application) -> None:
    question = {"prompt": "SECRET-QUESTION", "system": "SECRET-SYSTEM", "attributes": {"tenant": "SECRET-TENANT"}}
    post(served, "/v1/store", {**question, "response": {"text": "SECRET-ANSWER"}, "tags": ["SECRET-TAG"]})
    post(served, "/v1/lookup", question, Authorization="Bearer SECRET-TOKEN")
    post(served, "/v1/lookup?q=SECRET-QUERY", {"prompt": 1})
    otel.close()
    assert len(collector.spans) == 3
    assert b"SECRET" not in b"".join(collector.raw)


def test_ledger__is_sent_as_counters(collector: Collector, otel: Otel) -> None:
    cache = PromptCache(MemoryStore())
    served = create_asgi(cache, Config(request_log=False), otel=otel)
    send_ledger(otel, cache)
    post(served, "/v1/lookup", {"prompt": "What?", "namespace": "support"})
    otel.close()
    values = {
        point.attributes["prompt_cache.outcome"]: point.value for point in collector.metrics["prompt_cache.lookups"]
    }
    assert values == {"hit": 0, "miss": 1, "stale": 0}
    (seconds,) = collector.metrics["http.server.request.duration"]
    assert (seconds.value, seconds.attributes["http.route"]) == (1, "/v1/lookup")


def test_collector__that_hangs_or_is_away_costs_nobody_anything(
    collector: Collector, troubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CLOSE_SECONDS", 0.2)
    collector.answers.clear()
    for target in (Target(endpoint=collector.url), Target(endpoint="http://127.0.0.1:9")):
        otel = Otel(target, troubles.append)
        served = create_asgi(PromptCache(MemoryStore()), Config(request_log=False), otel=otel)
        began = time.monotonic()
        for _ in range(20):
            assert post(served, "/v1/lookup", {"prompt": "What?"}) == 200
        assert time.monotonic() - began < 1
        began = time.monotonic()
        otel.close()
        assert time.monotonic() - began < 1


def test_trouble__is_told_once_and_not_in_its_own_words(otel: Otel, troubles: list[str]) -> None:  # noqa: ARG001
    for _ in range(3):
        logging.getLogger("opentelemetry.exporter.x.trace_exporter").error("https://user:secret@host is away")
    assert troubles == ["traces"]


def test_models__that_callers_invent_do_not_make_metrics_grow(otel: Otel) -> None:
    names = [otel.bounded(f"invented-{at}") for at in range(1000)]
    assert len(set(names)) == module._MODELS + 1
    assert otel.bounded("invented-0") == "invented-0"


# -- names -----


def test_names__are_those_of_the_conventions() -> None:
    known = {
        value
        for each in (gen_ai_attributes, error_attributes, http_attributes, server_attributes, url_attributes)
        for name, value in vars(each).items()
        if name.isupper() and isinstance(value, str)
    }
    for source in (module.__file__, tracing.__file__):
        assert source
        with open(source, encoding="utf-8") as file:  # noqa: PTH123
            text = file.read()
        for name in _names(text):
            assert name in known, name
    of_metrics = {str(value) for each in (gen_ai_metrics, http_metrics) for value in vars(each).values()}
    assert of_metrics >= _METRICS


_METRICS = {"gen_ai.client.operation.duration", "gen_ai.client.token.usage", "http.server.request.duration"}


def _names(text: str) -> set[str]:
    names = set(re.findall(r'"((?:gen_ai|http|server|url|error)\.[a-z_.]+)"', text))
    names |= {f"gen_ai.usage.{name}" for name in re.findall(r'"((?:[a-z_]+\.)?(?:input|output)_tokens)":', text)}
    return names - _METRICS


def test_operations__are_known_of_every_endpoint() -> None:
    endpoints = {endpoint.name for some in ENDPOINTS.values() for endpoint in some}
    assert set(tracing._OPERATIONS) == endpoints
    known = {each.value for each in gen_ai_attributes.GenAiOperationNameValues}
    assert set(tracing._OPERATIONS.values()) <= known
    providers = {each.value for each in gen_ai_attributes.GenAiProviderNameValues}
    named = {tracing._PROVIDERS.get(name, name) for name in ("openai", "anthropic", "gemini", "mistral", "groq", "xai")}
    assert named <= providers


# -- on and off -----


@pytest.mark.parametrize(
    ("settings", "environ", "expected"),
    [
        ({}, {}, (False, False)),
        ({"otel": {"endpoint": "http://c:4318"}}, {}, (True, True)),
        ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, (True, True)),
        ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, (False, False)),
        ({}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/x"}, (True, False)),
        ({}, {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://c:4318/x"}, (False, True)),
        ({"otel": {"endpoint": "http://c:4318"}}, {"OTEL_SDK_DISABLED": "true"}, (False, False)),
        ({"otel": {"endpoint": "http://c:4318"}}, {"OTEL_METRICS_EXPORTER": "none"}, (True, False)),
        ({"otel": {"endpoint": "http://c:4318"}}, {"OTEL_TRACES_EXPORTER": "otlp, console"}, (True, True)),
        ({}, {"OTEL_SERVICE_NAME": "x", "OTEL_TRACES_EXPORTER": "otlp"}, (False, False)),
    ],
)
def test_nothing_is_sent_unless_an_endpoint_is_named(
    settings: dict[str, object], environ: dict[str, str], expected: tuple[bool, bool]
) -> None:
    config = configured(settings)
    assert exports(config, environ) == expected
    assert check_telemetry(config, environ) is None
    opened = open_telemetry(config, environ, lambda _: None)
    assert (opened is not None) == any(expected)


def test_without_the_extra_the_setting_is_refused_and_the_variable_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prompt_cache.observability.otel", None)
    monkeypatch.delattr(prompt_cache.observability, "otel")
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}
    with pytest.raises(ConfigError, match=r"otel: .*pip install 'prompt-cache-sidecar\[otel\]'"):
        check_telemetry(configured({"otel": {"endpoint": "http://c:4318"}}), {})
    assert "nothing is sent: OpenTelemetry is not installed" in str(check_telemetry(Config(), variables))
    assert open_telemetry(Config(), variables, lambda _: None) is None


@pytest.mark.parametrize("variable", ["OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_TRACES_SAMPLER", "OTEL_METRIC_EXPORT_INTERVAL"])
def test_variable__that_cannot_be_meant_keeps_no_worker_from_its_work(
    variable: str, troubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "-1")
    opened = open_telemetry(configured({"otel": {"endpoint": "http://127.0.0.1:9"}}), {}, troubles.append)
    assert opened is not None or troubles == ["settings"]
    monkeypatch.setattr(module, "_CLOSE_SECONDS", 0.1)
    if opened:
        opened.close()


def test_grpc__is_refused_in_words() -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    assert "name that port of the collector, such as 4318" in str(check_telemetry(Config(), environ))


def test_what_callers_invent_is_cut_and_bounded(collector: Collector, otel: Otel, served: Application) -> None:
    for method in ("PURGE", "BREW", "post"):
        asked(served, method, "/v1/lookup", b"")
    asked(served, "POST", "/u/nowhere/" + "x" * 5000, b"{}", JSON)
    otel.close()
    assert {span.name for span in collector.spans} == {"HTTP /v1/lookup", "POST /u/{upstream}/{path}"}
    assert max(len(span.attributes["url.path"]) for span in collector.spans) == 256
    methods = {point.attributes["http.request.method"] for point in collector.metrics["http.server.request.duration"]}
    assert methods == {"_OTHER", "POST"}


def test_threads__are_started_by_who_makes_it(otel: Otel) -> None:
    assert [thread for thread in threading.enumerate() if "Otel" in thread.name]
    otel.close()


def test_service_name__is_the_operators_or_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Target] = []
    monkeypatch.setattr(module, "Otel", lambda target, _: made.append(target))
    ours = configured({"otel": {"endpoint": "http://c"}})
    theirs = configured({"otel": {"endpoint": "http://c", "service_name": "mine"}})
    cases: list[tuple[Config, dict[str, str]]] = [
        (ours, {}),
        (theirs, {"OTEL_SERVICE_NAME": "env"}),
        (ours, {"OTEL_SERVICE_NAME": "env"}),
        (ours, {"OTEL_RESOURCE_ATTRIBUTES": "a=b,service.name=env"}),
    ]
    for config, environ in cases:
        telemetry.open_telemetry(config, environ, lambda _: None)
    assert [target.service_name for target in made] == ["prompt-cache", "mine", None, None]
