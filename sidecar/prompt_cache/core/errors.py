"""What can be wrong with what a caller asks for."""

from collections.abc import Sequence


class InvalidRequest(ValueError):
    """A request that cannot be meant; `loc` is the path of the field."""

    def __init__(self, loc: Sequence[str | int], msg: str) -> None:
        super().__init__(msg)
        self.loc = tuple(loc)
        self.msg = msg


class UnknownKey(LookupError):
    """Nobody looked this key up within the hour, or it is out of the caller's scope."""


class NotRecorded(LookupError):
    """A namespace that replays was asked what its cassette does not hold; `loc` is the place of the request in a batch.

    The message names the recorded request that comes nearest, and where the two differ.
    """

    def __init__(self, msg: str, loc: Sequence[str | int] = ()) -> None:
        super().__init__(msg)
        self.msg = msg
        self.loc = tuple(loc)
