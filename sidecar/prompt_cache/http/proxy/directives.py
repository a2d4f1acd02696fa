"""What a caller wants of the cache, in the headers of its call."""

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import unquote

from msgspec import Struct

from ...core.entry import Source
from ...core.errors import InvalidRequest
from ...values.durations import seconds
from ...values.names import NAMESPACE_PATTERN
from ..failures import HttpError
from ..front.exchange import Headers

PREFIX = "x-prompt-cache-"
_SWITCHES = ("no-cache", "no-store", "only-if-cached")
_TIMES = ("max-age", "max-stale", "stale-if-error")
_SHARE = re.compile(r"0(\.\d{1,9})?|1(\.0{1,9})?")
_FOR_EVER = 10 * 365 * 86400.0


class Directives(Struct, frozen=True, kw_only=True):
    """Times in seconds."""

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age: float | None = None
    max_stale: float | None = None
    stale_if_error: float | None = None
    namespace: str | None = None
    ttl: float | None = None
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, str] = {}
    depends_on: tuple[str, ...] = ()
    normalize: str | None = None
    match: Literal["exact", "semantic"] | None = None
    threshold: float | None = None
    source: Source = Source()

    @classmethod
    def of(cls, headers: Headers) -> "Directives":
        """Raises an HttpError of 400 that names the header."""
        found: dict[str, object] = _cache_control(headers.get("cache-control") or "")
        if (namespace := headers.get(f"{PREFIX}namespace")) is not None:
            if not re.match(NAMESPACE_PATTERN, namespace):
                raise _wrong("Namespace", "letters, digits and . _ - only, 64 at most")
            found["namespace"] = namespace
        if (ttl := headers.get(f"{PREFIX}ttl")) is not None:
            found["ttl"] = _seconds("X-Prompt-Cache-TTL", ttl)
        for name in ("tags", "depends-on"):
            if text := headers.get(PREFIX + name):
                found[name.replace("-", "_")] = tuple(_listed(text))
        if text := headers.get(f"{PREFIX}attributes"):
            found["attributes"] = _attributes(text)
        if text := headers.get(f"{PREFIX}normalize"):
            found["normalize"] = text
        match = headers.get(f"{PREFIX}match")
        if match not in (None, "exact", "semantic"):
            raise _wrong("Match", "write `exact` or `semantic`")
        found["match"] = match
        if text := headers.get(f"{PREFIX}threshold"):
            if not _SHARE.fullmatch(text):
                raise _wrong("Threshold", "write a number from 0 to 1, such as 0.8")
            found["threshold"] = float(text)
        if text := headers.get(f"{PREFIX}source"):
            workflow, _, node = unquote(text).partition("/")
            found["source"] = Source(workflow=workflow[:256], node=node[:256])
        return cls(**found)  # type: ignore[arg-type]

    @property
    def stale(self) -> float | None:
        """How long after its life an answer may still be of use."""
        times = [time for time in (self.max_stale, self.stale_if_error) if time is not None]
        return max(times) if times else None


def _cache_control(text: str) -> dict[str, object]:
    """What is not known here is some other cache's."""
    found: dict[str, object] = {}
    for part in text.split(","):
        name, _, value = part.strip().lower().partition("=")
        if name in _SWITCHES:
            found[name.replace("-", "_")] = True
        elif name in _TIMES:
            value = value.strip('"')
            found[name.replace("-", "_")] = (
                _seconds(f"Cache-Control: {name}", value) if value or name != "max-stale" else _FOR_EVER
            )
    return found


def _seconds(where: str, text: str) -> float:
    try:
        return seconds(float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else text)
    except ValueError as error:
        raise HttpError(400, "invalid-header", f"{where}: {error}") from None


def _listed(text: str) -> list[str]:
    return [unquote(part.strip())[:256] for part in text.split(",") if part.strip()]


def _attributes(text: str) -> dict[str, str]:
    found = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if not name or not equals:
            raise _wrong("Attributes", "write name=value, several by comma, percent-encoded")
        found[unquote(name)] = unquote(value)
    return found


def _wrong(name: str, fix: str) -> HttpError:
    return HttpError(400, "invalid-header", f"X-Prompt-Cache-{name}: {fix}")


def not_cached() -> HttpError:
    """What is told who wants nothing but what is in the cache; without the header SDKs would try twice more."""
    return HttpError(504, "only-if-cached", "this is not in the cache", {"X-Should-Retry": "false"})


def refused(wrong: InvalidRequest) -> HttpError:
    """What the lookup itself finds wrong, by the header that it came in."""
    field = str(wrong.loc[0]) if wrong.loc else ""
    if field in ("normalize", "attributes", "match", "threshold"):
        return _wrong(field.title(), wrong.msg)
    return HttpError(400, "invalid-header", wrong.msg)
