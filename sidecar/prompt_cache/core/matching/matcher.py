"""Looks for an answer beyond the same question: embed, search, load, decide."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import msgspec

from ...keying.keys import Keyer
from ...keying.request import last_user_text
from ...semantic.embedders.base import Embedder, EmbedderUnavailable
from ...semantic.partition import Place, Unplaced, place_of
from ...stores.base import Neighbour, Store, StoreUnavailable, VectorRecord, VectorStore, VectorsUnsupported
from ..entries import Entries, Loaded
from ..errors import InvalidRequest
from ..learning.learning import Grey, Learning
from ..learning.pairs import Said
from ..policy import MissReason, freshness_of
from ..questions import Question
from ..rules import Rules, SemanticRules
from ..spending import Spending
from .candidates import Candidate, Found, Mark, calls_tools
from .decision import refusal

_LIMIT = 8
"""Neighbours of a question that are looked at."""
_GREY = 0.1
"""How far below the threshold a pair may be to be worth asking a model about, unless the rules say."""
_BELOW = 0.2
"""How much less similar a question may be to be noted, so that people see what another threshold would change."""
_UNPLACED = 10_000
"""Entries that wait for the embedder; of more, the oldest stay for the very same question."""
_NO_EMBEDDER = "semantic matching needs an embedder, and none is configured here; use `exact`"
_NO_PROMPTS = "semantic matching compares what was asked, and prompts are not kept here; use `exact`"


class Wanted(Protocol):
    """How a question may be answered; a lookup."""

    @property
    def match(self) -> str | None: ...
    @property
    def threshold(self) -> float | None: ...
    @property
    def explain(self) -> bool: ...
    @property
    def max_age(self) -> float | None: ...


class Asked(NamedTuple):
    """A question whose very answer is not there."""

    question: Question
    wanted: Wanted


class _Search:
    """One question on its way to what was found."""

    def __init__(self, asked: Asked, rules: SemanticRules, place: Place, threshold: float) -> None:
        self.asked = asked
        self.rules = rules
        self.place = place
        self.found = Found(place=place, threshold=threshold)
        self.neighbours: list[Neighbour] = []

    @property
    def key(self) -> str:
        return self.asked.question.key

    @property
    def threshold(self) -> float:
        return self.found.threshold or 0.0

    @property
    def least(self) -> float:
        """The similarity below which nothing is of use."""
        if not self.rules.verify:
            return self.threshold
        grey = self.threshold - _GREY if self.rules.verify_from is None else self.rules.verify_from
        return max(0.0, min(grey, self.threshold))


class Matcher:
    """Finds entries whose questions are worded differently. Whatever fails here leaves a lookup exact."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        rules: Rules,
        keyer: Keyer,
        embedder: Embedder | None,
        learning: Learning,
        spending: Spending,
        *,
        store_prompts: bool,
        clock: Callable[[], float],
        report: Callable[[str, str], None],
    ) -> None:
        """Where prompts are not kept, no text is embedded either: a vector tells much of its text."""
        self._store = store
        self._vectors = store if isinstance(store, VectorStore) else None
        self._entries = entries
        self._rules = rules
        self._keyer = keyer
        self._embedder = embedder if store_prompts else None
        self._lacks = _NO_EMBEDDER if store_prompts else _NO_PROMPTS
        self._learning = learning
        self._spending = spending
        self._clock = clock
        self._report = report
        self.unplaced: deque[tuple[str, str]] = deque(maxlen=_UNPLACED)
        """Entries, by key and namespace, that were stored while they could not be embedded."""

    @property
    def searches(self) -> str | None:
        """The name of the embedder by whose vectors is searched; None where there is none, or no store for them."""
        return None if self._vectors is None or self._embedder is None else self._embedder.name

    @property
    def is_possible(self) -> bool:
        """Whether any lookup here may go beyond the same question."""
        return self._embedder is not None

    def prepare(self) -> None:
        """Load the words of all languages, before somebody waits for them."""
        if self._embedder is not None:  # what this needs is installed where there is one
            from ...semantic.guards.comparing import prepare

            prepare()

    def applies(self, namespace: str, match: str | None = None) -> bool:
        """Whether a lookup, or what is stored without one, goes beyond the same question."""
        if self._embedder is None:
            return False
        return self._rules[namespace].semantic.match if match is None else match == "semantic"

    def require(self, namespace: str, wanted: Wanted, loc: Sequence[str | int] = ()) -> None:
        """Raises InvalidRequest where a lookup cannot be matched as it wants."""
        if wanted.match == "semantic" and self._embedder is None:
            raise InvalidRequest((*loc, "match"), self._lacks)
        if not self.applies(namespace, wanted.match):
            if wanted.threshold is not None:
                raise InvalidRequest((*loc, "threshold"), "a threshold goes with `match: semantic`")
            return
        least = self.threshold(namespace)
        if least is None and wanted.threshold is None:
            msg = "give one: none was measured for this embedder, and the configuration has none"
            raise InvalidRequest((*loc, "threshold"), msg)
        if least is not None and wanted.threshold is not None and wanted.threshold < least:
            raise InvalidRequest((*loc, "threshold"), f"may only be higher than that of the namespace, {least:g}")

    def threshold(self, namespace: str) -> float | None:
        """The similarity from which on questions are compared; None where nobody said and nobody measured."""
        own = self._rules[namespace].semantic.threshold
        return own if own is not None or self._embedder is None else self._embedder.threshold

    # -- look up -----

    def match(self, some: Sequence[Asked]) -> list[Found]:
        """What was found for each of them, in order. Raises InvalidRequest where `require` does."""
        found: list[Found] = []
        searches: list[_Search] = []
        for asked in some:
            search = self._search(asked)
            if isinstance(search, _Search):
                searches.append(search)
                found.append(search.found)
            else:
                found.append(search)
        if searches:
            self._embed(searches)
            self._look_around([search for search in searches if search.found.mark])
            self._decide([search for search in searches if search.neighbours])
        return found

    def _search(self, asked: Asked) -> _Search | Found:
        question, wanted = asked
        self.require(question.namespace, wanted)
        if self._embedder is None:
            return Found(why_not=f"only the very same question is looked for: {self._lacks.partition(';')[0]}")
        if not self.applies(question.namespace, wanted.match):
            return Found(why_not="this lookup matches exactly: `match` says whether it does")
        if self._vectors is None:
            return Found(why_not="this store cannot search vectors")
        place = place_of(question.parts, self._keyer)
        if isinstance(place, Unplaced):
            return Found(why_not=place.why)
        rules = self._rules[question.namespace].semantic
        least, own = self.threshold(question.namespace), wanted.threshold
        return _Search(asked, rules, place, max(value for value in (least, own) if value is not None))

    def _embed(self, searches: Sequence[_Search]) -> None:
        try:
            places = [(search.asked.question.namespace, search.place) for search in searches]
            marks = self._marks(places)
        except EmbedderUnavailable as error:
            for search in searches:
                search.found.why_not = f"the embedder is unavailable: {error}"
                search.found.reason = MissReason.EMBEDDER_UNAVAILABLE
            return
        for search, mark in zip(searches, marks, strict=True):
            search.found.mark = mark

    def _marks(self, places: Sequence[tuple[str, Place]]) -> list[Mark]:
        """Of places with their namespaces."""
        if (embedder := self._embedder) is None:
            return []
        embedded = self._spending.embed(embedder, [(namespace, place.text) for namespace, place in places])
        return [
            Mark(place.space(embedder.name, len(vector) // 4), vector)
            for (_, place), vector in zip(places, embedded.vectors, strict=True)
        ]

    def _look_around(self, searches: Sequence[_Search]) -> None:
        if not searches or self._vectors is None:
            return
        wanted = [(search.found.mark.space, search.found.mark.vector) for search in searches if search.found.mark]
        try:
            least = max(0.0, min(search.least for search in searches) - _BELOW)
            nearest = self._vectors.nearest(wanted, limit=_LIMIT, least=least)
        except (StoreUnavailable, VectorsUnsupported) as error:
            self._failed("semantic_search_failed", error)
            for search in searches:
                search.found.why_not = "the store could not search vectors"
            return
        for search, neighbours in zip(searches, nearest, strict=True):
            search.neighbours = [each for each in neighbours if each.similarity >= search.least]
            others = (each for each in neighbours[len(search.neighbours) :] if each.key != search.key)
            search.found.below = next(others, None)

    def _failed(self, event: str, error: Exception) -> None:
        self._report(event, type(error).__name__)
        if isinstance(error, VectorsUnsupported):  # nor will it later: what is embedded is paid for
            self._vectors = None

    def _decide(self, searches: Sequence[_Search]) -> None:
        keys = dict.fromkeys(each.key for search in searches for each in search.neighbours)
        loaded, now = self._entries.load_within(list(keys)), self._clock()  # embedding may have taken seconds
        if gone := [key for key, each in loaded.items() if each.entry is None]:
            self._forget(gone)
        said = self._learning.known([(search.key, [each.key for each in search.neighbours]) for search in searches])
        for search, of_pairs in zip(searches, said, strict=True):
            self._weigh(search, loaded, of_pairs, now)
        unserved = [each for each in searches if not (each.found.served or each.found.shadowed) and each.rules.verify]
        self._learning.consider_all([each for search in unserved for each in self._grey(search)])
        self._confirm([search for search in unserved if search.found.served])

    def _confirm(self, searches: Sequence[_Search]) -> None:
        """What a model was asked about for seconds is served only if it is still there, and still fresh."""
        keys = dict.fromkeys(search.found.served.key for search in searches if search.found.served)
        loaded, now = self._entries.load_within(list(keys)), self._clock()
        for search in searches:
            found = search.found
            if (served := found.served) is None:
                continue
            there = loaded.get(served.key, Loaded())
            freshness = there.entry and freshness_of(
                there.entry, now, there.versions, max_age=search.asked.wanted.max_age
            )
            if there.entry != served.entry or not (freshness and freshness.fresh):
                found.served = None

    def _forget(self, keys: Sequence[str]) -> None:
        try:
            if self._vectors is not None:
                self._vectors.delete_vectors(keys)
        except StoreUnavailable:
            return  # whoever finds them next tries again

    def _weigh(self, search: _Search, loaded: Mapping[str, Loaded], said: Mapping[str, Said], now: float) -> None:
        from ...semantic.guards.comparing import compare  # what it needs is installed where there is an embedder

        found, key = search.found, search.key
        for each in search.neighbours:
            there = loaded.get(each.key, Loaded())
            candidate = _candidate(each, there, now, search.asked.wanted.max_age)
            if candidate is None or candidate.key == key:
                continue
            candidate = msgspec.structs.replace(candidate, said=said.get(each.key))
            if candidate.freshness.fresh and (candidate.said is None or search.asked.wanted.explain):
                try:
                    verdicts = tuple(compare(search.place.text, candidate.question, search.rules.guards))
                except Exception as error:  # no text may fail a lookup
                    self._report("guards_failed", type(error).__name__)
                    continue
                candidate = msgspec.structs.replace(candidate, verdicts=verdicts)
            found.candidates.append(candidate)
            reason = refusal(candidate, search.threshold)
            if reason is None and not (found.served or found.shadowed):
                reason = self._serve(search, candidate)
            found.reason = found.reason or reason
            if (found.served or found.shadowed) and not search.asked.wanted.explain:
                return

    def _serve(self, search: _Search, candidate: Candidate) -> MissReason | None:
        rules, namespace = search.rules, search.asked.question.namespace
        if calls_tools(candidate.entry):  # it came between the answer that stood here and its vector
            return MissReason.NOT_FOUND
        if rules.shadow:
            search.found.shadowed = candidate
            return MissReason.SHADOW
        missing = candidate.said is None and self._learning.may_serve(rules, namespace, candidate.similarity)
        if missing:
            search.found.shadowed, search.found.why_not = candidate, missing
            return MissReason.NOT_PROVEN
        search.found.served = candidate
        return None

    @staticmethod
    def _grey(search: _Search) -> Iterator[tuple[SemanticRules, Grey, Callable[[], None]]]:
        """The closest candidate that a model may be asked about, and what to do when it finds the two the same."""
        for candidate in search.found.candidates:
            may_be = candidate.said is None and candidate.freshness.fresh and not candidate.refused_for_good
            if may_be and not calls_tools(candidate.entry):
                grey = Grey(
                    asked=search.asked.question,
                    key=candidate.key,
                    entry=candidate.entry,
                    similarity=candidate.similarity,
                    verdicts=candidate.verdicts,
                )
                yield search.rules, grey, partial(setattr, search.found, "served", candidate)
                return

    # -- store -----

    def marks_of(self, requests: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Mark | None]:
        """Where canonical requests that nobody looked up, each with its namespace, are to be found.

        None for those that are not compared.

        Raises EmbedderUnavailable.
        """
        places = [(namespace, place_of(parts, self._keyer)) for namespace, parts in requests]
        placed = [(namespace, place) for namespace, place in places if isinstance(place, Place)]
        marks = iter(self._marks(placed) if placed else [])
        return [next(marks, None) if isinstance(place, Place) else None for _, place in places]

    def place(self, vectors: Sequence[VectorRecord]) -> None:
        """Have entries found by their vectors. What goes wrong leaves them to the very same question."""
        if self._vectors is None or not vectors:
            return
        try:
            self._vectors.put_vectors(vectors)
        except (StoreUnavailable, VectorsUnsupported) as error:
            self._failed("vector_not_kept", error)


def _candidate(neighbour: Neighbour, loaded: Loaded, now: float, max_age: float | None) -> Candidate | None:
    entry = loaded.entry
    # An alias is for its very question: what is like it is compared with the original, so that a reject holds for both.
    if entry is None or entry.request is None or entry.alias_of:
        return None
    return Candidate(
        key=neighbour.key,
        similarity=round(neighbour.similarity, 4),
        question=last_user_text(msgspec.json.decode(entry.request)),
        entry=entry,
        freshness=freshness_of(entry, now, loaded.versions, max_age=max_age),
    )
