"""What goes on beside the requests: handing over the sums, and sweeping what has expired."""

import threading
from collections.abc import Callable

from ..core.cache import PromptCache
from ..responses.usage import Usage
from ..savings.prices import price
from ..stores.base import StoreUnavailable

_FLUSH_EVERY = 1.0


class Housekeeper:
    """One background thread; of several workers on one store, one sweeps at a time."""

    def __init__(self, cache: PromptCache, sweep_every: float, report: Callable[[str, str], None]) -> None:
        self._cache = cache
        self._sweep_every = sweep_every
        self._report = report
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop, and hand over what is left."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._cache.close()

    def _run(self) -> None:
        price("gpt-4o", Usage(input_tokens=1, output_tokens=1))  # loads the price list before somebody waits for it
        waited = 0.0
        while not self._stop.wait(_FLUSH_EVERY):
            waited += _FLUSH_EVERY
            try:
                self._cache.statistics.flush()
                self._cache.index()
                if self._sweep_every and waited >= self._sweep_every:
                    waited = 0.0
                    self._cache.sweep(self._sweep_every)
            except StoreUnavailable:
                continue  # requests report it; the next round tries again
            except Exception as error:
                self._report("housekeeping_error", type(error).__name__)
