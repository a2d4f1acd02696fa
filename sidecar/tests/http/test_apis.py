"""Several APIs in one application: each knows its own callers and tells failures in its own shape."""

from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec
import pytest
from flask import Response
from flask.testing import FlaskClient
from msgspec import Struct

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.api import Api, Headers
from prompt_cache.http.app import assemble
from prompt_cache.http.auth import Caller
from prompt_cache.http.failures import Failure, HttpError
from prompt_cache.http.native import native_api
from prompt_cache.stores.base import StoreUnavailable
from prompt_cache.stores.memory import MemoryStore

PROBLEM = "application/problem+json"


class Wanted(Struct, forbid_unknown_fields=True):
    number: int


def other_api() -> Api:
    """One that wants a key of its own, and tells failures as `{"error": code}`."""

    def authenticate(headers: Headers) -> Caller:
        if headers.get("X-Key") != "other-key":
            raise HttpError(401, "no-key", "send X-Key")
        return Caller("other", "reader", ("*",))

    def render(failure: Failure, _: Headers) -> Response:
        body = msgspec.json.encode({"error": failure.code})
        return Response(body, failure.status, dict(failure.headers), content_type="application/json")

    api = Api("other", prefix="/other/", authenticate=authenticate, render=render)

    @api.route("POST", "/other/double", role="reader", body=Wanted, returns=Wanted)
    def double(caller: Caller, body: Wanted) -> Wanted:  # noqa: ARG001
        """Twice the number."""
        return Wanted(body.number * 2)

    @api.route("GET", "/other/broken", role="reader", returns=None)
    def broken(caller: Caller) -> NoReturn:  # noqa: ARG001
        """Never works."""
        raise RuntimeError("a secret")

    @api.route("GET", "/other/away", role="writer", returns=None)
    def away(caller: Caller) -> NoReturn:  # noqa: ARG001
        """Needs more than its callers may."""
        raise StoreUnavailable("gone")

    return api


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    config = Config(token="native-token")
    app = assemble([native_api(PromptCache(MemoryStore()), config), other_api()], body_limit=100)
    with app.test_client() as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("POST", "/other/double", {"json": {"number": "x"}}, 400, "invalid-request"),
        ("POST", "/other/double", {"data": "number=1"}, 415, "unsupported-media-type"),
        ("POST", "/other/double", {"json": {"number": 1, "x": "y" * 100}}, 413, "too-large"),
        ("GET", "/other/away", {}, 403, "forbidden"),
        ("GET", "/other/broken", {}, 500, "internal-error"),
        ("GET", "/other/nowhere", {}, 404, "not-found"),
        ("PUT", "/other/double", {}, 405, "method-not-allowed"),
    ],
)
def test_apis__tell_failures_in_their_own_shape(
    client: FlaskClient, method: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    response = client.open(path, method=method, headers={"X-Key": "other-key"}, **sent)
    assert (response.status_code, response.get_json()) == (status, {"error": code})
    assert response.content_type == "application/json"
    native = client.open(path.replace("/other", "/v1"), method=method, headers={"Authorization": "Bearer native-token"})
    assert (native.status_code, native.content_type) == (404, PROBLEM)


def test_apis__know_their_own_callers(client: FlaskClient) -> None:
    assert client.post("/other/double", json={"number": 2}, headers={"X-Key": "other-key"}).get_json() == {"number": 4}
    refused = client.post("/other/double", json={"number": 2}, headers={"Authorization": "Bearer native-token"})
    assert (refused.status_code, refused.get_json()) == (401, {"error": "no-key"})
    refused = client.post("/v1/lookup", json={"prompt": "x"}, headers={"X-Key": "other-key"})
    assert (refused.status_code, refused.content_type) == (401, PROBLEM)
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_apis__what_is_nobodys_is_told_by_the_first(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert (response.status_code, response.content_type) == (404, PROBLEM)
    assert "/nowhere" in response.get_json(force=True)["detail"]
