"""Whether, and where, traces and metrics are sent by OTLP. Nothing is, unless the operator names an endpoint."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..config import Config, ConfigError

if TYPE_CHECKING:
    from ..observability.otel import Otel

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def exports(config: Config, environ: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether traces are sent, and whether metrics are: where settings, or OpenTelemetry's variables, say so."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False, False

    def wanted(signal: str) -> bool:
        if "otlp" not in environ.get(f"OTEL_{signal}_EXPORTER", "otlp").lower().replace(" ", "").split(","):
            return False
        return bool(config.otel or environ.get(_ENDPOINT) or environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))

    return wanted("TRACES"), wanted("METRICS")


def check_telemetry(config: Config, environ: Mapping[str, str]) -> str | None:
    """What does not work, as a sentence for people; imports what sends, for the workers to share.

    Raises ConfigError where the settings ask for what is not installed.
    """
    if not any(exports(config, environ)):
        return None
    if environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "").strip().lower() == "grpc":
        return (
            "OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and what is sent is HTTP: "
            "name that port of the collector, such as 4318"
        )
    try:
        from ..observability import otel  # noqa: F401
    except ImportError as error:
        why = f"OpenTelemetry is not installed ({error.name}): pip install 'prompt-cache-sidecar[otel]'"
    except Exception as error:  # a variable of it that cannot be meant
        why = f"OpenTelemetry cannot be used: {error}"
    else:
        return None
    if config.otel:
        raise ConfigError(f"otel: {why}")
    return f"{_ENDPOINT} is set, and nothing is sent: {why}"


def open_telemetry(config: Config, environ: Mapping[str, str], trouble: Callable[[str], None]) -> "Otel | None":
    """What sends, of the worker that asks; None where nothing is to be sent, or cannot be."""
    traces, metrics = exports(config, environ)
    if not traces and not metrics:
        return None
    try:
        from ..observability.otel import Otel, Target
    except Exception:  # the start has said why
        return None
    settings = config.otel
    name = settings.service_name if settings else None
    target = Target(
        endpoint=settings.endpoint if settings else None,
        headers=settings.headers or None if settings else None,
        service_name=name or (None if _is_named(environ) else "prompt-cache"),
        sample=settings.sample if settings else None,
        traces=traces,
        metrics=metrics,
    )
    try:
        return Otel(target, trouble)
    except Exception:  # a variable of OpenTelemetry that cannot be meant shall keep no worker from its work
        trouble("settings")
        return None


def _is_named(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("OTEL_SERVICE_NAME")) or "service.name=" in environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
