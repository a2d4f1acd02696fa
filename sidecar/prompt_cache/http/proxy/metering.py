"""What a model's answer used, read as it goes by, whether or not it is kept."""

import asyncio
import time
import zlib
from collections import deque
from contextlib import suppress
from typing import Any

import msgspec

from ...core.spending import Payment, Spending
from ...protocols.framing import Framing, Garbled, JsonLines, ServerSentEvents
from ...protocols.protocol import Batch, Json, Streamed
from ...responses.answer import Answer, read_answer
from ...responses.usage import Usage, rough_tokens
from ...savings.statistics import Dimensions
from ..front.lanes import LARGE
from .asking import Asking
from .client import Reply, Unpacking
from .extent import model_of, rough_input_tokens

_MOST = 4 * 1024 * 1024
"""Bytes of a body, or of one event, that are held of what goes by; what is larger says nothing of its usage."""
_LONGEST = 64 * 1024 * 1024
"""Bytes of an answer that are read at all."""
_ENDS = 4
"""Events at the beginning and at the end of a stream: one of them says who answered, and one what was used."""
_JSON_LINES = "application/json-lines"
_KNOWN: tuple[Framing, ...] = (ServerSentEvents(end=b"[DONE]"), JsonLines())
_SPOKEN = frozenset(
    ("arguments", "content", "delta", "partial_json", "reasoning", "reasoning_content", "response", "text", "thinking")
)
"""Fields in which events say their piece."""
_DEEPEST = 20


def framing_of(asking: Asking, reply: Reply) -> Framing | None:
    """That in which an answer comes; None where it is one body, whatever was asked for."""
    framing = asking.call.framing
    if framing is not None:
        return framing if reply.content_type in (framing.content_type, _JSON_LINES) else None
    if asking.call.request is None:  # nobody knows what it asks for
        return next((each for each in _KNOWN if each.content_type == reply.content_type), None)
    return None


