"""The dashboard without a server: Flask's own client, and what a browser would send with a form."""

import re
from typing import Any

from flask.testing import FlaskClient

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import create_app
from prompt_cache.stores.memory import MemoryStore

FROM_HERE = {"Origin": "http://localhost"}
"""What a browser says of a form that a page of this server sends."""


def client_of(cache: PromptCache | None = None, **settings: Any) -> FlaskClient:
    return create_app(cache or PromptCache(MemoryStore()), Config(request_log=False, **settings)).test_client()


def signed_in(client: FlaskClient, token: str) -> FlaskClient:
    response = client.post("/login", data={"token": token}, headers=FROM_HERE)
    assert response.status_code == 303, response.text
    return client


def text_of(html: str) -> str:
    """What is read of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
