"""What a text consists of."""

from msgspec import Struct

from .languages.base import OPERATORS

KINDS = ("word", "name", "identifier", "quote", "address", "number", "date", "question", *OPERATORS)
CONTENT = frozenset(("word", "name", "identifier", "quote", "address", "number", "date"))
"""Kinds that say what a text is about."""
TO_ME = "me"
"""The key of me and us; that of I and my is `i`."""
PAST = "+past"
"""At the end of the key of a word in a form that says it is done: `cancelled` is not `cancel`."""

AGENT = "<agent>"
"""The key of whoever does what a passive says, where it names nobody."""
OTHER = "<other>"
"""The same of what was done, or will be: by somebody else than who asks."""


class Token(Struct, frozen=True, gc=False):
    """A word, or what is read as one."""

    kind: str
    """One of KINDS; while a text is being read also `comma` and `break`."""
    key: str
    """Equal where two tokens mean the same."""
    shown: str
    """As it stands in the text."""
    first: bool = False
    """An article or another small word that was dropped stood before it: here the name of a thing begins."""
    plain: str = ""
    """Of a word, how it was written, in lower case."""

    @property
    def base(self) -> str:
        """The key, whether it is done or not."""
        return self.key.removesuffix(PAST)
