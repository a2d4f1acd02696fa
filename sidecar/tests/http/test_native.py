"""Of the native API, what a setting changes."""

from typing import Any

from flask.testing import FlaskClient

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import create_app
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import Asker


def client(cache: PromptCache, **settings: Any) -> FlaskClient:
    """A caller of a cache over HTTP."""
    return create_app(cache, Config(request_log=False, **settings)).test_client()


# -- entries -----


def test_entries__a_search_says_that_prompts_are_not_kept() -> None:
    asker = Asker(MemoryStore, store_prompts=False)
    asker.fill("a needle")
    caller = client(asker.cache)
    refused = caller.get("/v1/entries?q=needle")
    assert (refused.status_code, refused.get_json()["errors"][0]["loc"]) == (400, ["q"])
    assert "store_prompts" in refused.get_json()["errors"][0]["msg"]
    (item,) = caller.get("/v1/entries").get_json()["items"]
    assert item["request"] is None
