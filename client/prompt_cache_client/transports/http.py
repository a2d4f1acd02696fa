"""Over HTTP, by requests."""

import os
import time
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from ..acts import Ask
from ..errors import CacheUnavailable
from ..operations import Reply

_POOL = 256
"""Connections that are kept at most, one for each thread that asks."""
_PIECE = 1 << 20


def address_of(url: str, ask: Ask) -> str:
    """The URL of a request."""
    return url + ask.route.replace("{key}", quote(ask.key, safe=""))


def headers_of(ask: Ask, token: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if ask.body is not None:
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


class HttpTransport:
    """One pool of connections a process; `timeout` is in seconds, for connecting and for the whole answer."""

    def __init__(self, url: str, token: str | None, timeout: float) -> None:
        self._url = url
        self._token = token
        self._timeout = timeout
        self._session = _session()
        self._process = os.getpid()

    def send(self, ask: Ask) -> Reply:
        if self._process != os.getpid():  # a fork shares the parent's sockets, and would read the parent's answers
            self._session, self._process = _session(), os.getpid()
        began = time.monotonic()
        try:
            with self._session.request(
                ask.method,
                address_of(self._url, ask),
                params=ask.query,
                data=ask.body,
                headers=headers_of(ask, self._token),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return Reply(response.status_code, self._read(response, began))
        except (requests.RequestException, HTTPError, OSError) as error:
            slow = isinstance(error, requests.Timeout | TimeoutError)
            raise CacheUnavailable(away(self._url, error, slow)) from None

    def _read(self, response: requests.Response, began: float) -> bytes:
        pieces: list[bytes] = []
        read = getattr(response.raw, "read1", response.raw.read)  # urllib3 1 waits for a whole piece
        while piece := read(_PIECE):
            pieces.append(piece)
            if time.monotonic() - began > self._timeout:
                raise requests.Timeout("too slow")
        return b"".join(pieces)

    def close(self) -> None:
        self._session.close()


def _session() -> requests.Session:
    session = requests.Session()
    session.auth = _as_it_is
    adapter = HTTPAdapter(pool_maxsize=_POOL)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials of a .netrc, which would take the place of the token."""
    return request


def away(url: str, error: Exception, slow: bool) -> str:
    """Why nothing came from there, without the error's own words: they hold the address with all that stands in it."""
    if slow:
        return f"{url} cannot be reached: too slow"
    return f"{url} cannot be reached ({type(error).__name__}): is the cache server running there?"
