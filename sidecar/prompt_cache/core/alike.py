"""All entries that answer one question, whatever attributes they carry beyond those that are asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

import msgspec
from msgspec import Struct

from ..keying.keys import Keyer
from ..keying.request import Request
from ..savings.statistics import Dimensions, Statistics
from ..stores.base import Store
from .counting import count_miss, count_served
from .entries import BATCH_BYTES, Entries
from .entry import Entry, Source
from .filters import EntryFilter
from .lookup import Lookup
from .matching.matcher import Asked, Matcher
from .missed.questions import MissedQuestions
from .misses import Misses
from .policy import MissReason, freshness_of
from .questions import Question, Questions
from .recordings import Recordings

MOST = 100
"""Entries of one question that are looked at: with more, nobody can say which is meant."""
_AT_ONCE = 8
_LAST = 2**62
"""The generation of what nobody asked for: it is noted, whatever was flushed before."""

Usable = Callable[[Entry], bool]
"""Whether an entry is of use to who asks."""


class Alike(Struct, frozen=True):
    """An entry that answers what was asked."""

    key: str
    entry: Entry
    similarity: float = 1.0
    """Of its question to the one that was asked; 1 where they are the same."""
    question: str | None = None
    """Its own, where that is worded differently."""


class Beyond(Struct, frozen=True):
    """That questions may be worded differently, and how similar they have to be at least, where who asks says that."""

    threshold: float | None = None


class Alikes:
    """Finds entries that share all of a question but for further attributes. Raises StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        questions: Questions,
        keyer: Keyer,
        matcher: Matcher,
        statistics: Statistics,
        recordings: Recordings,
        misses: Misses,
        missed: MissedQuestions,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._entries = entries
        self._questions = questions
        self._keyer = keyer
        self._matcher = matcher
        self._statistics = statistics
        self._recordings = recordings
        self._misses = misses
        self._missed = missed
        self._clock = clock

    def of(self, request: Request, most: int, usable: Usable, beyond: Beyond | None) -> list[Alike]:
        """Usable ones that answer a request: that with its very attributes first, then the newest.

        None where several could be meant: more than are wanted, with different answers, none of them with its very
        attributes. Counts as one lookup; nothing of it is remembered. Raises InvalidRequest, NotRecorded.
        """
        question = self._questions.of(request)
        if self._recordings.recording(question.namespace):
            found = [each for each in self._recorded(question) if usable(each.entry)]
        elif found := list(self._fresh([question.key], question.namespace, usable)):
            found += filter(None, islice(self._with_more(request, question, usable), most - 1))
        else:
            found = self._meant(self._with_more(request, question, usable), most)
            if not found and beyond:
                found = list(self._worded_differently(request, question, usable, beyond))
        self._count(request, found)
        if not found:
            miss = self._misses.of(question, Source(), _LAST, self._clock())
            self._missed.note_miss(miss, MissReason.NOT_FOUND)
        return found

    def _recorded(self, question: Question) -> list[Alike]:
        if entry := self._recordings.entry(question, self._clock()):
            return [Alike(question.key, entry)]
        if not_recorded := self._recordings.not_recorded(question):
            raise not_recorded
        return []

    @staticmethod
    def _meant(candidates: Iterable[Alike | None], most: int) -> list[Alike]:
        found: list[Alike] = []
        for each in candidates:
            if each is None:
                return []
            found.append(each)
            if len(found) > most and len({some.entry.response for some in found}) > 1:
                return []
        return found[:most]

    def _with_more(self, request: Request, question: Question, usable: Usable) -> Iterator[Alike | None]:
        """Those that have more attributes than were asked for, newest first; then None where that may not be all."""
        entry_filter = EntryFilter(
            namespace=question.namespace,
            question=self._keyer.digests(question.parts)["question"],
            attributes=question.parts.get("attributes", {}),
        )
        query, seen, size, cursor = entry_filter.query(self._clock()), 0, 0, None
        while seen < MOST and size < BATCH_BYTES:
            page = self._store.find(query, limit=_AT_ONCE, cursor=cursor)
            seen, cursor = seen + len(page.keys), page.cursor
            others = [key for key in page.keys if key != question.key]
            for each in self._fresh(others, question.namespace, usable):
                # The digest of a question is short: only the key proves that this is the same one.
                if self._key(request, each.entry.attributes) == each.key:
                    size += len(each.entry.response)
                    yield each
            if cursor is None:
                return
        yield None

    def _worded_differently(
        self, request: Request, question: Question, usable: Usable, beyond: Beyond
    ) -> Iterator[Alike]:
        bounds = [each for each in (self._matcher.threshold(question.namespace), beyond.threshold) if each is not None]
        if bounds and self._matcher.applies(question.namespace, "semantic"):
            lookup = Lookup(request=request, match="semantic", threshold=max(bounds))
            (found,) = self._matcher.match([Asked(question, lookup)])
            if (served := found.served) and usable(served.entry):
                yield Alike(served.key, served.entry, served.similarity, served.question)

    def _key(self, request: Request, attributes: Mapping[str, str]) -> str:
        return self._questions.of(msgspec.structs.replace(request, attributes=dict(attributes))).key

    def _fresh(self, keys: list[str], namespace: str, usable: Usable) -> Iterator[Alike]:
        if not keys:
            return
        loaded, now = self._entries.load(keys, namespace), self._clock()
        for key in keys:
            entry, versions = loaded[key].entry, loaded[key].versions
            if entry and entry.namespace == namespace and freshness_of(entry, now, versions).fresh and usable(entry):
                yield Alike(key, entry)

    def _count(self, request: Request, found: list[Alike]) -> None:
        if found:  # several answers to one question save one call
            first = found[0]
            count_served(self._statistics, first.key, first.entry, Source(), first.question is not None)
        else:
            dimensions = Dimensions(request.namespace, request.model or "", "", "")
            count_miss(self._statistics, dimensions, MissReason.NOT_FOUND)
