"""The front of what is learned; a lookup, a store and the routes speak to this class alone."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from ...keying.keys import Keyer
from ...savings.prices import PriceOverride
from ...savings.statistics import Statistics
from ...semantic.embedders.base import Embedder
from ...semantic.guards.names import Verdict
from ...semantic.verifier import Verifier
from ...stores.base import Store
from ..entries import Entries
from ..entry import Entry
from ..questions import Question
from ..rules import Rules, SemanticRules
from .pairs import Said
from .shadow import Shadowed


class Grey(Struct, frozen=True):
    """Two questions of one partition that are close, and whose one answer is not served to both yet."""

    asked: Question
    key: str
    """Of the stored entry."""
    entry: Entry
    similarity: float
    verdicts: Sequence[Verdict]
    """Of all guards that are on in the namespace."""


class Learning:
    """Keeps and asks what is known of pairs. Safe to share between threads; raises StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        keyer: Keyer,
        statistics: Statistics,
        rules: Rules,
        *,
        store_prompts: bool,
        embedder: Embedder | None,
        verifier: Verifier | None,
        prices: Mapping[str, PriceOverride],
        clock: Callable[[], float],
        token: Callable[[], str],
        report: Callable[[str, str], None],
    ) -> None:
        pass

    # -- a lookup asks -----

    def known(self, asked: str, stored: Sequence[str]) -> dict[str, Said]:
        """What was said of the pairs of a question's key with each of these entries' keys, by the latter, in one trip.

        Pairs of which nothing was said are not in it. `same` goes before any guard, and so does the contrary.
        """
        return {}

    def may_serve(self, rules: SemanticRules, namespace: str, similarity: float) -> str | None:
        """None where the rules' `max_error` is met among pairs that are so similar, or not asked for.

        Otherwise a sentence that says how much evidence is missing: the miss is `not_proven`, and is to be shadowed.
        """
        return None

    def consider(self, rules: SemanticRules, grey: Grey) -> bool:
        """Have the model that verifies asked about a pair of which nothing was said, as the rules' `verify` says.

        True when it was asked now, and one answer serves both: the question has become an alias, and the entry may be
        served. What it is never asked about (guards of FINAL disagree, texts are not kept) is passed over. The caller
        has seen to `verify_from`.
        """
        return False

    # -- a store asks -----

    def compared(self, shadowed: Shadowed, key: str, fresh: Entry) -> None:
        """Compare the answer that was just stored under a key with the one that would have been served."""

    # -- people say -----

    def reject(self, key: str, entry: Entry, asked: Question | None = None) -> int:
        """The entry does not answer the question, or its own: never again. Returns how many entries are gone.

        Raises InvalidRequest about a question that could never be served from it.
        """
        return 0

    def accept(self, key: str, entry: Entry, asked: Question) -> None:
        """The entry answers the question as well: from now on it is an alias. Raises InvalidRequest."""

    # -- beside the requests -----

    def work(self) -> float:
        """Do one thing that waits for the model that verifies, or for answers to be compared.

        Returns the seconds after which there may be more to do. Called by a thread of its own.
        """
        return 1.0
