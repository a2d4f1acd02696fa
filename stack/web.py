"""Plain HTTP for the stack itself: readiness probes and small JSON calls, without dependencies."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any


class HttpError(Exception):
    """A status of 400 or more, with the body that explains it."""

    def __init__(self, method: str, url: str, status: int, body: str) -> None:
        super().__init__(f"{method} {url} answered {status}: {body[:2000]}")
        self.status = status
        self.body = body


class HttpClient:
    """A JSON client that keeps cookies and ignores the machine's proxy settings."""

    def __init__(self, base_url: str, headers: Mapping[str, str] | None = None, timeout: float = 60.0) -> None:
        self.base_url = base_url
        self.headers = dict(headers or {})
        self.cookies = CookieJar()
        self._timeout = timeout
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Send `body` as JSON and return the decoded answer (text when it is not JSON, None when empty)."""
        request = urllib.request.Request(  # noqa: S310 - the base URL is the stack's own
            self.base_url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **self.headers},
            method=method,
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as refused:
            raise HttpError(method, request.full_url, refused.code, refused.read().decode(errors="replace")) from None
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.request("POST", path, {} if body is None else body)


def answers(url: str) -> bool:
    """Whether a GET of `url` succeeds right now."""
    try:
        HttpClient(url, timeout=2).get("")
    except (OSError, HTTPException, HttpError):
        return False
    return True
