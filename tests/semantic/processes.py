"""The processes that have a model, as the system tells of them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

_LIBRARY = "libctranslate2"
PATIENCE = 30.0


@contextmanager
def short_folder() -> Iterator[Path]:
    """Of this user alone; the address of a socket has to be short."""
    folder = Path(mkdtemp(prefix="pc-"))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def models(folder: Path) -> list[int]:
    """The ids of the processes whose socket is below that folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = each.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it has just ended
            continue
        if any(word.endswith("embedders.process") for word in words) and any(str(folder) in word for word in words):
            found.append(int(each.parent.name))
    return found


def the_model(folder: Path) -> int:
    """The only one; who finds that another was quicker ends in a moment."""
    assert until(lambda: len(models(folder)) == 1)
    (pid,) = models(folder)
    return pid


def has_model(pid: int) -> bool:
    """Whether what runs models is loaded in it."""
    return _LIBRARY in Path(f"/proc/{pid}/maps").read_text()


def memory(pid: int) -> int:
    """Resident, in MB."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1]) // 1024


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Whether it comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
