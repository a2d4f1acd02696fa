"""For those who run it: is it up, is the store there, what are the numbers."""

from flask import Response, request
from msgspec import Struct
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from .. import __version__
from ..core.cache import PromptCache
from .api import Api
from .auth import Caller
from .metrics import Numbers


class Health(Struct):
    """The process is up."""

    status: str
    version: str


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("GET", "/healthz", role=None, returns=Health)
    def healthz() -> Health:
        """Is the process up? Asks nothing of the store."""
        return Health("ok", __version__)

    @api.route("GET", "/readyz", role=None, returns=Health, fails=(503,))
    def readyz() -> Health:
        """Can the store be reached?"""
        cache.ping()
        return Health("ready", __version__)

    @api.route("GET", "/metrics", role="reader", returns=None)
    def metrics(caller: Caller) -> Response:
        """All counters, for Prometheus, as text or OpenMetrics; any worker tells the whole."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Numbers(cache, caller))
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(registry), content_type=content_type)
