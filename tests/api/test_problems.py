"""Every refusal, in the one shape."""

import gzip
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import create_app
from prompt_cache.stores.memory import MemoryStore
from stack import Sidecar

from .client import GETS, JSON, POSTS, Api, problem

# -- 401 and 403 -----


@pytest.mark.parametrize("authorization", [None, "Bearer nope", "Basic YTpi", "Bearer", "admin-token"])
def test_401__on_every_route_that_needs_a_token(stranger: Api, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for path in POSTS:
        response = stranger.post(path, {}, headers=headers)
        problem(response, 401, "unauthorized")
        assert response.headers["WWW-Authenticate"] == "Bearer"
    for path in ("/v1/entries", "/v1/entries/x", "/v1/stats", "/metrics"):
        problem(stranger.send("GET", path, headers=headers), 401, "unauthorized")
    problem(stranger.send("DELETE", "/v1/entries/x", headers=headers), 401, "unauthorized")


def test_401__comes_before_any_look_at_the_body(stranger: Api) -> None:
    problem(stranger.send("POST", "/v1/lookup", data=b"nonsense", headers=JSON), 401, "unauthorized")


def test_403__by_role(reader: Api, writer: Api) -> None:
    for path in ("/v1/store", "/v1/store/batch", "/v1/invalidate", "/v1/bump", "/v1/release", "/v1/flush"):
        body = problem(reader.post(path), 403, "forbidden")
        assert "this token has the role reader; this needs" in body["detail"]
    problem(reader.send("DELETE", "/v1/entries/x"), 403, "forbidden")
    problem(reader.post("/v1/entries/x/reject", {}), 403, "forbidden")
    problem(writer.post("/v1/flush", {"all": True}), 403, "forbidden")


def test_403__a_lease_needs_a_writer(reader: Api, writer: Api) -> None:
    asked = {"prompt": f"leased {uuid4()}", "lease": True}
    problem(reader.post("/v1/lookup", asked), 403, "forbidden")
    problem(reader.post("/v1/lookup/batch", {"items": [asked]}), 403, "forbidden")
    assert reader.post("/v1/lookup", {**asked, "lease": False}).json()["status"] == "miss"
    assert "lease" in writer.post("/v1/lookup", asked).json()


def test_403__by_namespace(ours: Api) -> None:
    theirs = {"prompt": "x", "namespace": "theirs"}
    for path, body in (
        ("/v1/lookup", theirs),
        ("/v1/lookup", {"prompt": "x"}),
        ("/v1/lookup/batch", {"items": [{"prompt": "x", "namespace": "ours"}, theirs]}),
        ("/v1/store", {**theirs, "response": "x"}),
        ("/v1/store/batch", {"items": [{**theirs, "response": "x"}]}),
        ("/v1/invalidate", {"tags": ["a"], "namespace": "theirs"}),
        ("/v1/invalidate", {"tags": ["a"]}),
        ("/v1/flush", {"namespace": "theirs"}),
        ("/v1/bump", {"names": ["a"], "namespace": "theirs"}),
    ):
        assert "may not touch the namespace" in problem(ours.post(path, body), 403, "forbidden")["detail"]
    for path in ("/v1/entries?namespace=theirs", "/v1/entries", "/v1/stats?namespace=theirs"):
        problem(ours.get(path), 403, "forbidden")
    assert ours.ok("/v1/lookup", {"prompt": "x", "namespace": "ours-2"})["status"] == "miss"


def test_namespaces__what_is_out_of_reach_does_not_even_exist(api: Api, ours: Api) -> None:
    key, _ = api.fill()
    missed = api.ok("/v1/lookup", {"prompt": f"new {uuid4()}"})["key"]
    problem(ours.get(f"/v1/entries/{key}"), 404, "unknown-key")
    problem(ours.send("DELETE", f"/v1/entries/{key}"), 404, "unknown-key")
    problem(ours.post(f"/v1/entries/{key}/reject", {}), 404, "unknown-key")
    problem(ours.post("/v1/store", {"key": missed, "response": "x"}), 404, "unknown-key")
    assert ours.ok("/v1/invalidate", {"key": key}) == {"deleted": 0, "dry_run": False}
    theirs = {"prompt": f"leased {uuid4()}", "lease": "60s"}
    leased = api.ok("/v1/lookup", theirs)
    assert ours.ok("/v1/release", {"key": leased["key"], "lease": leased["lease"]}) == {"released": False}
    assert api.ok("/v1/lookup", theirs)["status"] == "pending"
    groups = ours.get("/v1/stats", group_by="namespace").json()["groups"]
    assert all(group["group"].startswith("ours") for group in groups)
    assert 'namespace="default"' not in ours.get("/metrics").text


# -- 404, 405, 413, 415 -----


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/nowhere", "/v1", "/v2/lookup", "/v1/entries/a/b", "/favicon.ico", "/v1//lookup"])
def test_404__no_such_route(api: Api, method: str, path: str) -> None:
    problem(api.send(method, path), 404, "not-found")


def test_404__an_unknown_key(api: Api) -> None:
    detail = problem(api.post("/v1/store", {"key": "f" * 64, "response": "x"}), 404, "unknown-key")["detail"]
    assert "look the request up first" in detail
    problem(api.get(f"/v1/entries/{'f' * 64}"), 404, "unknown-key")
    problem(api.send("DELETE", f"/v1/entries/{'f' * 64}"), 404, "unknown-key")
    problem(api.post(f"/v1/entries/{'f' * 64}/reject", {}), 404, "unknown-key")
    missed = api.ok("/v1/lookup", {"prompt": f"new {uuid4()}"})["key"]
    problem(api.get(f"/v1/entries/{missed}"), 404, "unknown-key")
    problem(api.get(f"/v1/entries/miss:{missed}"), 404, "unknown-key")


@pytest.mark.parametrize(
    ("path", "methods", "allowed"),
    [
        *((path, ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"), {"POST"}) for path in POSTS),
        *(
            (path, ("POST", "PUT", "PATCH", "OPTIONS"), {"GET", "HEAD", "DELETE"} if "/x" in path else {"GET", "HEAD"})
            for path in GETS
        ),
    ],
)
def test_405__names_what_is_allowed(api: Api, path: str, methods: tuple[str, ...], allowed: set[str]) -> None:
    for method in methods:
        response = api.send(method, path)
        problem(response, 405, "method-not-allowed")
        assert set(response.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", POSTS)
def test_413__too_large_a_body(api: Api, path: str) -> None:
    body = b'{"prompt":"%s"}' % (b"x" * 102_400)
    assert "body_limit" in problem(api.send("POST", path, data=body, headers=JSON), 413, "too-large")["detail"]


def test_413__in_chunks_too(api: Api) -> None:
    for path in ("/v1/lookup", "/v1/store"):
        valid_until_the_limit = (part for part in (b'{"prompt":"x"}' + b" " * 102_386, *[b"x" * 10_000] * 20))
        response = api.send("POST", path, data=valid_until_the_limit, headers=JSON)
        problem(response, 413, "too-large")


def test_413__one_byte_makes_the_difference(api: Api) -> None:
    def sized(length: int) -> requests.Response:
        head, tail = b'{"prompt":"', b'"}'
        body = head + b"x" * (length - len(head) - len(tail)) + tail
        return api.send("POST", "/v1/lookup", data=body, headers=JSON)

    assert sized(102_400).status_code == 200
    problem(sized(102_401), 413, "too-large")


def test_refused__keeps_the_connection_good_for_the_next_request(api: Api, stranger: Api) -> None:
    for caller, status in ((api, 413), (stranger, 401)):
        statuses = [
            caller.send("POST", path, data=b"x" * 300_000, headers=JSON).status_code
            for path in ("/v1/lookup", "/v1/store")
            for _ in range(20)
        ]
        assert statuses == [status] * 40


def test_415__packed(api: Api) -> None:
    headers = JSON | {"Content-Encoding": "gzip"}
    packed = api.send("POST", "/v1/lookup", data=gzip.compress(b'{"prompt":"x"}'), headers=headers)
    assert "`Content-Encoding: gzip`" in problem(packed, 415, "unsupported-media-type")["detail"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonl"])
def test_415__no_json_said(api: Api, path: str, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    detail = problem(api.send("POST", path, data=b"{}", headers=headers), 415, "unsupported-media-type")["detail"]
    assert "Content-Type: application/json" in detail


# -- what is not even HTTP -----


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /v1/entries?q=a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"x" * 9000), 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % (b"x" * 20_000), 431),
        (b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", 400),
        (b"POST /v1/flush HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (
            b"POST /v1/flush HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer admin-token\r\n"
            b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            400,
        ),
    ],
    ids=["request line", "long line", "long header", "bad header", "bad length", "bad chunk"],
)
def test_malformed__has_the_same_shape(server: Sidecar, raw: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(raw)
        received = b""
        while part := client.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    response = requests.Response()
    response.status_code = int(lines[0].split()[1])
    response.headers.update(dict(line.split(": ", 1) for line in lines[1:]))
    response._content = body
    problem(response, status, "bad-request")


# -- 500 and 503 -----


class Broken(MemoryStore):
    """Fails as nothing should."""

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        raise RuntimeError(f"about {keys} and a prompt")


@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/lookup/"])
def test_500__says_nothing_of_what_happened(capfd: pytest.CaptureFixture[str], path: str) -> None:
    app = create_app(PromptCache(Broken()), Config())
    answered = app.test_client().post(path, json={"prompt": "x"})
    assert (answered.status_code, answered.content_type) == (500, "application/problem+json")
    assert answered.json == {
        "type": "urn:prompt-cache:problem:internal-error",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "something unexpected happened; the log has the place",
    }
    log, err = capfd.readouterr()
    assert '"error":"RuntimeError"' in log
    assert "test_problems.py" in log
    assert "a prompt" not in log + err


@pytest.fixture
def hampered(tmp_path: Path) -> Iterator[tuple[Api, Path]]:
    """A sidecar on a database that is about to be locked."""
    database = tmp_path / "cache.db"
    env = {"PROMPT_CACHE_STORE": f"sqlite:///{database}", "PROMPT_CACHE_STORE_TIMEOUT": "100ms"}
    with Sidecar(tmp_path, env=env) as sidecar:
        api = Api(sidecar.url)
        yield api, database
        api.close()


def test_503__while_the_store_is_away_and_well_again_after(hampered: tuple[Api, Path]) -> None:
    api, database = hampered
    key, asked = api.fill()
    with sqlite3.connect(database, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        for path, body in (
            ("/v1/store", {"key": key, "response": "x"}),
            ("/v1/store/batch", {"items": [{"key": key, "response": "x"}]}),
            ("/v1/bump", {"names": ["kb"]}),
            ("/v1/flush", {"all": True}),
        ):
            response = api.post(path, body)
            assert "call the model" in problem(response, 503, "store-unavailable")["detail"]
            assert response.headers["Retry-After"] == "1"
        problem(api.send("DELETE", f"/v1/entries/{key}"), 503, "store-unavailable")
        assert api.get("/healthz").status_code == 200
        assert api.ok("/v1/lookup", asked)["status"] == "hit"
        # What can be read can be answered: a miss that cannot be remembered is still a miss.
        for lease in (False, True):
            miss = api.ok("/v1/lookup", {"prompt": "new", "lease": lease})
            assert (miss["status"], "lease" in miss) == ("miss", False)
        other.execute("ROLLBACK")
    assert api.ok("/v1/lookup", {"prompt": "new"})["status"] == "miss"
