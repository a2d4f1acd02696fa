"""Whether a candidate is served, as a pure function."""

from ..policy import MissReason, guard_reason
from .candidates import Candidate


def refusal(candidate: Candidate, threshold: float) -> MissReason | None:
    """Why a candidate is not served; None where one answer serves both questions.

    What people and the verifier said of the two goes before similarity and guards.
    """
    if not candidate.freshness.fresh:
        return candidate.freshness.reason or MissReason.NOT_FOUND
    if candidate.said and not candidate.said.same:
        return MissReason.REJECTED
    if candidate.said:
        return None
    if candidate.similarity < threshold:
        return MissReason.NOT_FOUND
    if guard := candidate.refused_by:
        return guard_reason(guard)
    return None
