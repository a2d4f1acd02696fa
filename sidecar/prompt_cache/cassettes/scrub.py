"""Secrets out of what is recorded, so that a cassette can be committed."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from ..keying.masks import compiled

SCRUBBED = "[secret]"

_SECRETS = "|".join(
    (
        r"\b(?:sk|pk|rk|xai|gsk|tvly|pplx|nvapi|r8|lsv2|whsec|ls__)[-_][A-Za-z0-9_\-]{16,}",
        r"\bAIza[A-Za-z0-9_\-]{30,}",
        r"\bya29\.[A-Za-z0-9_\-.]{20,}",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\b(?:ghp|gho|ghu|ghs|ghr|hf|glpat|npm|dop_v1|shpat)[_-][A-Za-z0-9_\-]{20,}",
        r"\bgithub_pat_[A-Za-z0-9_]{20,}",
        r"\bpypi-[A-Za-z0-9_\-]{16,}",
        r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}",
        r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
    )
)
_AFTER = (
    r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=\-]{12,}",
    r"(\b[a-z][a-z0-9+.\-]*://[^\s/:@]{1,256}:)[^\s/@]{1,256}(@)",
    r"(?i)([?&][a-z0-9_\-]*(?:key|token|secret|password|signature|sig)=)[^&\s\"']{4,}",
)
"""What stands around a secret tells it, and stays."""
_NAMES = re.compile(
    r"(?i)^(x[-_])?(api[-_]?key|apikey|authorization|passw(or)?d|passphrase|(client[-_]?|api[-_]?)?secret|"
    r"(access|auth|bearer|refresh|id|session)[-_]?token|private[-_]?key|credentials?)$"
)
"""Of fields whose text is a secret, whatever it looks like."""

Scrub = Callable[[Any], Any]


def scrubber(patterns: Sequence[str] = ()) -> Scrub:
    """What puts `SCRUBBED` in place of secrets in any JSON; `patterns` are others than those known here.

    Raises ValueError about a pattern.
    """
    whole = [compiled(pattern) for pattern in (_SECRETS, *patterns)]
    after = [compiled(pattern) for pattern in _AFTER]

    def text(value: str) -> str:
        for expression in whole:
            value = expression.sub(lambda _: SCRUBBED, value)
        for expression in after:
            value = expression.sub(_kept_around, value)
        return value

    def any_of(value: Any) -> Any:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, list):
            return [any_of(item) for item in value]
        if isinstance(value, dict):
            return {
                text(name): SCRUBBED if isinstance(item, str) and item and _NAMES.match(name) else any_of(item)
                for name, item in value.items()
            }
        return value

    return any_of


def _kept_around(match: Any) -> str:
    before, *behind = match.groups()
    return f"{before}{SCRUBBED}{''.join(behind)}"
