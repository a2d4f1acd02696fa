"""Whether the collector that the settings name takes traces and metrics."""

import os
import time
from collections.abc import Iterator

from ...config import ConfigError
from ...service.telemetry import check_telemetry, exports
from .finding import Finding, Situation, advice, mend, ok, unusable
from .upstreams import is_readable_on_its_way

_TIMEOUT = 5.0
_DO = "see that it runs, and that `otel.endpoint` is its address for OTLP over HTTP, without /v1/traces"


def otel(situation: Situation) -> Iterator[Finding]:
    """Of the variables of OpenTelemetry alone nothing is told: they may be meant for others."""
    settings = situation.config.otel
    wanted = exports(situation.config, os.environ)
    if settings is None or not any(wanted):
        return
    try:
        check_telemetry(situation.config, os.environ)
    except ConfigError as error:
        yield unusable("otel", error, "nothing is sent")
        return
    import requests  # comes with what sends

    for signal, is_sent in zip(("traces", "metrics"), wanted, strict=True):
        if not is_sent:
            continue
        url = f"{settings.endpoint.rstrip('/')}/v1/{signal}"
        headers = {**settings.headers, "content-type": "application/x-protobuf"}
        began = time.perf_counter()
        try:  # a message without any: it is taken, and nothing comes of it
            status = requests.post(url, b"", headers=headers, timeout=_TIMEOUT, allow_redirects=False).status_code
        except requests.RequestException as error:
            yield mend(f"{url} cannot be used: {type(error).__name__}", _DO)
            continue
        if status in (401, 403):
            yield mend(f"{url} does not take the headers that are sent ({status})", "correct `otel.headers`")
        elif status != 200:
            yield mend(f"{url} answers {status}", _DO)
        else:
            yield ok(f"{url} takes {signal}; that took {(time.perf_counter() - began) * 1000:.0f} ms")
    if settings.headers and is_readable_on_its_way(settings.endpoint):
        yield advice("the headers of `otel` go to the collector unencrypted", "use https://, or a private network")
