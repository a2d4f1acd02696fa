"""Why a lookup was a miss: which questions are close, what the guards say of them, and which fields differ."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from ..keying.keys import Keyer
from ..semantic.guards.names import Verdict
from .entries import Entries
from .filters import EntryFilter
from .matching.candidates import Found
from .questions import Question

_LATEST = 100
"""Entries of a namespace, the newest, whose fields are compared."""
_SHOWN = 3

Newest = list[tuple[str, Mapping[str, str]]]
"""Entries, the newest first: the key of each, and the digests of its fields."""


class NearQuestion(Struct, frozen=True, kw_only=True):
    """An entry whose question is close to the one that was asked."""

    key: str
    question: str
    similarity: float
    served: bool
    known: Literal["same", "different"] | None
    """What was said of the two, by people or by the verifier."""
    verdicts: list[Verdict]


class Differing(Struct, frozen=True):
    """An entry, and the fields of its request that are not as asked: `system`, `params.temperature`, `question`."""

    key: str
    fields: list[str]


class Explanation(Struct, frozen=True, kw_only=True):
    """What a lookup had to choose from."""

    searched: bool
    """Whether anything but the very same question was looked for."""
    why_not: str | UnsetType = UNSET
    threshold: float | UnsetType = UNSET
    nearest: list[NearQuestion] = []
    """By similarity, the closest first."""
    differs: list[Differing] = []
    """Of the newest entries of the namespace, those with the fewest differing fields."""


class Explanations:
    """Explains lookups. Reads the newest entries of a namespace, so it is for people who ask why."""

    def __init__(self, entries: Entries, keyer: Keyer) -> None:
        self._entries = entries
        self._keyer = keyer

    def newest(self, namespace: str) -> Newest:
        """What is compared with questions of a namespace. Raises StoreUnavailable."""
        listed, _ = self._entries.page(EntryFilter(namespace=namespace), None, _LATEST, None)
        return [(key, entry.digests) for key, entry in listed]

    def of(self, question: Question, found: Found | None, newest: Callable[[str], Newest], *, hit: bool) -> Explanation:
        """What there was to choose from; `newest` is asked for a namespace where nothing was served."""
        found = found or Found(
            why_not="the very same question was answered before" if hit else "it is answered from a cassette"
        )
        served = found.served and found.served.key
        return Explanation(
            searched=found.mark is not None,
            why_not=found.why_not or UNSET,
            threshold=UNSET if found.threshold is None else found.threshold,
            nearest=[
                NearQuestion(
                    key=each.key,
                    question=each.question,
                    similarity=each.similarity,
                    served=each.key == served,
                    known=None if each.said is None else "same" if each.said.same else "different",
                    verdicts=list(each.verdicts),
                )
                for each in found.candidates
            ],
            differs=[] if hit else self._differing(question, newest(question.namespace)),
        )

    def _differing(self, question: Question, newest: Newest) -> list[Differing]:
        asked = self._keyer.digests(question.parts)
        differing = [
            Differing(key, fields_that_differ(asked, digests)) for key, digests in newest if key != question.key
        ]
        return sorted(differing, key=lambda each: len(each.fields))[:_SHOWN]


def fields_that_differ(asked: Mapping[str, str], stored: Mapping[str, str]) -> list[str]:
    """The names of fields whose digests are not the same."""
    names: Sequence[str] = sorted({*asked, *stored})
    return [name for name in names if asked.get(name) != stored.get(name)]
