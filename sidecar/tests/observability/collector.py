"""A collector that takes what comes by OTLP over HTTP, and reads it."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Seen(NamedTuple):
    """A span as it arrived."""

    name: str
    kind: str
    trace: str
    span: str
    parent: str
    attributes: dict[str, Any]
    failed: bool
    resource: dict[str, Any]


class Point(NamedTuple):
    """A number of a metric; of a histogram, its count and sum."""

    value: float
    total: float
    attributes: dict[str, Any]
    resource: dict[str, Any]


class Collector:
    """On loopback, in threads of its own."""

    def __init__(self) -> None:
        self.spans: list[Seen] = []
        self.metrics: dict[str, list[Point]] = {}
        """As they were sent last, by name."""
        self.raw: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers = threading.Event()
        self.answers.set()
        """Not set: it takes what comes, and never answers."""
        self.status = 200
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.take(self.path, body, dict(self.headers.items()))
                collector.answers.wait(30)
                self.send_response(collector.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Collector":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.answers.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        self.raw.append(body)
        self.headers.append(headers)
        if path == "/v1/traces":
            self.spans += _spans(ExportTraceServiceRequest.FromString(body))
        elif path == "/v1/metrics":
            for name, point in _points(ExportMetricsServiceRequest.FromString(body)):
                self.metrics.setdefault(name, []).append(point)

    def named(self, name: str) -> list[Seen]:
        return [span for span in self.spans if span.name == name]


def _spans(request: Any) -> Iterator[Seen]:
    for each in request.resource_spans:
        resource = _attributes(each.resource.attributes)
        for scope in each.scope_spans:
            for span in scope.spans:
                yield Seen(
                    span.name,
                    {1: "internal", 2: "server", 3: "client"}[span.kind],
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    _attributes(span.attributes),
                    span.status.code == 2,
                    resource,
                )


def _points(request: Any) -> Iterator[tuple[str, Point]]:
    for each in request.resource_metrics:
        resource = _attributes(each.resource.attributes)
        for scope in each.scope_metrics:
            for metric in scope.metrics:
                for point in metric.sum.data_points:
                    value = point.as_double or float(point.as_int)
                    yield metric.name, Point(value, value, _attributes(point.attributes), resource)
                for point in metric.histogram.data_points:
                    yield metric.name, Point(point.count, point.sum, _attributes(point.attributes), resource)


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind)
