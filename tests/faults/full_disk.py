"""What a store does on a small disk of its own that is full: run by test_full_disk.py, where that disk is mounted."""

import sys
from itertools import count
from pathlib import Path

import pytest

from prompt_cache.core.cache import PromptCache
from prompt_cache.service.transfer import purge
from prompt_cache.stores import Store, StoreFull, VectorRecord, open_store
from prompt_cache.testing.stores.vectors import near, searchable
from prompt_cache.testing.stores.vectors import some as some_vectors

from .embedded_workers import ask, body, record, whole

BLOCK = 4096
VECTORS = some_vectors(1, 4, 384)


def main(url: str, folder: Path, size: int, way: str) -> None:
    """Fill the disk, to the last byte; clear it in one of the ways; use it again."""
    store = open_store(url, timeout=5.0)
    store.put([record("kept", body(size))])
    keys: list[str] = []
    with pytest.raises(StoreFull, match="no room left"):
        put_for_ever(store, size, keys, ttl=-1.0 if way == "sweep" else 600.0)
    take_all(folder)
    cache = PromptCache(store)
    assert ask(cache, "never asked").status == "miss"
    assert whole(store.get(["kept"])[0] or b"")
    assert near(store, VECTORS[0], least=0.99) or way == "sweep"

    if way == "flush":
        assert store.clear("default") > 1
    elif way == "delete":
        assert store.delete(keys) == len(keys)
    elif way == "purge":
        assert purge(store, older_than=0.0).deleted > 1
    assert store.sweep() > 1 if way == "sweep" else store.sweep() == 0
    assert store.sizes().get("default") is None or way in ("sweep", "delete")

    for again in range(2):
        store.put([record("later", body(size))])
        assert whole(store.get(["later"])[0] or b"")
        searchable(store).put_vectors(
            [VectorRecord(key="later", namespace="default", space="space", vector=VECTORS[0])]
        )
        assert list(near(store, VECTORS[0], least=0.99)) == ["later"]
        assert cache.flush() >= 1, again
    store.close()


def put_for_ever(store: Store, size: int, keys: list[str], ttl: float) -> None:
    at_once = max(200_000 // size, 1)
    for turn in count():
        some = [f"{turn}-{n}" for n in range(at_once)]
        store.put([record(key, body(size), ttl=ttl) for key in some])
        keys += some
        searchable(store).put_vectors(
            [
                VectorRecord(key=key, namespace="default", space="space", vector=VECTORS[n % 4])
                for n, key in enumerate(some)
            ]
        )
        near(store, VECTORS[0])


def take_all(folder: Path) -> None:
    """Take what is left, to the last byte, as a log of somebody else would."""
    with (folder / "others").open("wb", buffering=0) as out:
        try:
            while out.write(bytes(BLOCK)):
                pass
        except OSError:
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
