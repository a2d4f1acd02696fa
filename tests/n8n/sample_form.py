"""Filling in an n8n form as a browser does: page after page, each at the address the last one gave."""

import base64
import json
import time
import urllib.error
import urllib.request
import uuid
from urllib.parse import urlsplit, urlunsplit

from stack.processes import POLL_SECONDS

_TIMEOUT = 30.0
_PAGE_IS_READY = {"form-waiting", "success", "error"}


class Form:
    """A published form behind a user and a password."""

    def __init__(self, n8n_url: str, path: str, user: str, password: str) -> None:
        self._base = urlsplit(n8n_url)
        self._first = f"{n8n_url}/form/{path}"
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}
        self._next = self._first

    def answers_strangers(self) -> int:
        """The status that somebody without the password gets."""
        try:
            with urllib.request.urlopen(self._first, timeout=_TIMEOUT) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    def submit(self, value: str) -> str:
        """Send the only field of the page at hand and return the page that comes next, as HTML."""
        boundary = uuid.uuid4().hex
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="field-0"\r\n\r\n{value}\r\n--{boundary}--\r\n'
        sent = self._open(self._next, body.encode(), f"multipart/form-data; boundary={boundary}")
        # n8n names itself by another host than the one it is reached at.
        following = urlsplit(json.loads(sent)["formWaitingUrl"])
        self._next = urlunsplit(following._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        self._wait()
        return self._open(self._next)

    def _wait(self) -> None:
        # While the workflow runs, n8n leaves a request for the page unanswered.
        address = urlsplit(self._next)
        status = urlunsplit(address._replace(path=f"{address.path}/n8n-execution-status"))
        deadline = time.monotonic() + _TIMEOUT
        while self._open(status) not in _PAGE_IS_READY:
            assert time.monotonic() < deadline, "the form shows no next page"
            time.sleep(POLL_SECONDS)

    def _open(self, url: str, body: bytes | None = None, content_type: str = "text/html") -> str:
        headers = {**self._headers, "Content-Type": content_type}
        request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - the stack's own n8n
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            return str(answer.read().decode())
