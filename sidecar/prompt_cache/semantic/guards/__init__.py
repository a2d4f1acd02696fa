"""What two questions must agree in, whatever their similarity: a file per guard."""

from .comparing import GUARDS, Verdict, compare

__all__ = ["GUARDS", "Verdict", "compare"]
