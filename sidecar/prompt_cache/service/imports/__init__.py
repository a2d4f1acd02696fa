"""What other programs have kept, brought in: a file per format, and what all of them share."""

from collections.abc import Mapping

from . import gptcache, pairs
from .source import Source

SOURCES: Mapping[str, Source] = {"gptcache": gptcache, "pairs": pairs}
"""By the name that `prompt-cache import --from` takes."""
