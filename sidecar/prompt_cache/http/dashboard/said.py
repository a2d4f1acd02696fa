"""What was done, told once on the page that follows."""

from urllib.parse import quote, unquote

SAID_COOKIE = "prompt_cache_said"
_LONGEST = 300
"""Characters: percent-encoded they are within the 4,096 bytes of a cookie, in any script."""


def say(text: str) -> str:
    """As a cookie keeps it."""
    return quote(text[:_LONGEST])


def what_was_said(cookie: str | None) -> str:
    return unquote(cookie or "")[:_LONGEST]
