"""Lines that others wrote."""

from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET

from prompt_cache.service.imports import pairs
from prompt_cache.service.imports.source import LARGEST, Left, Row


def _read(folder: Path, *lines: bytes, model: str | None = None) -> list[Row | Left]:
    (folder / "pairs.jsonl").write_bytes(b"\n".join(lines))
    with pairs.read(folder / "pairs.jsonl", "faq", model) as found:
        return list(found.rows)


def test_read__a_line_is_a_request_and_its_answer_byte_for_byte(tmp_path: Path) -> None:
    (row,) = _read(
        tmp_path,
        '{"request": {"prompt": "Grüße", "params": {"temperature": 0}}, "response": {"text":  "Hi 🎉"}}'.encode(),
    )
    assert isinstance(row, Row)
    assert row.response == '{"text":  "Hi 🎉"}'.encode()
    assert (row.request.prompt, row.request.params, row.request.namespace) == ("Grüße", {"temperature": 0}, "faq")
    assert (row.created, row.ttl, row.place) == (None, UNSET, "line 1")


def test_read__the_namespace_is_that_which_was_named(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, b'{"request": {"prompt": "a", "namespace": "theirs"}, "response": "b"}')
    assert isinstance(row, Row)
    assert row.request.namespace == "faq"


@pytest.mark.parametrize(("stated", "model"), [(b"", "named"), (b', "model": "stated"', "stated")])
def test_read__the_model_of_the_line_goes_before_that_which_was_named(
    tmp_path: Path, stated: bytes, model: str
) -> None:
    (row,) = _read(tmp_path, b'{"request": {"prompt": "a"' + stated + b'}, "response": "b"}', model="named")
    assert isinstance(row, Row)
    assert row.request.model == model


def test_read__a_line_may_say_when_and_for_how_long(tmp_path: Path) -> None:
    rows = _read(
        tmp_path,
        b'{"request": {"prompt": "a"}, "response": "b", "created": "2024-05-01T12:00:00Z", "ttl": "7d"}',
        b'{"request": {"prompt": "a"}, "response": "b", "created": 1714564800.5, "ttl": 60}',
    )
    assert [(row.created, row.ttl) for row in rows if isinstance(row, Row)] == [
        (1714564800.0, 7 * 86400.0),
        (1714564800.5, 60.0),
    ]


def test_read__a_line_may_say_what_a_store_may(tmp_path: Path) -> None:
    said = {"tags": ["x"], "usage": {"input_tokens": 3}, "cost_usd": 0.1, "latency": 2.0, "finish_reason": "stop"}
    line = {"request": {"prompt": "a"}, "response": "b", **said}
    (row,) = _read(tmp_path, msgspec.json.encode(line))
    assert {name: getattr(row, name) for name in said} == said


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b'{"request": {"prompt": "a"}}',
        b'{"request": "a", "response": "b"}',
        b'{"request": {"prompt": 1}, "response": "b"}',
        b'{"request": {"prompt": "a", "temperature": 0}, "response": "b"}',
        b'{"request": {"prompt": "a"}, "response": "b", "answer": "x"}',
        b'{"request": {"prompt": "a"}, "response": "b", "tags": [""]}',
        b'{"request": {"prompt": "a"}, "response": "b", "latency": -1}',
        b'{"request": {"prompt": "a"}, "response": "b", "ttl": "soon"}',
        b'{"request": {"prompt": "a"}, "response": "b", "created": "yesterday"}',
        b'{"request": ' + b"[" * 100_000 + b"]" * 100_000 + b', "response": "b"}',
        b'{"request": {"prompt": "a"}, "response": ' + b"[" * 100_000,
        b'{"request": {"prompt": "a"}, "response": NaN}',
    ],
)
def test_read__a_line_that_is_none_stays_and_the_others_come(tmp_path: Path, line: bytes) -> None:
    good = b'{"request": {"prompt": "a"}, "response": "b"}'
    first, left, last = _read(tmp_path, good, line, good)
    assert left == Left("line 2", "unreadable")
    assert isinstance(first, Row)
    assert isinstance(last, Row)


@pytest.mark.parametrize("size", [LARGEST, LARGEST + 1, 2 * LARGEST, 2 * LARGEST + 7])
def test_read__a_large_line_is_never_held(tmp_path: Path, size: int) -> None:
    good = b'{"request": {"prompt": "a"}, "response": "b"}'
    left, row = _read(tmp_path, b"x" * size, good)
    assert left == Left("line 1", "too large")
    assert isinstance(row, Row)


def test_read__empty_lines_are_nothing(tmp_path: Path) -> None:
    assert _read(tmp_path, b"", b"  ", b"") == []
