"""What the tests call in place of a model."""

import threading
from collections.abc import Callable
from typing import Any


class Model:
    """Answers with what it is given, and counts its calls."""

    def __init__(self, answer: Any = None, *, then: Callable[[], Any] | None = None) -> None:
        self.answer = {"text": "A place to keep things."} if answer is None else answer
        self.calls = 0
        self._then = then
        self._lock = threading.Lock()

    def __call__(self) -> Any:
        with self._lock:
            self.calls += 1
        if self._then:
            self._then()
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer
