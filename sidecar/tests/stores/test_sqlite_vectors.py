"""The matrices beside an SQLite store: shared, rebuilt, cleaned, and never needed."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from prompt_cache.stores import StoreFull, VectorRecord, open_store
from prompt_cache.stores.file import FileStore
from prompt_cache.stores.sqlite import database
from prompt_cache.stores.sqlite import vectors as module
from prompt_cache.stores.sqlite.store import SqliteStore
from prompt_cache.stores.sqlite.vectors import FEW
from prompt_cache.testing.stores.harness import record
from prompt_cache.testing.stores.vectors import EXACT, beside, keep, near, some

MANY = 4 * FEW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.db"


def matrices(path: Path) -> list[Path]:
    folder = path.with_name(f"{path.name}-vectors")
    return sorted(folder.iterdir()) if folder.exists() else []


def filled(path: Path, count: int = MANY, seed: int = 1) -> dict[str, bytes]:
    """Vectors of a store that was closed again after it had made its matrix."""
    store = SqliteStore(path)
    vectors = {f"k{n}": vector for n, vector in enumerate(some(seed, count))}
    keep(store, vectors)
    assert_finds(store, vectors)
    store.close()
    return vectors


def assert_finds(store: SqliteStore, vectors: dict[str, bytes]) -> None:
    keys = list(vectors)
    wanted = [("space", vectors[key]) for key in keys]
    for key, neighbours in zip(keys, store.nearest(wanted, limit=1, least=0.5), strict=True):
        assert [each.key for each in neighbours] == [key]
        assert neighbours[0].similarity == pytest.approx(1.0, abs=EXACT)


def test_few_vectors_need_no_matrix(path: Path) -> None:
    filled(path, FEW)
    assert matrices(path) == []
    filled(path, MANY)
    assert len(matrices(path)) == 1


@pytest.mark.parametrize("kind", [SqliteStore, FileStore])
def test_a_matrix_is_for_nobody_else_to_read(tmp_path: Path, kind: type[SqliteStore]) -> None:
    store = kind(tmp_path / "cache")
    keep(store, {f"k{n}": vector for n, vector in enumerate(some(1, MANY))})
    near(store, some(1, 1)[0])
    (folder,) = tmp_path.rglob("*-vectors")
    (file,) = folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert file.stat().st_mode & 0o777 == 0o600


def test_all_handles_map_the_same_file_and_it_grows_in_place(path: Path) -> None:
    stores = [SqliteStore(path) for _ in range(3)]
    vectors = {f"k{n}": vector for n, vector in enumerate(some(1, MANY))}
    keep(stores[0], vectors)
    for store in stores:
        assert_finds(store, vectors)
    (file,) = matrices(path)
    first = file.stat().st_ino
    for turn in range(12):
        more = {f"{turn}-{n}": vector for n, vector in enumerate(some(100 + turn, 50))}
        keep(stores[turn % 3], more)
        vectors |= more
        for store in stores:
            assert_finds(store, more)
    for store in stores:
        assert_finds(store, vectors)
    assert matrices(path) == [file]
    assert file.stat().st_ino == first
    assert file.stat().st_size > len(vectors) * len(some(1, 1)[0])


def test_handles_that_begin_together_make_one_matrix(path: Path) -> None:
    store = SqliteStore(path)
    vectors = {f"k{n}": vector for n, vector in enumerate(some(1, 2000))}
    keep(store, vectors)

    def search(_: int) -> None:
        own = SqliteStore(path)
        assert_finds(own, dict(list(vectors.items())[:50]))
        own.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(search, range(12)))
    assert len(matrices(path)) == 1


def _remove(file: Path) -> None:
    shutil.rmtree(file.parent)


def _spoil_the_head(file: Path) -> None:
    with file.open("r+b") as out:
        out.write(os.urandom(200))


def _spoil_all(file: Path) -> None:
    file.write_bytes(os.urandom(file.stat().st_size))


def _spoil_the_numbers(file: Path) -> None:
    with file.open("r+b") as out:
        out.seek(4096)
        out.write(bytes(100_000))


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 3)


def _empty(file: Path) -> None:
    os.truncate(file, 0)


def _forbid(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "harm",
    [_remove, _spoil_the_head, _spoil_all, _spoil_the_numbers, _cut, _empty, _forbid],
    ids=lambda harm: harm.__name__,
)
@pytest.mark.parametrize("meanwhile", [True, False])
def test_a_matrix_that_is_missing_or_damaged_is_made_anew(
    path: Path, harm: Callable[[Path], None], meanwhile: bool
) -> None:
    vectors = filled(path)
    store = SqliteStore(path)
    if meanwhile and harm not in (_spoil_the_head, _spoil_all, _spoil_the_numbers):  # nobody writes into one in use
        assert_finds(store, vectors)
    (file,) = matrices(path)
    harm(file)
    assert_finds(store, vectors)
    more = {f"m{n}": vector for n, vector in enumerate(some(7, 60))}
    keep(store, more)
    assert_finds(store, vectors | more)


def test_a_matrix_of_another_database_is_not_taken_for_its_own(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.db", tmp_path / "theirs.db"
    vectors, others = filled(mine, seed=1), filled(theirs, seed=2)
    (file,), (foreign,) = matrices(mine), matrices(theirs)
    shutil.copyfile(foreign, file)
    assert_finds(SqliteStore(mine), vectors)
    assert_finds(SqliteStore(theirs), others)


def test_an_older_database_that_was_put_back_finds_all_it_has(path: Path) -> None:
    before = filled(path, seed=1)
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(path.with_name("backup.db"))) as backup:
        live.backup(backup)
    store = SqliteStore(path)
    keep(store, {f"lost{n}": vector for n, vector in enumerate(some(5, 300))})
    near(store, some(5, 1)[0])
    store.close()
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    path.write_bytes(
        path.with_name("backup.db").read_bytes()
    )  # the same file, so that nothing but what it says differs
    store = SqliteStore(path)
    later = {f"later{n}": vector for n, vector in enumerate(some(6, 200))}
    keep(store, later)
    assert_finds(store, before | later)
    assert near(store, some(5, 1)[0], limit=1, least=0.9) == {}


def test_a_matrix_from_before_the_machine_stopped_is_made_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = filled(path)
    (file,) = matrices(path)
    before = file.stat().st_ino
    assert_finds(SqliteStore(path), vectors)
    assert file.stat().st_ino == before
    boot = path.with_name("boot")
    boot.write_text("another")
    monkeypatch.setattr(module, "_BOOT", boot)
    assert_finds(SqliteStore(path), vectors)
    assert matrices(path)[0].stat().st_ino != before


def test_what_a_killed_process_was_adding_is_not_there_and_written_over(path: Path) -> None:
    vectors = filled(path)
    (file,) = matrices(path)
    size = 8 + len(some(1, 1)[0])
    with file.open("r+b") as out:  # rows that are not counted, the last of them half
        out.seek(4096 + MANY * size)
        out.write(b"\x7f" * (3 * size + size // 2))
    store = SqliteStore(path)
    more = {f"m{n}": vector for n, vector in enumerate(some(7, 60))}
    keep(store, more)
    assert_finds(store, vectors | more)


def test_sweeping_leaves_nothing_of_what_was_deleted(path: Path) -> None:
    vectors = filled(path)
    store = SqliteStore(path)
    (file,) = matrices(path)
    gone = vectors["k3"]
    assert gone in file.read_bytes()
    store.delete(["k3"])
    store.sweep()
    assert gone not in file.read_bytes()
    del vectors["k3"]
    assert_finds(store, vectors)


def test_a_matrix_that_is_mostly_dead_becomes_smaller_and_an_empty_one_goes(path: Path) -> None:
    vectors = filled(path, 3000)
    store, other = SqliteStore(path), SqliteStore(path)
    assert_finds(other, vectors)
    (file,) = matrices(path)
    full = file.stat().st_size
    store.delete(list(vectors)[: 3000 - 300])
    store.sweep()
    left = dict(list(vectors.items())[-300:])
    assert file.stat().st_size < full / 3
    for each in (store, other):
        assert_finds(each, left)
    store.clear("default")
    store.sweep()
    assert matrices(path) == []
    assert near(other, some(1, 1)[0]) == {}


def test_a_search_that_meets_many_dead_blanks_them(path: Path) -> None:
    vectors = filled(path, 1000)
    store = SqliteStore(path)
    wanted = vectors["k0"]
    close = {f"close{n}": beside(wanted, 1000 + n, 0.1) for n in range(300)}
    keep(store, close)
    near(store, wanted)
    store.delete(list(close))
    assert next(iter(near(store, wanted, limit=2))) == "k0"
    (file,) = matrices(path)
    assert not any(vector in file.read_bytes() for vector in close.values())


def test_sweeping_takes_up_what_a_crash_left(path: Path) -> None:
    filled(path)
    store = SqliteStore(path)
    (file,) = matrices(path)
    strange, old, young = (file.with_name(name) for name in ("strange", "old.part", "young.part"))
    for each in (strange, old, young):
        each.write_bytes(b"left behind")
    os.utime(old, (time.time() - 3600,) * 2)
    store.sweep()
    assert matrices(path) == sorted([file, young])


def test_on_a_full_disk_vectors_are_refused_and_what_is_there_is_found(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(path)
    vectors = {f"k{n}": vector for n, vector in enumerate(some(1, MANY))}
    keep(store, vectors)
    store.put([record("late")])
    monkeypatch.setattr("prompt_cache.stores.sqlite.room.disk_usage", lambda _: SimpleNamespace(free=0))
    assert_finds(store, vectors)
    assert matrices(path) == []
    with pytest.raises(StoreFull, match="no room left"):
        store.put_vectors([VectorRecord(key="late", namespace="default", space="space", vector=some(9, 1)[0])])
    store.delete_vectors(["k0"])
    assert near(store, vectors["k0"], limit=1).keys() != {"k0"}
    monkeypatch.undo()
    del vectors["k0"]
    assert_finds(store, vectors)
    assert len(matrices(path)) == 1


@pytest.mark.parametrize("there", [True, False])
def test_a_matrix_that_cannot_grow_is_done_without(path: Path, there: bool) -> None:
    """As on a full disk: files may not become larger than the matrix is, or than a piece of it."""
    script = """
