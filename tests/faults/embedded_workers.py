"""What other processes do to an embedded store while it is being hurt."""

import os
import random
import resource
import time
import zlib
from itertools import count
from pathlib import Path

import pytest

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.outcome import Outcome
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.savings.retention import tidy
from prompt_cache.stores import Record, Store, StoreFull, open_store

KEYS = 40


def body(size: int) -> bytes:
    """One that tells whether it is whole."""
    content = os.urandom(size)
    return zlib.crc32(content).to_bytes(4, "big") + content


def whole(data: bytes) -> bool:
    return len(data) >= 4 and zlib.crc32(data[4:]) == int.from_bytes(data[:4], "big")


def record(key: str, body: bytes, ttl: float = 600.0) -> Record:
    now = time.time()
    return Record(key=key, namespace="default", body=body, created=now, expires=now + ttl, labels=(key, "all"))


def write_for_ever(url: str, started: Path) -> None:
    """Put, overwrite, delete and sweep without end; says in a file when it has begun."""
    store = open_store(url, timeout=20.0)
    for turn in count():
        keys = random.sample(range(KEYS), 5)
        store.put([record(f"k{n}", body(random.randrange(200_000)), ttl=random.choice((0.05, 600.0))) for n in keys])
        store.delete([f"k{n}" for n in keys[:1]])
        store.sweep()
        if turn == 1:
            started.touch()


def tidy_statistics(url: str, started: Path) -> None:
    """Forget old hours, and make one of what is too much in a day; says in a file when it begins."""
    store = open_store(url, timeout=20.0)
    started.touch()
    tidy(store, time.time(), None)


def fill_up(url: str, folder: Path, size: int) -> None:
    """Make the disk full, which a limit on the size of files stands for; see what still works; make room again."""
    store = open_store(url, timeout=5.0)
    cache = PromptCache(store)
    key = ask(cache, "kept").key
    assert cache.store(NewEntry(key=key, response=b'"before"')).stored
    store.put([record("kept", body(size))])
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 100_000, hard))

    with pytest.raises(StoreFull, match=r"no room left.*free disk space"):
        _put_for_ever(store, size)
    assert whole(store.get(["kept"])[0] or b"")
    assert ask(cache, "kept").status == "hit"
    for n in range(50):
        assert ask(cache, f"never asked {n}").status == "miss"
    assert all(whole(data) for data in store.get([f"k{n}" for n in range(1000)]) if data is not None)

    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    store.put([record("later", body(size))])
    assert whole(store.get(["later"])[0] or b"")
    key = ask(cache, "later").key
    assert cache.store(NewEntry(key=key, response=b'"after"')).stored
    assert ask(cache, "later").status == "hit"
    store.close()


def _put_for_ever(store: Store, size: int) -> None:
    for n in count():
        store.put([record(f"k{n}", body(size * (1 + n // 100)))])


def ask(cache: PromptCache, prompt: str) -> Outcome:
    return cache.lookup(Lookup(request=Request(prompt=prompt)))
