"""The words and phrases of a language: a file per language."""

from .base import Language
from .english import ENGLISH
from .german import GERMAN

LANGUAGES: tuple[Language, ...] = (ENGLISH, GERMAN)
"""Those that are understood; texts in any other are refused."""
