"""Who may come in: the cookie of a session, and from where a form may come."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.http import parse_cookie

from ...config import Config
from ..api import Headers
from ..auth import EVERYONE, Caller, Tokens
from ..failures import HttpError

SESSION_COOKIE = "prompt_cache_session"
LONGEST = 12 * 3600
"""Seconds after which a session ends."""
_COOKIE = 256
"""Characters, more than any of ours: what is longer is not read, least of all once for each token."""


class Session(NamedTuple):
    """A caller that is known by the cookie it sent; `form` is what its forms bring as a token."""

    caller: Caller
    form: str


class Sessions:
    """Signed by the caller's own token, so that they hold on every worker and every server that knows this token.

    Nothing is kept: a session ends with its cookie, after LONGEST, or when the token changes.
    """

    def __init__(self, config: Config) -> None:
        self._tokens = Tokens(config)
        self.open = not self._tokens.known
        """Whether everybody is let in: there are no tokens."""
        self._signers = [
            (URLSafeTimedSerializer(digest, "prompt-cache session", signer_kwargs=_SIGNED), caller)
            for digest, caller in self._tokens.known
        ]

    def begin(self, token: str) -> str:
        """The cookie of a new session. Raises an HttpError of 401."""
        caller = self._tokens.caller(f"Bearer {token}")
        signer = next(signer for signer, known in self._signers if known is caller)
        return signer.dumps(secrets.token_urlsafe(16))

    def of(self, headers: Headers) -> Session:
        """By the headers alone. Raises an HttpError of 401."""
        cookie = cookies_of(headers).get(SESSION_COOKIE, "")
        if self.open:
            return Session(EVERYONE, _form(cookie))
        found = None
        for signer, caller in self._signers if len(cookie) <= _COOKIE else ():
            try:
                signer.loads(cookie, max_age=LONGEST)
            except BadData:
                continue
            found = caller
        if found is None:
            raise HttpError(401, "unauthorized", "sign in first")
        return Session(found, _form(cookie))


_SIGNED = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}


def cookies_of(headers: Headers) -> Mapping[str, str]:
    """By name; none where they cannot be read."""
    try:
        return parse_cookie(headers.get("Cookie"))
    except UnicodeError:
        return {}


def visitor() -> str:
    """The cookie of somebody who needs no token: nothing but what no other site knows."""
    return secrets.token_urlsafe(16)


def require_form(session: Session, form: Mapping[str, str]) -> None:
    """Raises an HttpError of 403 unless a form was made for this session."""
    if not session.form or not hmac.compare_digest(session.form.encode(), form.get("form_token", "").encode()):
        raise HttpError(403, "forbidden", "this form has expired: go back, reload the page and try again")


def require_same_origin(headers: Headers) -> None:
    """Raises an HttpError of 403 unless a page of this very server sent a form."""
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site is not None:  # only a browser says so, and it knows the address before any proxy
        fine = site == "same-origin"
    else:
        fine = origin is not None and origin.partition("://")[2].lower() == (headers.get("Host") or "").lower()
    if not fine:
        raise HttpError(403, "forbidden", "this form was sent by a page of another site, so nothing was done")


def _form(cookie: str) -> str:
    return hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest() if cookie else ""