class Meter:
    """Reads an answer's events, or its body, and remembers what tells the usage.

    It holds a few events, and `most` bytes of a body or of an event that is not whole.
    """

    def __init__(self, framing: Framing | None, most: int) -> None:
        self._most = most
        self._reader = framing.reader() if framing else None
        self._first: list[Json] = []
        self._last: deque[Json] = deque(maxlen=_ENDS)
        self._parts: list[bytes] = []
        self._unread = 0
        self._spoken = 0
        self._broken = False

    @property
    def ended(self) -> bool:
        """Whether the word that ends such a stream has come."""
        return self._reader is not None and self._reader.ended

    @property
    def unread(self) -> int:
        """Bytes of a body that are read only when they are asked about."""
        return self._unread

    def feed(self, part: bytes) -> list[Json]:
        """The events that are whole now. Raises Garbled."""
        self._unread += len(part)
        if self._unread > self._most:
            self.give_up()
        if self._broken:
            return []
        if self._reader is None:
            self._parts.append(part)
            return []
        return self._note(self._reader.feed, part)

    def close(self) -> list[Json]:
        """The events that the end makes whole. Raises Garbled."""
        return [] if self._reader is None or self._broken else self._note(self._reader.close)

    def _note(self, read: Any, *part: bytes) -> list[Json]:
        try:
            events: list[Json] = read(*part)
        except Garbled:
            self.give_up()
            raise
        for event in events:
            self._unread = 0
            self._spoken += _spoken(event)
            (self._first if len(self._first) < _ENDS else self._last).append(event)
        return events

    def give_up(self) -> None:
        """It cannot be read."""
        self._broken, self._parts = True, []

    @property
    def is_readable(self) -> bool:
        """Whether nothing has come so far that could not be read."""
        return not self._broken

    def told(self, endpoint: object) -> tuple[Answer, bool]:
        """What is known of the answer, and whether it came to its end."""
        events = [*self._first, *self._last]
        try:
            answer = events if self._reader else msgspec.json.decode(b"".join(self._parts))
            ended = not (self._reader and isinstance(endpoint, Streamed)) or any(map(endpoint.is_last, events))
            return read_answer(answer), ended
        except Exception:  # cut off, too large, or of a form that nobody has thought of
            return Answer(), False

    @property
    def spoken_tokens(self) -> int | None:
        """A rough count of what a stream said; None where it could not be read."""
        return None if self._broken or self._reader is None else -(-self._spoken // 4)


class Bill:
    """What one call to a model costs. It is counted once, however the call ends."""

    def __init__(
        self, spending: Spending, asking: Asking, framing: Framing | None, *, began: float, most: int = _MOST
    ) -> None:
        """`began` as `time.monotonic` says."""
        self._spending = spending
        self._asking = asking
        self._began = began
        self._counted = False
        self.meter = Meter(framing, most)

    def leave_to_store(self) -> None:
        """Whoever stores the answer counts it."""
        self._counted = True

    def count(self, *, again: bool = False) -> None:
        """Count it, unless that was done; `again` where whoever was to do so did not."""
        if self._counted and not again:
            return
        self._counted = True
        seconds = time.monotonic() - self._began
        with suppress(Exception):  # whatever an answer looks like, a call does not fail for being counted
            if self.meter.unread + len(self._asking.raw) <= LARGE:
                self._count(seconds)
            else:
                asyncio.get_running_loop().run_in_executor(None, self._count, seconds)

    def _count(self, seconds: float) -> None:
        answer, ended = self.meter.told(self._asking.endpoint)
        if not answer.is_error or answer.usage:  # a refusal in an answer's clothes is not paid
            self._spending.answer(self._payment(answer, ended, seconds))

    def _payment(self, answer: Answer, ended: bool, seconds: float) -> Payment:
        asking, request = self._asking, self._asking.call.request
        asked = request.model if request else model_of(asking.route.path, asking.body)
        source = asking.directives.source
        return self._spending.priced(
            Dimensions(asking.namespace, asked or answer.model or "", source.workflow, source.node),
            (answer.model, asked),
            self._usage(answer, ended),
            seconds,
            caller=asking.payer.caller.name,
        )

    def _usage(self, answer: Answer, ended: bool) -> Usage:
        """As it was told, and an estimate of what was not: an answer may be cut off before it says so."""
        told = answer.usage or Usage()
        if isinstance(self._asking.endpoint, Batch):
            told = msgspec.structs.replace(told, output_tokens=told.output_tokens or 0)
        if ended and told.input_tokens is not None and told.output_tokens is not None:
            return told
        spoken = self.meter.spoken_tokens
        if spoken is None and answer.text:
            spoken = rough_tokens(answer.text)
        if spoken is None and not ended and self.meter.is_readable:
            spoken = 0  # at least: what was to say more was cut off, or its caller left before it began
        asked = told.input_tokens
        return msgspec.structs.replace(
            told,
            input_tokens=rough_input_tokens(self._asking.body) if asked is None else asked,
            output_tokens=told.output_tokens if spoken is None else max(spoken, told.output_tokens or 0),
            estimated=True,
        )


class Passing:
    """Keeps the bill of an answer whose bytes go on as they are, packed or not; without a reply, of none."""

    def __init__(self, spending: Spending, asking: Asking, reply: Reply | None, *, began: float) -> None:
        self._endpoint = asking.endpoint
        self._bill = Bill(spending, asking, framing_of(asking, reply) if reply else None, began=began)
        self._unpacking = Unpacking() if reply and reply.is_packed_as_known else None
        self._left = _LONGEST
        if reply and not (reply.is_packed_as_known or reply.encoding in ("", "identity")):
            self._give_up()

    def add(self, part: bytes) -> None:
        """What has gone by; where it cannot be read, that is nobody's trouble."""
        if self._left <= 0:
            return
        try:
            for unpacked in self._unpacking.parts(part) if self._unpacking else (part,):
                self._left -= len(unpacked)
                self._bill.meter.feed(unpacked)
                if self._left <= 0:  # packed, so much takes but a moment to send
                    return
        except (Garbled, zlib.error):
            self._give_up()

    def _give_up(self) -> None:
        self._left = 0
        self._bill.meter.give_up()

    @property
    def answer(self) -> Answer:
        """What is known of it."""
        return self._bill.meter.told(self._endpoint)[0]

    def end(self) -> None:
        """All has gone by."""
        with suppress(Garbled):
            self._bill.meter.close()

    def count(self) -> None:
        self._bill.count()


def _spoken(event: Json, deep: int = 0) -> int:
    """Characters that an event says."""
    if deep > _DEEPEST:
        return 0
    if isinstance(event, dict):
        if isinstance(kind := event.get("type"), str) and kind.endswith((".done", ".completed")):
            return 0  # all of it once more
        return sum(
            len(value) if isinstance(value, str) and name in _SPOKEN else _spoken(value, deep + 1)
            for name, value in event.items()
            if isinstance(value, dict | list) or name in _SPOKEN
        )
    return sum(_spoken(each, deep + 1) for each in event) if isinstance(event, list) else 0
