"""Lines of JSON, each a request and its answer: what any program can write."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from ...keying.request import Request
from ...values.durations import Duration, seconds
from ...values.names import Name
from .source import LARGEST, Found, Left, Row

KEPT = "Each answers the request that its line has, and no other."


class _Line(Struct, forbid_unknown_fields=True):
    """Named as in `POST /v1/store`, but for `created`."""

    request: dict[str, Any]
    response: Raw
    created: datetime | Annotated[float, Meta(ge=0, le=1e11)] | None = None
    ttl: Duration | UnsetType = UNSET
    tags: Annotated[list[Name], Meta(max_length=100)] = []
    usage: dict[str, Any] | None = None
    cost_usd: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    latency: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    finish_reason: Annotated[str, Meta(max_length=64)] | None = None


_AS_WRITTEN = ("tags", "usage", "cost_usd", "latency", "finish_reason")
_decoder = msgspec.json.Decoder(_Line)


@contextmanager
def read(file: Path, namespace: str, model: str | None) -> Iterator[Found]:
    with file.open("rb") as lines:
        yield Found(_rows(lines, namespace, model))


def _rows(lines: BinaryIO, namespace: str, model: str | None) -> Iterator[Row | Left]:
    for number, line in enumerate(_bounded(lines), 1):
        place = f"line {number}"
        if line is None:
            yield Left(place, "too large")
        elif line.strip():
            try:
                yield _row(place, line, namespace, model)
            except (ValueError, RecursionError):  # what is no JSON, no UTF-8 and no request of ours are all of it
                yield Left(place, "unreadable")


def _row(place: str, line: bytes, namespace: str, model: str | None) -> Row:
    read = _decoder.decode(line)
    fields = {"model": model, **read.request, "namespace": namespace}
    created = read.created
    return Row(
        place=place,
        request=msgspec.convert(fields, Request),
        response=bytes(read.response),
        created=created.timestamp() if isinstance(created, datetime) else created,
        ttl=UNSET if read.ttl is UNSET else seconds(read.ttl),
        **{name: getattr(read, name) for name in _AS_WRITTEN},
    )


def _bounded(lines: BinaryIO) -> Iterator[bytes | None]:
    """Each line, or None for one that is too large to be held."""
    while line := lines.readline(LARGEST):
        whole = len(line) < LARGEST or line.endswith(b"\n")
        yield line if whole else None
        while not whole and (rest := lines.readline(LARGEST)):
            whole = rest.endswith(b"\n")
