"""The words and phrases of a language: a file per language."""

from .base import Language
from .english import ENGLISH

LANGUAGES: tuple[Language, ...] = (ENGLISH,)
"""Those that are understood; texts in any other are refused."""
