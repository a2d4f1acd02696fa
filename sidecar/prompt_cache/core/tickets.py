"""The ticket of a lookup that missed: a store gives it back, and is known for the answer to that very lookup."""

import re
from typing import NamedTuple

TICKET_PATTERN = r"^([A-Za-z0-9._-]{1,64}):([0-9]{1,18}):([A-Za-z0-9_-]{1,40})$(?!\n)"
_TICKET = re.compile(TICKET_PATTERN)


class Ticket(NamedTuple):
    """Opaque to callers. It says by itself at which generation was asked, should the lookup be forgotten meanwhile."""

    namespace: str
    generation: int
    """The namespace's generation when it was asked."""
    nonce: str

    def __str__(self) -> str:
        return f"{self.namespace}:{self.generation}:{self.nonce}"

    @classmethod
    def parse(cls, text: str) -> "Ticket":
        """Raises ValueError."""
        if not (parts := _TICKET.fullmatch(text)):
            raise ValueError("this is no ticket of a lookup: give it back as the lookup returned it")
        return cls(parts[1], int(parts[2]), parts[3])