import resource, sys
from pathlib import Path
from prompt_cache.stores.sqlite.store import SqliteStore
from prompt_cache.testing.stores.vectors import near, some
store = SqliteStore(Path(sys.argv[1]))
near(store, some(1, 1)[0])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
input("ready\\n")
for seed, count in ((1, 512), (7, 500)):
    for vector in some(seed, count)[::5]:
        ((found,),) = store.nearest([("space", vector)], limit=1, least=0.999)
"""
    if there:
        filled(path, MANY)
    limit = matrices(path)[0].stat().st_size if there else 30_000
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path), str(limit)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        store = SqliteStore(path)
        keep(store, {f"k{n}": vector for n, vector in enumerate(some(1, MANY))})
        keep(store, {f"m{n}": vector for n, vector in enumerate(some(7, 500))})
        worker.communicate("\n", timeout=60)
    assert worker.returncode == 0
    assert [each.suffix for each in matrices(path)] == [""] * there


def test_where_no_file_can_be_written_all_is_found(path: Path) -> None:
    store = SqliteStore(path)
    path.with_name("cache.db-vectors").write_text("in the way")
    vectors = {f"k{n}": vector for n, vector in enumerate(some(1, MANY))}
    keep(store, vectors)
    assert_finds(store, vectors)
    store.sweep()
    assert_finds(store, vectors)


def test_a_database_from_before_vectors_gets_them(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setattr(database, "_MIGRATIONS", database._MIGRATIONS[:2])
        old = SqliteStore(path)
        old.put([record("k")])
        old.close()
    store = SqliteStore(path)
    vector = some(1, 1)[0]
    store.put_vectors([VectorRecord(key="k", namespace="default", space="space", vector=vector)])
    assert list(near(store, vector)) == ["k"]


def test_two_workers_have_vectors_in_memory_once(path: Path) -> None:
    """Each maps 20,000 vectors of 384 dimensions, 31 MB; what that takes is shared evenly among those who map it."""
    script = """
