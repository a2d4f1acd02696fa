"""What goes on beside the requests: handing over the sums, and sweeping what has expired."""

import threading
import time
from collections.abc import Callable

from ..core.cache import PromptCache
from ..responses.usage import Usage
from ..savings.prices import price
from ..stores.base import StoreUnavailable

_FLUSH_EVERY = 1.0
_STOP_SECONDS = 5.0
_AFTER_AN_ERROR = 5.0
_BETWEEN_PAGES = 0.25
"""Seconds between two handfuls of entries that are embedded: lookups wait for the same embedder."""


class Housekeeper:
    """A background thread, and another where pairs are to be judged; of several workers on one store, one sweeps."""

    def __init__(self, cache: PromptCache, sweep_every: float, report: Callable[[str, str], None]) -> None:
        self._cache = cache
        self._sweep_every = sweep_every
        self._report = report
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, name="housekeeping", daemon=True)]
        if cache.learns:  # it waits for models, and sums cannot wait for them
            self._threads.append(threading.Thread(target=self._learn, name="learning", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and hand over what is left."""
        self._stop.set()
        end = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=max(0.0, end - time.monotonic()))
        self._cache.close()

    def _run(self) -> None:
        price("gpt-4o", Usage(input_tokens=1, output_tokens=1))  # loads the price list before somebody waits for it
        waited = 0.0
        while not self._stop.wait(_FLUSH_EVERY):
            waited += _FLUSH_EVERY
            self._do(self._cache.statistics.flush)
            self._do(self._cache.budgets.flush)
            if self._sweep_every and waited >= self._sweep_every:
                waited = 0.0
                self._do(lambda: self._cache.sweep(self._sweep_every))
            self._do(self._cache.missed.flush)  # last: a store that is full takes it only once it is swept

    def _do(self, part: Callable[[], object]) -> None:
        """A part of a round, whose failure stops none of the others; the next round tries again."""
        try:
            part()
        except StoreUnavailable:
            pass  # requests report it
        except Exception as error:
            self._report("housekeeping_error", type(error).__name__)

    def _learn(self) -> None:
        self._cache.prepare()
        wait = 0.0
        while not self._stop.wait(wait):
            try:
                indexing = self._cache.index()
                wait = self._cache.learn()
                if indexing:
                    wait = min(wait, _BETWEEN_PAGES)
            except StoreUnavailable:
                wait = _AFTER_AN_ERROR
            except Exception as error:
                wait = _AFTER_AN_ERROR
                self._report("learning_error", type(error).__name__)
