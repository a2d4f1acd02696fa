"""The cache's own API: /v1, and what those who run it ask for."""

from ...config import Config
from ...core.cache import PromptCache
from .. import ops
from ..api import Api, Headers
from ..auth import Caller, Tokens
from . import budgets, choices, entries, forecast, invalidate, lookup, misses, prices, stats, store
from .openapi import add_document
from .problems import problem_response


def native_api(cache: PromptCache, config: Config) -> Api:
    """Bearer tokens in, problem+json out; whatever no other API owns is this one's."""
    tokens = Tokens(config)

    def authenticate(headers: Headers) -> Caller:
        return tokens.caller(headers.get("Authorization"))

    api = Api("native", prefix="/", authenticate=authenticate, render=problem_response)
    for part in (lookup, store, invalidate, entries, choices, prices, stats, forecast, misses, budgets, ops):
        part.routes(api, cache)
    add_document(api, config)
    return api
