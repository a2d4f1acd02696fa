"""Traces and metrics by OTLP. Imported only where somebody named an endpoint: all else does without OpenTelemetry.

The names are those of OpenTelemetry's conventions for HTTP and for GenAI, and `prompt_cache.` for what they do not
know. No prompt and no answer is ever among the attributes.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol
from uuid import uuid4

from msgspec import Struct
from opentelemetry import propagate
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Tracer, set_span_in_context
from opentelemetry.trace.status import StatusCode

from .. import __version__

_SCOPE = "prompt_cache"
_CLOSE_SECONDS = 4.0
_TROUBLE_EVERY = 60.0
_HTTP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_MODEL_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = tuple(4.0**power for power in range(14))
"""Bounds of histograms, as the conventions advise."""
_MODELS = 200
"""The most models that metrics are kept apart by: callers invent their names."""
_OTHER = "other"
_OF_METRICS = ("gen_ai.operation.name", "gen_ai.provider.name", "server.address", "server.port")

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"))
_OUTCOMES = frozenset(("hit", "stale", "miss", "pending", "stored", "collapsed"))
"""Words of the log that say it as traces do."""
_LONGEST = 256
"""Characters of what callers invent."""

Attributes = Mapping[str, Any]


class Target(Struct, frozen=True, kw_only=True):
    """Where to, and how much. What is None is as the variables of OpenTelemetry say, `OTEL_...`."""

    endpoint: str | None = None
    """Without `/v1/traces` or `/v1/metrics`."""
    headers: Mapping[str, str] | None = None
    service_name: str | None = None
    sample: float | None = None
    """The share of traces that begin here which is kept; who is called within one does as its caller does."""
    traces: bool = True
    metrics: bool = True


class Headers(Protocol):
    """A request's headers, by name in any case."""

    def get(self, name: str) -> str | None: ...

    def __iter__(self) -> Iterator[tuple[str, str]]: ...


class _Getter(Getter[Headers]):
    def get(self, carrier: Headers, key: str) -> list[str] | None:
        value = carrier.get(key)
        return None if value is None else [value]

    def keys(self, carrier: Headers) -> list[str]:
        return [name for name, _ in carrier]


_GETTER = _Getter()


class Otel:
    """Of one worker, made after the fork: its threads send what has ended, and who is answered never waits for them."""

    def __init__(self, target: Target, trouble: Callable[[str], None]) -> None:
        """`trouble` is told at most once a minute what cannot be sent."""
        _tell_trouble(trouble)
        resource = Resource.create(
            {"service.version": __version__, "service.instance.id": str(uuid4())}
            | ({"service.name": target.service_name} if target.service_name else {})
        )
        sampler = None if target.sample is None else ParentBased(TraceIdRatioBased(target.sample))
        self._tracers = TracerProvider(sampler, resource, shutdown_on_exit=False)
        if target.traces:
            self._tracers.add_span_processor(
                BatchSpanProcessor(OTLPSpanExporter(_below(target, "v1/traces"), headers=target.headers))
            )
        exporter = OTLPMetricExporter(_below(target, "v1/metrics"), headers=target.headers) if target.metrics else None
        readers = [PeriodicExportingMetricReader(exporter)] if exporter else []
        self._meters = MeterProvider(readers, resource, shutdown_on_exit=False)
        self.tracer: Tracer = self._tracers.get_tracer(_SCOPE, __version__)
        self._meter = meter = self._meters.get_meter(_SCOPE, __version__)
        self.request_seconds = meter.create_histogram(
            "http.server.request.duration",
            unit="s",
            description="Duration of HTTP server requests.",
            explicit_bucket_boundaries_advisory=_HTTP_SECONDS,
        )
        self.model_seconds = meter.create_histogram(
            "gen_ai.client.operation.duration",
            unit="s",
            description="GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_MODEL_SECONDS,
        )
        self.tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._models: set[str] = set()

    def begin(self, method: str, path: str, route: str, headers: Headers) -> "Trace":
        """A request has come; its caller's trace goes on."""
        return Trace(self, method, path, route, propagate.extract(headers, getter=_GETTER))

    def count(self, name: str, help: str, read: Callable[[], Iterable[tuple[float, Attributes]]]) -> None:  # noqa: A002
        """Send a counter that somebody else keeps; it is read when it is time to send."""

        def told(_: CallbackOptions) -> Iterator[Observation]:
            return (Observation(value, attributes) for value, attributes in read())

        self._meter.create_observable_counter(name, [told], description=help)

    def bounded(self, model: str) -> str:
        """The name of a model, as long as there are few."""
        if model not in self._models:
            if len(self._models) >= _MODELS:
                return _OTHER
            self._models.add(model)
        return model

    def close(self) -> None:
        """Send what is left, within a few seconds: a collector that is away keeps nobody."""
        threads = [
            threading.Thread(target=provider.shutdown, name="otel-close", daemon=True)
            for provider in (self._tracers, self._meters)
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + _CLOSE_SECONDS
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))


