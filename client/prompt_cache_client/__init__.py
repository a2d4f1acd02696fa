"""Cache the answers of LLM calls, with a cache server or in this process."""

from importlib.metadata import PackageNotFoundError, version

from .async_client import AsyncPromptCache
from .client import PromptCache
from .errors import BadRequest, BudgetExhausted, CacheUnavailable, NotRecorded, PromptCacheError
from .values import Matched, Outcome, Saved, Stored

try:
    __version__ = version("prompt-cache-client")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = [
    "AsyncPromptCache",
    "BadRequest",
    "BudgetExhausted",
    "CacheUnavailable",
    "Matched",
    "NotRecorded",
    "Outcome",
    "PromptCache",
    "PromptCacheError",
    "Saved",
    "Stored",
]
