"""Asking the model that verifies, and counting what that costs."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

import msgspec

from ...keying.request import all_text, last_user_text, leading_system
from ...savings.statistics import Dimensions, Statistics
from ...semantic.verifier import PROMPT_VERSION, TEXT_MOST, Verified, Verifier, VerifierBusy, VerifierUnavailable
from ..spending import Spending

_PAUSE = 10.0
"""Seconds for which a model that failed is left alone."""


class Verification:
    """The model that verifies, where there is one. Raises VerifierUnavailable."""

    def __init__(
        self,
        verifier: Verifier | None,
        statistics: Statistics,
        spending: Spending,
        clock: Callable[[], float],
        report: Callable[[str, str], None],
    ) -> None:
        self._verifier = verifier
        self._statistics = statistics
        self._spending = spending
        self._clock = clock
        self._report = report
        self._rests_until = 0.0

    @property
    def exists(self) -> bool:
        return self._verifier is not None

    @property
    def timeout(self) -> float:
        """Seconds that one call may take."""
        return self._verifier.timeout if self._verifier else 0.0

    @property
    def rest(self) -> float:
        """Seconds for which it is left alone, because it failed."""
        return max(0.0, self._rests_until - self._clock())

    @property
    def name(self) -> str:
        """Who says it, for the record: the model, and the version of what it is asked."""
        return f"{self._verifier.model}/{PROMPT_VERSION}" if self._verifier else ""

    def questions(self, namespace: str, asked: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
        """Whether one answer serves two canonical requests of one partition."""
        system = all_text({"messages": asked["messages"][: leading_system(asked)]})
        texts = last_user_text(asked), last_user_text(stored)
        return self._counted(namespace, lambda verifier: verifier.questions(*texts, system))

    def answers(self, namespace: str, question: str, fresh: str, stored: str) -> bool:
        """Whether two answers serve a question alike."""
        return self._counted(namespace, lambda verifier: verifier.answers(question, fresh, stored))

    def _counted(self, namespace: str, ask: Callable[[Verifier], Verified]) -> bool:
        if self._verifier is None or self.rest:
            raise VerifierUnavailable("it is left alone for a while, because it failed")
        dimensions = Dimensions(namespace, self._verifier.model, "", "")
        began = monotonic()
        try:
            verified = ask(self._verifier)
        except VerifierBusy:
            raise
        except VerifierUnavailable as error:
            self._rests_until = self._clock() + _PAUSE
            self._statistics.count(dimensions, verifier_failed=1)
            self._report("verifier_unavailable", str(error))
            raise
        self._spending.verified(namespace, self._verifier.model, verified, monotonic() - began)
        return verified.same


def parts_of(request: bytes) -> dict[str, Any]:
    """A canonical request that was kept."""
    parts: dict[str, Any] = msgspec.json.decode(request)
    return parts


def readable(*texts: str) -> bool:
    """Whether the model may be asked about these texts."""
    return all(0 < len(text) <= TEXT_MOST for text in texts)
