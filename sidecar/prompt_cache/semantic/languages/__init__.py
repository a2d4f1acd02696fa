"""The words and phrases of a language: a file per language."""

from .base import Language
from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .spanish import SPANISH

LANGUAGES: tuple[Language, ...] = (ENGLISH, FRENCH, GERMAN, SPANISH)
"""Those that are understood; texts in any other are refused."""
