"""The log: one line of JSON per request, and nothing of what was asked, answered or kept secret."""

import json
import socket
from datetime import datetime
from pathlib import Path

import pytest

from stack import Sidecar

from .client import JSON, Api

MARKER = "zanzibar-marker"
TOKEN = "token-zanzibar-marker"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    """All that a sidecar wrote while every route was used, rightly and wrongly, with a marker in every text."""
    folder: Path = tmp_path_factory.mktemp("log")
    env = {"PROMPT_CACHE_STORE": f"sqlite:///{folder}/cache.db", "PROMPT_CACHE_BODY_LIMIT": "100KB"}
    with Sidecar(folder, env={**env, "PROMPT_CACHE_SECRET": f"secret {MARKER}"}, token=TOKEN) as sidecar:
        api, stranger = Api(sidecar.url, TOKEN), Api(sidecar.url, f"wrong {MARKER}")
        asked = {"prompt": f"say {MARKER}", "system": MARKER, "model": MARKER, "params": {"stop": MARKER}}
        stored = {"response": {"text": MARKER}, "tags": [MARKER], "finish_reason": f"x {MARKER}"}
        key = api.ok("/v1/lookup", {**asked, "source": {"workflow": MARKER, "node": MARKER}})["key"]
        api.ok("/v1/store", {"key": key, **stored}, 201)
        api.ok("/v1/lookup", asked)
        for path, body in (
            ("/v1/lookup/batch", {"items": [asked, asked]}),
            ("/v1/store/batch", {"items": [{"key": key, **stored}, {**asked, "response": ""}]}),
            ("/v1/invalidate", {"tags": [MARKER], "dry_run": True}),
            ("/v1/invalidate", {**asked, "dry_run": True}),
            ("/v1/bump", {"names": [MARKER]}),
            ("/v1/release", {"key": key, "lease": MARKER}),
            ("/v1/flush", {"namespace": "elsewhere"}),
            ("/v1/lookup", {**asked, MARKER: MARKER}),
            ("/v1/lookup", {**asked, "normalize": MARKER}),
            ("/v1/lookup", {**asked, "max_age": MARKER}),
            ("/v1/store", {"key": MARKER, "response": MARKER}),
        ):
            api.post(path, body)
            stranger.post(path, body)
        api.send("POST", "/v1/lookup", data=b'{"prompt":"%s' % MARKER.encode(), headers=JSON)
        api.send("POST", "/v1/lookup", data=b'{"prompt":"%s"}' % (MARKER.encode() * 10_000), headers=JSON)
        api.send("POST", "/v1/lookup", data=MARKER.encode(), headers={"Content-Type": "text/plain"})
        for path in ("entries", "stats", f"entries/{key}"):
            api.get(f"/v1/{path}", q=MARKER)
            api.get(f"/v1/{path}", since=MARKER, cursor=MARKER)
        api.send("DELETE", f"/v1/entries/{key}")
        for path in ("/metrics", "/healthz", "/readyz", "/openapi.json", "/nowhere"):
            api.get(path, q=MARKER)
        for raw in (
            f"GET /v1/entries?q=say {MARKER} HTTP/1.1\r\n\r\n",
            f"GET /v1/entries?q={MARKER * 1000} HTTP/1.1\r\n\r\n",
            f"POST /v1/lookup HTTP/1.1\r\nHost: x\r\nBad {MARKER}: x\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", sidecar.port), timeout=10) as client:
                client.sendall(raw.encode())
                while client.recv(65536):
                    pass
        api.close()
        stranger.close()
    return sidecar.log.read_text()


def test_log__never_has_a_prompt_an_answer_a_search_or_a_secret(log: str) -> None:
    assert MARKER not in log
    assert len(log.splitlines()) > 40


def test_log__is_one_line_of_json_per_request(log: str) -> None:
    first, *lines = log.splitlines()
    assert first.startswith("prompt-cache ")
    entries = [json.loads(line) for line in lines]
    requests = [entry for entry in entries if "method" in entry]
    assert requests
    for entry in requests:
        assert entry.keys() - {"caller", "outcome"} == {"time", "method", "path", "status", "ms"}
        assert datetime.fromisoformat(entry["time"]).tzinfo
    assert {entry["status"] for entry in requests} >= {200, 201, 400, 401, 404, 413, 415}
    outcomes = {entry.get("outcome") for entry in requests if entry["path"] == "/v1/lookup"}
    assert {"hit", "miss"} <= outcomes
    assert [entry["event"] for entry in entries if "method" not in entry] == []


def test_log__can_be_switched_off(tmp_path: Path) -> None:
    with Sidecar(tmp_path, env={"PROMPT_CACHE_STORE": "memory://", "PROMPT_CACHE_REQUEST_LOG": "false"}) as sidecar:
        api = Api(sidecar.url)
        api.fill()
        api.close()
        assert '"method"' not in sidecar.log.read_text()
