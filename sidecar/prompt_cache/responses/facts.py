"""What an envelope says of its answer: who answered, at which cost, and how it ended."""

from typing import Any

import msgspec

from .envelope import Body, Envelope, Path, at
from .usage import Usage, from_fields
from .words import FinishReason, endings

_NOT_FILTERED = frozenset(("", "none", "block_reason_unspecified", "blocked_reason_unspecified", "block_none"))


class Facts:
    """Gathers what the envelopes of one response say."""

    def __init__(self) -> None:
        self.model: str | None = None
        self.usage: Usage | None = None
        self.finishes: set[FinishReason] = set()
        self.has_ended = False
        """Whether anything said why the answer ended, be it in a word that is not known."""
        self.is_error = False

    def note(self, envelope: Envelope, value: Body) -> None:
        """Read the facts of an envelope from where it keeps them."""
        if self.model is None and envelope.model:
            self.model = _model(value, envelope.model)
        for path in envelope.usage:
            counts = at(value, path)
            if isinstance(counts, dict) and (usage := usage_of(counts, path[-1] if path else "")) is not None:
                self.usage = _fuller(self.usage, usage)
                break
        reasoned = False
        for path in envelope.finish:
            if (reason := at(value, path)) is not None:
                reasoned = True
                self._finish(reason, envelope)
            elif envelope.null_finish and path[0] in value:
                self.finishes.add("unfinished")
        if envelope.done and isinstance(done := value.get(envelope.done), bool):
            self.has_ended |= done
            # LangChain keeps the `false` of a stream's first chunk, beside the reason of its last.
            if not (done or reasoned):
                self.finishes.add("unfinished")
        for path in envelope.filtered:
            if path[0] in value and _is_filtered(at(value, path)):
                self.finishes.add("content_filter")
        for path in envelope.error:
            if path[0] in value and _is_told(at(value, path)):
                self.is_error = True

    def _finish(self, reason: Any, envelope: Envelope) -> None:
        for ending in endings(reason, envelope.words):
            if ending == "error":
                self.is_error = True
            elif ending is not None:
                self.finishes.add(ending)
            self.has_ended |= ending != "unfinished"


def _model(value: Body, paths: tuple[Path, ...]) -> str | None:
    for path in paths:
        if isinstance(model := at(value, path), str) and model:
            half = model[: len(model) // 2]
            return half if half * 2 == model else model  # LangChain joins the names in a stream's chunks
    return None


def usage_of(counts: Body, name: str) -> Usage | None:
    """The usage that a field of this name states, if it states one."""
    usage = from_fields(counts)
    if usage is not None and name == "tokenUsageEstimate":
        return msgspec.structs.replace(usage, estimated=True)
    return usage


def _fuller(one: Usage | None, other: Usage | None) -> Usage | None:
    """LangChain states the same usage in several places, not everywhere with the cached tokens."""
    if one is None or other is None:
        return one or other
    by_fullness = sorted((one, other), key=lambda usage: (usage.estimated, usage.counts().count(None)))
    return filled(*by_fullness) if one.estimated == other.estimated else by_fullness[0]


def filled(usage: Usage | None, older: Usage | None) -> Usage | None:
    """A usage, with what only an older account of it says."""
    if usage is None or older is None:
        return usage or older
    missing = {
        name: count
        for name, count in zip(Usage.__struct_fields__, older.counts(), strict=False)
        if getattr(usage, name) is None
    }
    return msgspec.structs.replace(usage, **missing) if missing else usage


def _is_filtered(found: Any, depth: int = 0) -> bool:
    """Whether moderation found something: `true`, a reason, or `filtered: true` somewhere inside."""
    if depth > 5:
        return False
    if isinstance(found, list):
        return any(_is_filtered(one, depth + 1) for one in found)
    if isinstance(found, dict):
        if found.get("filtered") is True:
            return True
        return any(_is_filtered(inner, depth + 1) for inner in found.values() if isinstance(inner, dict | list))
    if isinstance(found, str):
        return found.lower() not in _NOT_FILTERED
    return bool(found)


def _is_told(error: Any) -> bool:
    return error is True or (isinstance(error, str | dict | list) and bool(error))
