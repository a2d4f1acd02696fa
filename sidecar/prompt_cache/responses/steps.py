"""How much may be spent on looking whether answers fit."""


class Steps:
    """Steps left for all answers that are stored together; when there are none, the rest is not looked at."""

    def __init__(self, left: int = 200_000) -> None:
        self.left = left
