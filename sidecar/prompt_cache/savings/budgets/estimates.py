"""What is known of the next call by those before it."""

_MODELS = 1000
_WEIGHT = 0.1
"""Of the newest answer in the average of its model."""


class Averages:
    """A number per model, of one process. Safe to share between threads."""

    def __init__(self, unknown: float) -> None:
        """`unknown` is that of a model which nobody has asked yet."""
        self._unknown = unknown
        self._averages: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._averages)

    def note(self, model: str, number: float) -> None:
        before = self._averages.get(model)
        if before is None and len(self._averages) >= _MODELS:
            self._averages.clear()  # a flood of names; what matters is known again in a moment
        self._averages[model] = number if before is None else before + _WEIGHT * (number - before)

    def __getitem__(self, model: str) -> float:
        return self._averages.get(model, self._unknown)
