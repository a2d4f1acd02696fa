"""What the parts of the suite share: how a store is opened, and records to put in it."""

import time
from collections.abc import Callable, Iterator

import pytest

from ...stores import open_store
from ...stores.base import Record, RecordQuery, Store

WEIRD = (
    "with space",
    "colon:and::more",
    "{hash}tag}{",
    "'single' \"double\" `back`",
    "line\nbreak\r\ttab",
    "back\\slash %percent_ *star? [set]",
    "Ünïcödé 🙂 漢字",
    "nul\x00inside \ufdd0\ufdd2",
    "x" * 500,
)
"""Names that an engine with its own syntax is likely to trip over."""


class Harness:
    """Hooks of the suite. `url` must name a store that is empty and nobody else's, anew for each test."""

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError("say where a fresh store is: override the fixture `url`")

    @staticmethod
    def open(url: str) -> Store:
        """A handle on the store of a URL; called in other processes too."""
        return open_store(url, timeout=20.0)

    @pytest.fixture
    def store(self, url: str) -> Iterator[Store]:
        store = self.open(url)
        yield store
        store.close()


def record(
    key: str,
    body: bytes = b"body",
    *,
    namespace: str = "default",
    created: float | None = None,
    ttl: float | None = 60.0,
    labels: tuple[str, ...] = (),
    worth: float = 0.0,
    text: str | None = None,
) -> Record:
    """A record that lives `ttl` seconds from now, or without end."""
    now = time.time()
    return Record(
        key=key,
        namespace=namespace,
        body=body,
        created=now if created is None else created,
        expires=None if ttl is None else now + ttl,
        labels=labels,
        worth=worth,
        text=text,
    )


def found(store: Store, query: RecordQuery | None = None, *, limit: int = 3) -> list[str]:
    """All keys a query finds, by small pages."""
    keys: list[str] = []
    cursor: str | None = None
    while True:
        page = store.find(query or RecordQuery(namespace="default"), limit=limit, cursor=cursor)
        assert len(page.keys) <= limit
        keys += page.keys
        cursor = page.cursor
        if cursor is None:
            return keys


def watch(there: Callable[[], bool], end: float, *, slack: float = 0.05) -> None:
    """Assert that something is there until `end` (seconds since the epoch) and not after, however slow the machine."""
    while True:
        before = time.time()
        still = there()
        after = time.time()
        if still:
            assert before < end + slack, "still there after its time"
            time.sleep(0.01)
        else:
            assert after > end - slack, "gone before its time"
            return
