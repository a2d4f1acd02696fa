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


class Recordings:
    """The cassettes of all namespaces that have one."""

    def __init__(self, rules: Rules, normalizers: Normalizers, report: Callable[[str, str], None]) -> None:
        self._rules = rules
        self._normalizers = normalizers
        self._report = report
        self._cassettes: dict[Recording, Cassette] = {}
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises ValueError where a cassette cannot be read, or one that is replayed is not there."""
        for rules in self._rules.all:
            if rules.recording:
                cassette = self._cassette(rules.recording)
                if rules.recording.mode == "replay" and not cassette.path.exists():
                    raise BrokenCassette(f"{cassette.path} is not there: record it first")
                cassette.check()

    def recording(self, namespace: str) -> Recording | None:
        """How a namespace is recorded or replayed; None where it is neither."""
        return self._rules[namespace].recording

    def entry(self, question: Question, now: float) -> Entry | None:
        """What a cassette answers, as if it had been stored this moment. Raises NotRecorded where it cannot be read."""
        recording = self._rules[question.namespace].recording
        if recording is None:
            return None
        try:
            response = self._cassette(recording).find(question.parts)
        except BrokenCassette as broken:
            raise NotRecorded(str(broken)) from None
        if response is None:
            return None
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


def _sentence(recording: Recording, found: Nearest | None) -> str:
    again = f"record it (run it once with `prompt-cache record {recording.path}`), or ask as it was recorded"
    if found is None:
        return f"nothing is recorded in {recording.path}. To go on: {again}"
    differs = "; ".join(map(str, found.differences[:5])) or "the order of names in a schema"
    more = f"; and {len(found.differences) - 5} more" if len(found.differences) > 5 else ""
    return (
        f"this request is not recorded in {recording.path}. The nearest is line {found.line}{_quoted(found)}, "
        f"which differs in {differs}{more}. To go on: {again}"
    )


def _quoted(found: Nearest) -> str:
    """The recorded question, unless the differences show all of it."""
    question = found.question
    if not question or any(each.recorded == f'"{question}"' for each in found.differences):
        return ""
    return f' ("{question[:60]}{"..." if len(question) > 60 else ""}")'
