"""Talking to a running sidecar, and what every refusal must look like."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import requests

from sidecar.tests.support import ANSWER

JSON = {"Content-Type": "application/json"}
POSTS = [
    "/v1/lookup",
    "/v1/lookup/batch",
    "/v1/store",
    "/v1/store/batch",
    "/v1/invalidate",
    "/v1/flush",
    "/v1/bump",
    "/v1/release",
]
GETS = [
    "/v1/entries",
    "/v1/entries/x",
    "/v1/models",
    "/v1/namespaces",
    "/v1/stats",
    "/v1/misses",
    "/v1/opportunities",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
]
"""The routes, by method."""


class Api:
    """A caller with one token."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._session.request(method, self.url + path, timeout=30, **options)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.send("POST", path, json={} if body is None else body, **options)

    def ok(self, path: str, body: Any, status: int = 200) -> Any:
        """What a POST answers that must succeed."""
        response = self.post(path, body)
        assert response.status_code == status, response.text
        assert response.headers["Content-Type"] == "application/json"
        return response.json()

    def fill(self, response: Any = ANSWER, **fields: Any) -> tuple[str, dict[str, Any]]:
        """Store an answer to a new question; returns its key and the request."""
        asked = {"prompt": f"question {uuid4()}", **fields}
        key = self.ok("/v1/lookup", asked)["key"]
        self.ok("/v1/store", {"key": key, "response": response}, 201)
        return key, asked

    def close(self) -> None:
        self._session.close()


def problem(response: requests.Response, status: int, code: str) -> Mapping[str, Any]:
    """The body of a refusal, after asserting the one shape that all refusals have."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail"} <= body.keys() <= {"type", "title", "status", "detail", "errors"}
    assert body["type"] == f"urn:prompt-cache:problem:{code}"
    assert (body["status"], body["title"]) == (status, HTTPStatus(status).phrase)
    assert isinstance(body["detail"], str)
    assert body["detail"]
    assert ("errors" in body) == (code == "invalid-request")
    for fault in body.get("errors", ()):
        assert fault.keys() == {"loc", "msg"}
        assert all(isinstance(step, str | int) for step in fault["loc"])
        assert fault["msg"]
    return dict(body)


def faults(response: requests.Response) -> dict[tuple[str | int, ...], str]:
    """The wrong fields of a 400, by place."""
    body = problem(response, 400, "invalid-request")
    return {tuple(fault["loc"]): fault["msg"] for fault in body["errors"]}


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition holds within that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
