"""The API of Redis LangCache, for its clients: a cache of theirs is a namespace of ours."""

from ...config import Config
from ...core.cache import PromptCache
from ..api import Api, Headers
from ..auth import Caller, Tokens
from . import entries, health, search
from .errors import error_response


def langcache_api(cache: PromptCache, config: Config) -> Api:
    """Bearer tokens in, LangCache's errors out, by the version of the SDK that asks."""
    tokens = Tokens(config)

    def authenticate(headers: Headers) -> Caller:
        return tokens.caller(headers.get("Authorization"))

    api = Api(
        "langcache",
        prefix="/v1/caches/",
        authenticate=authenticate,
        render=error_response,
        labelled=False,  # the calls by curl in LangCache's documentation do not say that they are JSON
    )
    for part in (search, entries, health):
        part.routes(api, cache)
    return api