class Trace:
    """One request."""

    __slots__ = ("_attributes", "_began", "_context", "_otel", "_span", "model")

    def __init__(self, otel: Otel, method: str, path: str, route: str, parent: Context) -> None:
        self._otel = otel
        self._began = time.perf_counter()
        method = method if method in _METHODS else "_OTHER"
        self._attributes: dict[str, Any] = {"http.request.method": method, "http.route": route}
        name = f"{'HTTP' if method == '_OTHER' else method} {route}"
        self._span = otel.tracer.start_span(
            name, parent, SpanKind.SERVER, {**self._attributes, "url.path": path[:_LONGEST]}
        )
        self._context = set_span_in_context(self._span, parent)
        self.model: dict[str, Any] = {}
        """What a model is asked for, by the conventions for GenAI."""

    def set(self, attributes: Attributes) -> None:
        """What is None is left out."""
        self._span.set_attributes({name: value for name, value in attributes.items() if value is not None})

    def asks(self, model: Attributes) -> None:
        """It asks a model: that names it."""
        self.model = {
            name: value[:_LONGEST] if isinstance(value, str) else value
            for name, value in model.items()
            if value is not None
        }
        self._span.update_name(_name_of(self.model))
        self.set(self.model)

    def call(self, host: str | None, port: int | None) -> "Call":
        """An upstream is called for it."""
        method = self._attributes["http.request.method"]
        about = {**self.model, "http.request.method": method, "server.address": host, "server.port": port}
        return Call(self._otel, self._context, {name: value for name, value in about.items() if value is not None})

    def end(self, status: int, outcome: str | None = None) -> None:
        """Its answer has gone out; `outcome` as the log has it."""
        if outcome in _OUTCOMES and isinstance(outcome, str):
            self._span.set_attribute("prompt_cache.outcome", outcome)
        self._attributes["http.response.status_code"] = status
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._attributes["error.type"] = str(status)
            _failed(self._span, str(status))
        self._otel.request_seconds.record(time.perf_counter() - self._began, self._attributes, self._context)
        self._span.end()


class Call:
    """One call of an upstream."""

    __slots__ = ("_asked", "_began", "_context", "_error", "_otel", "_span", "_told")

    def __init__(self, otel: Otel, parent: Context, asked: dict[str, Any]) -> None:
        self._otel = otel
        self._asked = asked
        self._told: dict[str, Any] = {}
        self._error: str | None = None
        self._began = time.perf_counter()
        self._span = otel.tracer.start_span(_name_of(asked), parent, SpanKind.CLIENT, asked)
        self._context = set_span_in_context(self._span, parent)

    def onward(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The headers with this call as the one that the upstream's own traces belong to."""
        carrier: dict[str, str] = {}
        propagate.inject(carrier, self._context)
        return [*(each for each in headers if each[0].lower() not in carrier), *carrier.items()]

    def began(self, status: int) -> None:
        """The head of its answer is there."""
        self._span.set_attribute("http.response.status_code", status)
        if self._asked.get("gen_ai.request.stream"):
            self._span.set_attribute("gen_ai.response.time_to_first_chunk", time.perf_counter() - self._began)
        if status >= 400:
            self._error = str(status)

    def answered(self, model: str | None, finish_reason: str | None, tokens: Mapping[str, int | None]) -> None:
        """What the answer says of itself; `tokens` by what is used: `input_tokens`, `output_tokens`, ..."""
        used = {f"gen_ai.usage.{name}": count for name, count in tokens.items() if count is not None}
        if model:
            self._told["gen_ai.response.model"] = model[:_LONGEST]
            self._span.set_attribute("gen_ai.response.model", model[:_LONGEST])
        if finish_reason:
            self._span.set_attribute("gen_ai.response.finish_reasons", [finish_reason])
        self._span.set_attributes(used)
        for kind in ("input", "output"):
            if (count := used.get(f"gen_ai.usage.{kind}_tokens")) is not None:
                self._otel.tokens.record(count, {**self._of_metrics(), "gen_ai.token.type": kind}, self._context)

    def failed(self, error: str) -> None:
        """It came to nothing."""
        self._error = error

    def end(self) -> None:
        attributes = self._of_metrics()
        if self._error:
            attributes["error.type"] = self._error
            _failed(self._span, self._error)
        if "gen_ai.operation.name" in self._asked:
            self._otel.model_seconds.record(time.perf_counter() - self._began, attributes, self._context)
        self._span.end()

    def _of_metrics(self) -> dict[str, Any]:
        bounded = self._otel.bounded
        asked = {name: self._asked[name] for name in _OF_METRICS if name in self._asked}
        named = {"gen_ai.request.model": self._asked.get("gen_ai.request.model"), **self._told}
        return asked | {name: bounded(model) for name, model in named.items() if model}


def _name_of(asked: Attributes) -> str:
    """As the conventions for GenAI say, and those for HTTP where no model is asked."""
    if operation := asked.get("gen_ai.operation.name"):
        return f"{operation} {asked.get('gen_ai.request.model', '')}".strip()
    return str(asked.get("http.request.method", "HTTP"))


def _failed(span: Span, error: str) -> None:
    span.set_attribute("error.type", error)
    span.set_status(StatusCode.ERROR)


def _below(target: Target, path: str) -> str | None:
    return f"{target.endpoint.rstrip('/')}/{path}" if target.endpoint else None


class _Trouble(logging.Handler):
    """What OpenTelemetry has to say, by the module that says it: its own words may quote an address with a login."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._next = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        if (now := time.monotonic()) >= self._next:
            self._next = now + _TROUBLE_EVERY
            self._tell("metrics" if "metric" in record.name else "traces")


def _tell_trouble(tell: Callable[[str], None]) -> None:
    logger = logging.getLogger("opentelemetry")
    logger.handlers, logger.propagate = [_Trouble(tell)], False
    # A queue that is full would say so of each span that does not fit, while somebody waits for an answer.
    logging.getLogger("opentelemetry.sdk").setLevel(logging.ERROR)
