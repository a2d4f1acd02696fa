"""Whether all is well, and what to mend: a check is one function, and one line in `checks.py`."""

from .checks import CHECKS, examine
from .finding import Finding, Situation

__all__ = ["CHECKS", "Finding", "Situation", "examine"]
