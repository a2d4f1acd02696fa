"""What was saved and spent, for people: as a text, and as a page that can be mailed."""

from .figures import Figures, Table, gathered
from .page import page_of
from .text import text_of

__all__ = ["Figures", "Table", "gathered", "page_of", "text_of"]
