"""What a call will cost, before it is made."""

_MODELS = 1000
_UNKNOWN = 1000
"""Tokens of an answer that nobody has set a bound to, of a model that nobody has asked yet."""
_WEIGHT = 0.1
"""Of the newest answer in the average of its model."""


class Averages:
    """How long the answers of a model have been so far, in tokens. Of one process; safe to share between threads."""

    def __init__(self) -> None:
        self._averages: dict[str, float] = {}

    def note(self, model: str, tokens: int) -> None:
        before = self._averages.get(model)
        if before is None and len(self._averages) >= _MODELS:
            self._averages.clear()  # a flood of names; what matters is known again in a moment
        self._averages[model] = tokens if before is None else before + _WEIGHT * (tokens - before)

    def expected(self, model: str, most: int | None) -> int:
        """Tokens of the next answer: what the call allows, since that may come; else what came so far."""
        if most is not None:
            return most
        return round(self._averages.get(model, _UNKNOWN))
