"""Missed questions as others see them: noted, written down, listed, explained, and what would pay."""

import threading
from collections.abc import Callable, Sequence
from functools import cache

import msgspec
from msgspec import Struct

from ...keying.keys import Keyer
from ...keying.normalize import Normalizers
from ...keying.request import last_user_text
from ...responses.answer import Answer
from ...stores.base import Bounds, Store
from ..entries import Entries, Scope
from ..entry import Entry
from ..errors import UnknownKey
from ..explaining import Explanations
from ..matching.candidates import Found
from ..matching.matcher import Matcher
from ..misses import Miss, Misses
from ..policy import MissReason
from ..recordings import Recordings
from ..rules import Rules
from .idle import Idle, idle
from .keeping import Keeping
from .noting import Noting
from .paying import Lives, NearMiss, Served, Unanswered, lives, near_misses, served_from, unanswered
from .proposing import Proposal, Proposing, Said, marked
from .record import Closest, Missed
from .why import Nearest, nearest

_LOOKED_AT = 3000
"""Questions from which is worked out what would pay, the latest: of a namespace, or of several together."""
_BYTES = 8 * 1024**2
TOGETHER = 50
"""Namespaces that are looked at together."""
_COMPARED = 200
_REMEMBERED = 60.0
"""Seconds for which what was worked out is taken for true, while nothing changes."""
_NAMESPACES = 50


class Explained(Struct, frozen=True):
    """A missed question, with what is nearest to it."""

    missed: Missed
    nearest: Nearest | None


class Opportunities(Struct, frozen=True, kw_only=True):
    """What would pay in a namespace. Times are seconds since the epoch."""

    namespace: str
    questions: int
    """That were looked at."""
    more: bool
    """Whether there are others, missed earlier."""
    since: float | None
    """When the first of them was missed first."""
    masks: list[Proposal]
    lives: list[Lives]
    unanswered: list[Unanswered]
    idle: Idle | None
    near: list[NearMiss]
    threshold: float | None
    """Of semantic matching, where it is on."""