import random, sys, time
import numpy
from pathlib import Path
from prompt_cache.stores import VectorRecord
from prompt_cache.stores.sqlite.store import SqliteStore
from prompt_cache.testing.stores.harness import record

def memory():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))

store = SqliteStore(Path(sys.argv[1]))
if sys.argv[2] == "fill":
    vectors = numpy.random.default_rng(1).standard_normal((20_000, 384)).astype("<f4")
    vectors /= numpy.linalg.norm(vectors, axis=1)[:, None]
    for first in range(0, 20_000, 1000):
        keys = [f"k{n}" for n in range(first, first + 1000)]
        store.put([record(key) for key in keys])
        store.put_vectors([
            VectorRecord(key=key, namespace="default", space="space", vector=vector.tobytes())
            for key, vector in zip(keys, vectors[first : first + 1000], strict=True)
        ])
    store.nearest([("space", vectors[0].tobytes())], limit=8, least=0.9)
    sys.exit()
wanted = numpy.zeros(384, "<f4")
wanted[0] = 1.0
few = [("few", wanted.tobytes())]
store.nearest(few, limit=8, least=0.9)
before = memory()
assert len(store.nearest([("space", wanted.tobytes())], limit=8, least=-1.0)[0]) == 8
print("ready", flush=True)
sys.stdin.readline()
print(memory() - before, flush=True)
sys.stdin.readline()
"""
    run = [sys.executable, "-c", script, str(path)]
    subprocess.run([*run, "fill"], check=True, timeout=120)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen([*run, "search"], **pipes) for _ in range(2)]  # type: ignore[call-overload]

    def told(worker: "subprocess.Popen[str]") -> str:
        assert worker.stdout is not None
        return worker.stdout.readline().strip()

    def go(worker: "subprocess.Popen[str]") -> None:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()

    try:
        assert [told(worker) for worker in workers] == ["ready"] * 2
        for worker in workers:
            go(worker)
        taken = [int(told(worker)) for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    size = 20_000 * 384 * 4 // 1024
    assert size * 0.9 < sum(taken) < size * 1.4


def test_without_numpy_all_else_works(tmp_path: Path) -> None:
    script = """
