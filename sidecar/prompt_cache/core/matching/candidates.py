"""What was found close to a question, on its way to being served or refused."""

import msgspec
from msgspec import Struct

from ...responses.answer import read_answer
from ...semantic.guards.names import FINAL, Verdict
from ...semantic.partition import Place
from ...stores.base import Neighbour, VectorRecord
from ..entry import Entry
from ..learning.pairs import Said
from ..policy import Freshness, MissReason


class Mark(Struct, frozen=True):
    """Where a question's vector is kept, once it has an answer."""

    space: str
    vector: bytes

    def record(self, key: str, namespace: str) -> VectorRecord:
        """The same for a store."""
        return VectorRecord(key=key, namespace=namespace, space=self.space, vector=self.vector)


class Candidate(Struct, frozen=True, kw_only=True):
    """An entry whose question is close to the one that is asked."""

    key: str
    similarity: float
    question: str
    """The last user text that it answers."""
    entry: Entry
    freshness: Freshness
    said: Said | None = None
    """What was learned of the two."""
    verdicts: tuple[Verdict, ...] = ()
    """Of the guards, where they were asked."""

    @property
    def refused_by(self) -> str | None:
        """The first guard that refuses it."""
        return next((verdict.guard for verdict in self.verdicts if not verdict.agrees), None)

    @property
    def refused_for_good(self) -> bool:
        """Whether no model that verifies may overrule what refuses it."""
        return any(not verdict.agrees and verdict.guard in FINAL for verdict in self.verdicts)


def calls_tools(entry: Entry) -> bool:
    """Whether its answer is to call tools, which fits nothing but the very question it was given to."""
    return read_answer(msgspec.json.decode(entry.response)).has_tool_calls


class Found(Struct, kw_only=True):
    """What came of looking for a question beyond the same one."""

    place: Place | None = None
    mark: Mark | None = None
    why_not: str | None = None
    """Why nothing was compared, or what is missing to serve what was found, as a sentence."""
    threshold: float | None = None
    reason: MissReason | None = None
    """Why nothing of it is served."""
    candidates: list[Candidate] = []
    """The closest first; those that were looked at."""
    served: Candidate | None = None
    shadowed: Candidate | None = None
    """What would be served, if it did not have to be compared with the fresh answer."""
    below: Neighbour | None = None
    """The closest of those that are not similar enough to be looked at."""