class MissedQuestions:
    """Remembers what is missed, for weeks. What touches the store raises StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        misses: Misses,
        explanations: Explanations,
        matcher: Matcher,
        recordings: Recordings,
        rules: Rules,
        keyer: Keyer,
        normalizers: Normalizers,
        *,
        clock: Callable[[], float],
        report: Callable[[str, str], None],
    ) -> None:
        self._store = store
        self._entries = entries
        self._explanations = explanations
        self._matcher = matcher
        self._recordings = recordings
        self._rules = rules
        self._clock = clock
        self._keeping = Keeping(store, report)
        self._noting = Noting(store, self._keeping, misses, keyer, self._compared)
        self._proposing = Proposing(keyer, rules, normalizers)
        self._worked_out: dict[tuple[str, int], tuple[float, object, Opportunities]] = {}
        self._working = threading.Lock()

    # -- note: in memory alone -----

    def _is_noted(self, namespace: str) -> bool:
        return self._store.keeps and self._recordings.recording(namespace) is None

    def note_miss(self, miss: Miss, reason: str, found: Found | None = None) -> None:
        """That a question was missed."""
        if self._is_noted(miss.namespace):
            self._noting.miss(miss, reason, _closest(found))

    def note_stored(self, miss: Miss, entry: Entry, answer: Answer, *, by_rule: bool) -> None:
        """That its answer was stored; `by_rule` where the configuration said for how long."""
        if self._is_noted(miss.namespace):
            bounded = self._rules[miss.namespace].bounds != Bounds()
            self._noting.stored(miss, entry, answer, by_rule=by_rule, bounded=bounded)

    def note_refused(self, miss: Miss, reason: str) -> None:
        """That its answer was not stored."""
        if self._is_noted(miss.namespace):
            self._noting.refused(miss, reason)

    def note_not_offered(self, ticket: str, reason: str) -> None:
        """That the answer to a lookup is not offered to be stored."""
        if self._store.keeps:
            self._noting.not_offered(ticket, reason)

    # -- keep -----

    def flush(self) -> None:
        """Write down what was noted."""
        self._noting.flush()

    def forget(self, keys: Sequence[str]) -> None:
        """What was missed under these keys."""
        self._noting.forget(keys)
        self._keeping.forget(keys)

    def forget_one(self, key: str, scope: Scope) -> bool:
        """Whether a question in the scope was missed, which is forgotten."""
        missed = self._noting.noted(key) or self._keeping.read([key]).get(key)
        if missed is None or not scope(missed.namespace):
            return False
        self.forget([key])
        return True

    def clear(self, namespace: str) -> None:
        """What was missed in a namespace."""
        self._noting.forget(namespace=namespace)
        self._keeping.clear(namespace)

    # -- look at -----

    def namespaces(self, scope: Scope) -> list[str]:
        """Where something was missed."""
        return [name for name in self._keeping.namespaces() if scope(name)]

    def one(self, key: str, scope: Scope) -> Explained:
        """A missed question. Raises UnknownKey."""
        missed = self._keeping.read([key]).get(key)
        if missed is None or not scope(missed.namespace):
            raise UnknownKey(key)
        return self._explained([missed])[0]

    def page(
        self, namespace: str, *, since: float | None = None, limit: int = 50, cursor: str | None = None
    ) -> tuple[list[Explained], str | None]:
        """Those of a namespace, the latest first, and the next page's cursor. Raises ValueError about the cursor."""
        page, following = self._keeping.page(namespace, limit, cursor)
        some = [each for each in page if since is None or each.last >= since]
        return self._explained(some), following if len(some) == len(page) else None

    def latest(self, scope: Scope, most: int) -> list[Explained]:
        """So many of all namespaces together, the latest first; of more than TOGETHER, of the first."""
        found = [
            each for name in self.namespaces(scope)[:TOGETHER] for each in self._keeping.latest(name, most, _BYTES)
        ]
        return self._explained(sorted(found, key=lambda each: -each.last)[:most])

    def _explained(self, some: Sequence[Missed]) -> list[Explained]:
        newest = cache(self._explanations.newest)
        others = cache(lambda namespace: list(self._keeping.latest(namespace, _COMPARED, _BYTES)))
        return [Explained(each, nearest(each, newest(each.namespace), others(each.namespace))) for each in some]

    # -- what would pay -----

    def opportunities(self, namespace: str, *, together: int = 1) -> Opportunities:
        """What would pay in a namespace, as of a minute ago at most; of so many that are looked at together."""
        place = namespace, _LOOKED_AT // together
        with self._working:  # one at a time: others may want the same, and hits want the processor
            state = self._keeping.state(namespace), self._store.versions(namespace, ())[0]
            at, known_state, known = self._worked_out.get(place, (0.0, None, None))
            if known is None or known_state != state or not 0 <= self._clock() - at < _REMEMBERED:
                known = self._work_out(*place)
                if len(self._worked_out) >= _NAMESPACES:
                    self._worked_out.clear()
                self._worked_out[place] = self._clock(), state, known
            return known

    def _work_out(self, namespace: str, most: int) -> Opportunities:
        some = list(self._keeping.latest(namespace, most, _BYTES))
        matches = self._matcher.applies(namespace)
        return Opportunities(
            namespace=namespace,
            questions=len(some),
            more=self._keeping.state(namespace)[0] > len(some),
            since=min((each.first for each in some), default=None),
            masks=self._proposing.of(namespace, some),
            lives=lives(self._rules, namespace, some),
            unanswered=unanswered(self._rules, some),
            idle=idle(self._store, self._rules, namespace, self._clock()),
            near=near_misses(some) if matches else [],
            threshold=self._matcher.threshold(namespace) if matches else None,
        )

    def marked(self, missed: Missed) -> list[Said]:
        """What a question says, with what is another in its look-alikes marked."""
        return marked(missed, self._keeping.latest(missed.namespace, _LOOKED_AT, _BYTES))

    def masks_of(self, missed: Missed) -> list[Proposal]:
        """The masks that would make a question one with others."""
        return [each for each in self.opportunities(missed.namespace).masks if missed.key in each.keys]

    def served_from(self, found: Opportunities, threshold: float) -> Served:
        """What another threshold would change."""
        return served_from(self._rules, found.namespace, found.near, threshold)

    def _compared(self, missed: Missed, closest: Closest) -> Closest | None:
        """What the guards say of a question and the one closest to it; None where that is gone."""
        entry = self._entries.load([closest.key])[closest.key].entry
        if entry is None or entry.request is None or missed.request is None:
            return None
        from ...semantic.guards.comparing import compare  # what it needs is installed where there is an embedder

        asked, answered = (last_user_text(msgspec.json.decode(each)) for each in (missed.request, entry.request))
        verdicts = compare(asked, answered, self._rules[missed.namespace].semantic.guards)
        refused = next((each.guard for each in verdicts if not each.agrees), None)
        return msgspec.structs.replace(closest, refused=refused, compared=True)


def _closest(found: Found | None) -> Closest | None:
    """What semantic matching saw that is most similar."""
    if found is None or found.threshold is None:
        return None
    if candidate := next((each for each in found.candidates if each.freshness.fresh), None):
        rejected = candidate.said is not None and not candidate.said.same
        return Closest(
            key=candidate.key,
            similarity=candidate.similarity,
            threshold=found.threshold,
            refused=str(MissReason.REJECTED) if rejected else candidate.refused_by,
        )
    if below := found.below:
        return Closest(below.key, round(below.similarity, 4), found.threshold, compared=False)
    return None
