"""The store of files in a folder."""

import os
import sqlite3
import time
from pathlib import Path

import pytest

from prompt_cache.stores import Bounds, StoreUnavailable, open_store
from prompt_cache.stores.file import FileStore
from prompt_cache.testing.stores import SharedStoreConformance, SharedVectorConformance
from prompt_cache.testing.stores.harness import record


class TestFile(SharedStoreConformance, SharedVectorConformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"file://{tmp_path}/cache"


def bodies(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("index.db"))


def test_bodies_are_files_in_fanned_out_folders(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put([record(f"k{n}", b"body %d" % n) for n in range(20)])
    files = bodies(tmp_path)
    assert sorted(path.read_bytes() for path in files) == sorted(b"body %d" % n for n in range(20))
    assert {len(path.relative_to(tmp_path).parts) for path in files} == {3}
    assert len({path.parent for path in files}) > 10
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_a_body_and_the_folders_that_lead_to_it_are_on_the_disk_when_it_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []

    def note(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())

    monkeypatch.setattr("prompt_cache.stores.file.os.fsync", note)
    store = FileStore(tmp_path)
    store.put([record("k")])
    (file,) = bodies(tmp_path)
    assert {file.with_suffix(".part"), file.parent, file.parent.parent, tmp_path} <= set(synced)
    synced.clear()
    store.put([record("miss", namespace="!misses")])
    assert synced == [], "what can be had again waits for no disk"
    FileStore(tmp_path, durability="normal").put([record("l")])
    assert synced == []


def test_nothing_is_left_lying_about(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put([record(f"k{n}") for n in range(10)])
    store.put([record(f"k{n}", b"anew") for n in range(10)])
    store.put([record("k0", b"first"), record("k0", b"second")])
    assert len(bodies(tmp_path)) == 10
    store.delete(["k0", "k1"])
    assert len(bodies(tmp_path)) == 8
    store.put([record("k2", ttl=-1.0)])
    store.sweep()
    assert len(bodies(tmp_path)) == 7
    store.evict("default", Bounds(max_entries=5), store.sizes()["default"])
    assert len(bodies(tmp_path)) == 5
    store.clear("default")
    assert bodies(tmp_path) == []


def test_a_put_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put([record("k", b"before")])
    with sqlite3.connect(tmp_path / "index.db") as connection:
        connection.execute("DROP TABLE labels")
    connection.close()
    with pytest.raises(StoreUnavailable):
        store.put([record("k", b"after", labels=("x",)), record("l", labels=("x",))])
    assert [path.read_bytes() for path in bodies(tmp_path)] == [b"before"]


def test_sweeps_take_up_old_files_that_nothing_names(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put([record(f"k{n}") for n in range(20)])
    named = bodies(tmp_path)
    orphans = [named[0].with_name("orphan"), named[-1].with_name("half.part"), tmp_path / "00" / "ff" / "orphan"]
    young = named[3].with_name("being-put.part")
    for path in (*orphans, young):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left behind")
    for path in (*orphans, *named):
        os.utime(path, (time.time() - 3600,) * 2)
    for _ in range(256):
        store.sweep()
    assert bodies(tmp_path) == sorted([*named, young])


def test_one_sweep_looks_at_a_small_part(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    for n in range(256):
        path = tmp_path / f"{n:02x}" / "00" / "orphan"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"left behind")
        os.utime(path, (0, 0))
    store.sweep()
    assert len(bodies(tmp_path)) == 255


def test_a_missing_file_is_no_body_that_anybody_wrote(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put([record("k"), record("l")])
    bodies(tmp_path)[0].unlink()
    assert sorted(store.get(["k", "l"]), key=str) == [b"", b"body"]
    assert store.delete(["k", "l"]) == 2


@pytest.mark.parametrize("url", ["file://", "file:///", "file://relative", "file:///x?y=1"])
def test_a_url_without_a_folder(url: str) -> None:
    with pytest.raises(ValueError, match="file"):
        open_store(url)
