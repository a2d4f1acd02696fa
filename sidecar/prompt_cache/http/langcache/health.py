"""Is it up, and is a cache there, where LangCache is asked for it."""

from ... import __version__
from ...core.cache import PromptCache
from ..api import Api
from ..auth import Caller
from ..ops import Health
from .caches import namespace_of


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("GET", "/health", role=None, returns=Health)
    def health() -> Health:
        """Is the process up?"""
        return Health("ok", __version__)

    @api.route("GET", "/health/liveness", role=None, returns=Health)
    def liveness() -> Health:
        """Is the process up?"""
        return Health("ok", __version__)

    @api.route("GET", "/health/readiness", role=None, returns=Health, fails=(503,))
    def readiness() -> Health:
        """Can the store be reached?"""
        cache.ping()
        return Health("ready", __version__)

    @api.route("GET", "/v1/caches/{cache_id}/health", role="reader", returns=Health, fails=(424,))
    def cache_health(caller: Caller, cache_id: str) -> Health:
        """Can this cache be reached?"""
        namespace_of(caller, cache_id)
        cache.ping()
        return Health("ready", __version__)
