"""What recording does on a small disk of its own that is full: run by test_full_disk.py, where that disk is mounted."""

import sys
from pathlib import Path

import pytest

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.rules import NamespaceRules, Recording, Rules
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores import StoreFull
from prompt_cache.stores.memory import MemoryStore

from .full_disk import take_all

LARGE = b'"' + b"x" * 200_000 + b'"'


def main(folder: Path) -> None:
    """Record until the disk is full in the middle of a line; make room, and go on."""
    file, others = folder / "a.jsonl", folder / "others"
    cache = PromptCache(MemoryStore(), rules=Rules(NamespaceRules(recording=Recording(mode="record", path=str(file)))))
    record(cache, "first")
    others.touch()
    take_all(folder)
    others.write_bytes(others.read_bytes()[: -len(LARGE) // 2])
    before = file.read_bytes()
    with pytest.raises(StoreFull, match=r"nothing was recorded: .*No space left"):
        record(cache, "second")
    assert file.read_bytes() == before
    assert cache.lookup(lookup("first")).status == "hit"
    others.unlink()
    record(cache, "second")
    assert len(file.read_bytes().splitlines()) == 3


def lookup(prompt: str) -> Lookup:
    return Lookup(request=Request(prompt=prompt))


def record(cache: PromptCache, prompt: str) -> None:
    assert cache.store(NewEntry(response=LARGE, key=cache.lookup(lookup(prompt)).key)).stored


if __name__ == "__main__":
    main(Path(sys.argv[1]))
