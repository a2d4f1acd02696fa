"""Data that changes all the time under users who ask the same: nobody is served an answer from before a change."""

import random
import time
from pathlib import Path
from threading import Lock

import pytest

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores import open_store

from .load import Load

QUESTION = Request(prompt="What does the handbook say?")
CHANGES = 60


class Handbook:
    """What answers are made from; `announced` is the newest version of which the cache was told."""

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache
        self._lock = Lock()
        self.version = self.announced = 0

    def change(self, *, flush: bool) -> None:
        with self._lock:
            self.version += 1
            if flush:
                self._cache.flush("default")
            else:
                self._cache.bump("default", ["handbook"])
            self.announced = self.version


@pytest.mark.parametrize("engine", ["sqlite", "file", "memory"])
@pytest.mark.parametrize("how", ["ticket", "key", "request"])
def test_no_user_is_served_an_answer_from_before_a_change(engine: str, how: str, tmp_path: Path) -> None:
    urls = {"sqlite": f"sqlite:///{tmp_path}/cache.db", "file": f"file://{tmp_path}/cache", "memory": "memory://"}
    cache = PromptCache(open_store(urls[engine]))
    handbook = Handbook(cache)

    def ask(thread: int, _: int) -> str:
        announced = handbook.announced
        outcome = cache.lookup(Lookup(request=QUESTION, lease=0.02 if thread % 2 else None))
        if outcome.status == "hit":
            served = int(bytes(outcome.response))  # type: ignore[arg-type]
            assert served >= announced, f"served version {served} after {announced} was announced"
        elif outcome.status == "miss":
            version = handbook.version
            time.sleep(random.uniform(0, 0.04))
            cache.store(
                NewEntry(
                    response=str(version).encode(),
                    depends_on=["handbook"],
                    key=None if how == "request" else outcome.key,
                    request=QUESTION if how == "request" else None,
                    ticket=str(outcome.ticket) if how == "ticket" else None,
                )
            )
        else:
            time.sleep(0.002)
        return outcome.status

    with Load(ask, threads=6) as load:
        for change in range(CHANGES):
            handbook.change(flush=change % 5 == 4)
            time.sleep(0.01)
        load.wait_for(lambda results: len(results) > 20)
    cache.close()
    if how == "ticket":
        assert "hit" in load.results  # the fresh answers get in all the same
