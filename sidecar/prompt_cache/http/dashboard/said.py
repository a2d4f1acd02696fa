"""What was done, told once on the page that follows."""

from urllib.parse import quote, unquote

SAID_COOKIE = "prompt_cache_said"
_LONGEST = 500


def say(text: str) -> str:
    """As a cookie keeps it."""
    return quote(text[:_LONGEST])


def what_was_said(cookie: str | None) -> str:
    return unquote(cookie or "")[:_LONGEST]
