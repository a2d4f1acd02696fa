"""What tests turn and read on the demonstration model: delay, faults and the call counter."""

import threading
from collections import Counter, deque
from typing import Annotated, Any, Literal

import msgspec


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong with the next `times` calls; with all to come when that is None."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    finish_reason: Literal["length", "content_filter"] | None = None
    times: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Delay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seconds: Annotated[float, msgspec.Meta(ge=0, le=600)]


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the next answers say, one each, in the place of what the model would have said."""

    answers: list[str]


class Controls:
    """Shared by the threads of one server."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self._lock = threading.Lock()
        self._fault = Fault()
        self._script: deque[str] = deque()
        self._by_path: Counter[str] = Counter()
        self._prompts: deque[str] = deque(maxlen=100)

    def called(self, path: str, prompt: str) -> Fault:
        """Count a call; returns the fault it shall have."""
        with self._lock:
            self._by_path[path] += 1
            self._prompts.append(prompt)
            fault = self._fault
            if fault.times is not None:
                left = fault.times - 1
                self._fault = msgspec.structs.replace(fault, times=left) if left > 0 else Fault()
            return fault if fault.times != 0 else Fault()

    def scripted(self) -> str | None:
        """What the script has for this answer; None where it has come to its end."""
        with self._lock:
            return self._script.popleft() if self._script else None

    def set_script(self, script: Script) -> None:
        with self._lock:
            self._script = deque(script.answers)

    def calls(self) -> dict[str, Any]:
        with self._lock:
            return {
                "calls": self._by_path.total(),
                "by_path": dict(self._by_path),
                "prompts": list(self._prompts),
            }

    def reset(self) -> None:
        with self._lock:
            self._by_path.clear()
            self._prompts.clear()
            self._script.clear()

    def set_fault(self, fault: Fault) -> None:
        with self._lock:
            self._fault = fault