import sys
sys.modules["numpy"] = None
from prompt_cache.stores import VectorRecord, VectorsUnsupported, open_store
from prompt_cache.testing.stores.harness import record
for url in sys.argv[1:]:
    store = open_store(url)
    store.put([record("k", ttl=-1.0), record("l")])
    try:
        store.check_vectors()
    except VectorsUnsupported as error:
        print(error)
    for work in (
        lambda: store.put_vectors([VectorRecord(key="l", namespace="default", space="s", vector=bytes(8))]),
        lambda: store.nearest([("s", bytes(8))], limit=8, least=0.0),
    ):
        try:
            work()
        except VectorsUnsupported:
            pass
    store.put([record("l")])
    store.sweep()
    assert store.get(["k", "l"]) == [None, b"body"]
    assert store.clear("default")
    assert store.sizes() == {}
"""
    filled(tmp_path / "cache.db")
    urls = [f"sqlite:///{tmp_path}/cache.db", f"file://{tmp_path}/files", "memory://"]
    done = subprocess.run([sys.executable, "-c", script, *urls], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.count("pip install prompt-cache-sidecar[semantic]") == 3


def test_numpy_is_not_loaded_by_whoever_compares_nothing(tmp_path: Path) -> None:
    script = """
import sys
from prompt_cache.stores import open_store
from prompt_cache.stores.base import Record
for url in sys.argv[1:]:
    store = open_store(url)
    store.put([Record(key="k", namespace="n", body=b"body", created=1.0)])
    store.get(["k"])
    store.sweep()
assert "numpy" not in sys.modules
"""
    urls = [f"sqlite:///{tmp_path}/cache.db", f"file://{tmp_path}/files", "memory://"]
    subprocess.run([sys.executable, "-c", script, *urls], check=True, timeout=60)


def test_vectors_count_for_what_a_memory_store_may_take() -> None:
    store = open_store("memory://?max_bytes=2MB")
    vectors = some(1, 1000, 384)
    for n, vector in enumerate(vectors):
        keep(store, {f"k{n}": vector})
    held = store.sizes()["default"].entries
    assert 300 < held < 900
    assert len(near(store, vectors[-1], limit=1000)) == held
    assert next(iter(near(store, vectors[-1]))) == "k999"
