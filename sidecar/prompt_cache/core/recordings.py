"""Namespaces that are answered from a cassette: recorded once, then replayed without a model."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..cassettes.cassette import BrokenCassette, Cassette, Nearest
from ..cassettes.scrub import scrubber
from ..keying.normalize import Normalizers
from ..keying.request import Request, canonical
from ..responses.answer import read_answer
from ..stores.base import StoreFull
from .entry import Entry
from .errors import NotRecorded
from .policy import NotStored
from .questions import Question
from .rules import NamespaceRules, Recording, Rules

_NEVER = frozenset(
    (
        NotStored.ERROR_RESPONSE,
        NotStored.UNFINISHED,
        NotStored.VERSION_CHANGED,
        NotStored.FLUSHED,
        NotStored.FOREIGN_TICKET,
        NotStored.UNKNOWN_KEY,
    )
)
"""Reasons for which an answer is not recorded either. For the others a cache may not keep it, and a test wants it."""
_SMALL = 64 * 1024
"""Bytes of an answer that is read at once."""
_SHOWN = 20
"""Runs of lines that are listed."""


class Recordings:
    """The cassettes of all namespaces that have one."""

    def __init__(self, rules: Rules, normalizers: Normalizers, report: Callable[[str, str], None]) -> None:
        self._rules = rules
        self._normalizers = normalizers
        self._report = report
        self._cassettes: dict[Recording, Cassette] = {}
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises ValueError where a cassette cannot be read, cannot be recorded, or is not there to be replayed."""
        for rules in self._rules.all:
            if rules.recording:
                cassette = self._cassette(rules.recording)
                if rules.recording.mode == "replay" and not cassette.path.exists():
                    raise BrokenCassette(f"{cassette.path} is not there: record it first")
                cassette.check()
                if rules.recording.mode == "record":
                    cassette.check_writable()

    @property
    def summary(self) -> list[str]:
        """What was done with each cassette since it was read, a sentence each."""
        with self._lock:
            cassettes = list(self._cassettes.items())
        recorded: dict[str, int] = {}
        unasked: dict[str, set[int]] = {}  # of a file that several namespaces have, where none of them asked
        for recording, cassette in cassettes:
            path = recording.path
            if recording.mode == "record":
                recorded[path] = recorded.get(path, 0) + cassette.recorded
            else:
                unasked[path] = unasked.get(path, set(cassette.unasked)) & set(cassette.unasked)
        return [
            *(f"answers recorded in {path}: {count}" for path, count in recorded.items()),
            *(
                f"lines of {path} that nothing asked for: {_numbers(sorted(lines))}"
                if lines
                else f"every line of {path} was asked for"
                for path, lines in unasked.items()
            ),
        ]

    def recording(self, namespace: str) -> Recording | None:
        """How a namespace is recorded or replayed; None where it is neither."""
        return self._rules[namespace].recording

    def entry(self, question: Question, now: float) -> Entry | None:
        """What a cassette answers, as if it had been stored this moment. Raises NotRecorded where it cannot be read."""
        response = self._response(question)
        return self._entry(question, response, now) if response is not None else None

    def entry_at_once(self, question: Question, now: float) -> Entry | None:
        """The same, where that takes no time; None where it may: when the file has to be read, or much of it."""
        recording = self._rules[question.namespace].recording
        if recording is None or not self._cassette(recording).current:
            return None
        response = self._response(question)
        if response is None or len(response) > _SMALL:
            return None
        return self._entry(question, response, now)

    def _response(self, question: Question) -> bytes | None:
        recording = self._rules[question.namespace].recording
        try:
            return self._cassette(recording).find(question.parts) if recording else None
        except BrokenCassette as broken:
            raise NotRecorded(str(broken)) from None

    @staticmethod
    def _entry(question: Question, response: bytes, now: float) -> Entry:
        answer = read_answer(msgspec.json.decode(response))
        return Entry(
            namespace=question.namespace,
            response=response,
            created=now,
            expires=None,
            model=question.parts.get("model"),
            answered_by=answer.model,
            attributes=question.parts.get("attributes", {}),
            usage=answer.usage,
            finish_reason=answer.finish_reason,
        )

    def not_recorded(self, question: Question) -> NotRecorded | None:
        """Why a question that is not recorded is not to be asked; None where it is."""
        recording = self._rules[question.namespace].recording
        if recording is None or recording.mode == "record":
            return None
        try:
            return NotRecorded(_sentence(recording, self._cassette(recording).nearest(question.parts)))
        except BrokenCassette as broken:
            return NotRecorded(str(broken))

    def record(self, namespace: str, request: bytes | None, response: bytes, reason: NotStored | None) -> None:
        """Record an answer to a canonical request; `reason` is why it is not stored. Raises StoreFull."""
        recording = self._rules[namespace].recording
        if recording is None or recording.mode != "record" or request is None or reason in _NEVER:
            return
        try:
            if self._cassette(recording).record(request, response):
                self._report("recorded", Path(recording.path).name)
        except (BrokenCassette, OSError) as error:
            said = f"{recording.path}: {error.strerror}" if isinstance(error, OSError) else str(error)
            raise StoreFull(f"nothing was recorded: {said}") from None

    def _cassette(self, recording: Recording) -> Cassette:
        with self._lock:
            if recording not in self._cassettes:
                self._cassettes[recording] = Cassette(Path(recording.path), self._canonical, scrubber(recording.scrub))
            return self._cassettes[recording]

    def _canonical(self, request: Request) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        rules = self._rules[request.namespace]
        return self._form(request, rules, "none"), self._form(request, rules, request.normalize or rules.normalize)

    def _form(self, request: Request, rules: NamespaceRules, normalize: Any) -> dict[str, Any]:
        return canonical(request, self._normalizers[normalize], rules.ignore, mask_system=rules.mask_system)


def _numbers(some: list[int]) -> str:
    """Rising numbers, as people list them: 2, 4 to 6."""
    runs: list[list[int]] = []
    for number in some:
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    shown = ", ".join(" to ".join(map(str, run)) for run in runs[:_SHOWN])
    return f"{shown} and more" if len(runs) > _SHOWN else shown


def _sentence(recording: Recording, found: Nearest | None) -> str:
    again = f"record it (run it once with `prompt-cache record {recording.path}`), or ask as it was recorded"
    if found is None:
        return f"nothing is recorded in {recording.path}. To go on: {again}"
    differs = "; ".join(map(str, found.differences[:5])) or "the order of names in a schema"
    more = f"; and {len(found.differences) - 5} more" if len(found.differences) > 5 else ""
    return (
        f"this request is not recorded in {recording.path}. The nearest is line {found.line}{_quoted(found)}, "
        f"which differs in {differs}{more}.{_hint(found)} To go on: {again}"
    )


def _hint(found: Nearest) -> str:
    clocks = [each.field for each in found.differences if each.only_clock]
    if not clocks:
        return ""
    system = any(field.startswith("system") for field in clocks)
    settings = "`normalize` with `mask:clock`" + (" and `mask_system: true`" if system else "")
    return f" Only dates and times differ in {', '.join(clocks[:5])}: {settings} makes them one."


def _quoted(found: Nearest) -> str:
    """The recorded question, unless the differences show all of it."""
    question = found.question
    if not question or any(each.recorded == f'"{question}"' for each in found.differences):
        return ""
    return f' ("{question[:60]}{"..." if len(question) > 60 else ""}")'
