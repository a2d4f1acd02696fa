"""What was done, told once on the page that follows."""

import hmac
from urllib.parse import quote, unquote

SAID_COOKIE = "prompt_cache_said"
_LONGEST = 300
"""Characters: percent-encoded they are within the 4,096 bytes of a cookie, in any script."""


def say(text: str, form_token: str) -> str:
    """As a cookie keeps it: signed, as whoever serves another port of this host can set cookies here, too."""
    text = text[:_LONGEST]
    return f"{_signature(text, form_token)}.{quote(text)}"


def what_was_said(cookie: str | None, form_token: str) -> str:
    """Empty where it was not said by us, to this session."""
    signature, _, said = (cookie or "").partition(".")
    text = unquote(said)
    return text if hmac.compare_digest(signature.encode(), _signature(text, form_token).encode()) else ""


def _signature(text: str, form_token: str) -> str:
    return hmac.digest(form_token.encode(), text.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]
