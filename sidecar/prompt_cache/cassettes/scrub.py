"""Secrets out of what is recorded, so that a cassette can be committed.

What is scrubbed no longer tells two questions apart. So a text has to look like a secret, and not only stand near a
word for one: a basic introduction is no password.
"""

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from ..keying.masks import compiled

SCRUBBED = "[secret]"
_ROUNDS = 8
"""How often a text is scrubbed at most: what one pattern leaves, another may match."""
_SHORT = 64
"""Characters of a text that is known when it comes again."""

_KEYS = "|".join(
    (
        r"\bsk-[A-Za-z0-9_\-]{16,}",
        r"\b(?:sk|pk|rk)_(?:live|test|prod)_[A-Za-z0-9]{8,}",
        r"\bpk-lf-[A-Za-z0-9\-]{16,}",
        r"\b(?:xai|gsk|tvly|pplx|nvapi|r8|lsv2|whsec|ls__|jina|ntn|sbp|figd|lin_api|n8n_api)[-_][A-Za-z0-9_\-]{16,}",
        r"\b(?:AIza|ABSK|GOCSPX-)[A-Za-z0-9_+/=\-]{28,}",
        r"\bya29\.[A-Za-z0-9_\-.]{20,}",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\b(?:ghp|gho|ghu|ghs|ghr|hf|glpat|glsa|npm|dop_v1|shpat)[_-][A-Za-z0-9_\-]{20,}",
        r"\bgithub_pat_[A-Za-z0-9_]{20,}",
        r"\bpypi-[A-Za-z0-9_\-]{16,}",
        r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}",
        r"\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}",
        r"\b[0-9]{8,10}:AA[A-Za-z0-9_\-]{32,}",
        r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*",
    )
)
_PEM = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?s:.*?)-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|(?:(?:\s|\\+[nr])*[A-Za-z0-9+/=]{16,})+)"
)
_NAME = (
    r"(?:(?:api|account|subscription|private|secret|shared|signing|access|encryption)[-_ ]?(?:access[-_ ]?)?keys?"
    r"|secret|passw(?:or)?d|passwort|passphrase|pwd|credentials?|authorization|cookie|connection[-_ ]?string"
    r"|(?:access|auth|bearer|refresh|id|session|security|api|bot)[-_ ]?token)"
)
_NAMED = re.compile(rf"(?i){_NAME}$")
_LONGEST_NAME = 100
_QUOTED = (
    rf'(?i)(\b[a-z0-9_.\-]*{_NAME}\\*["\']?\s*[:=]\s*\\*)'
    r"""("(?:[^"\\\n]|\\[^"\n])+|'(?:[^'\\\n]|\\[^'\n])+)"""
)
_PLAIN = rf"(?i)\b([a-z0-9_.\-]*{_NAME}\s?[:=]\s?)([^\s\"'\\,;&<>()\[\]{{}}|`]{{6,}})([(\[{{]?)"
_BEARER = (
    r"(?i)(\bbearer\s+|\bauthorization\\*[\"']?\s*[:=]\s*\\*[\"']?(?:token|key|apikey)\s+)"
    r"([A-Za-z0-9._~+/=\-]{12,})"
)
_BASIC = r"(?i)(\bbasic\s+)([A-Za-z0-9+/=]{8,})"
_URL = r"(\b[a-zA-Z][a-zA-Z0-9+.\-]*://[^\s/:@\"'<>]{0,256}:)([^\s/\"'<>]{1,256})(@)"
_QUERY = (
    rf"(?i)([?&#](?:[a-z0-9_.\-]*(?:{_NAME}|signature)|key|token|sig|auth)=)"
    r"([^&\s\"'#<>\\)]{4,})"
)

Scrub = Callable[[Any], Any]


def scrubber(patterns: Sequence[str] = ()) -> Scrub:
    """What puts `SCRUBBED` in place of secrets in any JSON; `patterns` are others than those known here.

    To scrub once more changes nothing. Raises ValueError about a pattern.
    """
    known = [(compiled(pattern), replace) for pattern, replace in _KNOWN]
    is_suspicious = compiled("|".join(f"(?:{pattern})" for pattern, _ in _KNOWN)).search
    others = [compiled(pattern) for pattern in patterns]

    def by_others(part: str) -> str:
        for expression in others:
            part = expression.sub(_whole, part)
        return part

    def once(value: str) -> str:
        if others:  # which may match `SCRUBBED` itself
            value = SCRUBBED.join(map(by_others, value.split(SCRUBBED)))
        for expression, replace in known if is_suspicious(value) else ():
            value = expression.sub(replace, value)
        return value

    def text(value: str) -> str:
        return short(value) if len(value) <= _SHORT else long(value)

    def long(value: str) -> str:
        value = _within(value, any_of)
        for _ in range(_ROUNDS):
            before, value = value, once(value)
            if value == before:
                break
        return value

    short = lru_cache(maxsize=4096)(long)  # names, roles and models are the same ones all the time

    def any_of(value: Any) -> Any:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, list):
            return [any_of(item) for item in value]
        if isinstance(value, dict):
            names = _told_apart(map(text, value))
            hidden = _names_a_secret(value)
            return {
                named: _hidden(item) if _is_named(name) or (hidden and name == "value") else any_of(item)
                for named, (name, item) in zip(names, value.items(), strict=True)
            }
        return value

    def _hidden(value: Any) -> Any:
        if isinstance(value, list):
            return [_hidden(item) for item in value]
        if value == "" or value is None or isinstance(value, bool | dict):
            return any_of(value)
        return SCRUBBED

    return any_of


def _within(text: str, scrub: Scrub) -> str:
    """A text that is JSON, such as the arguments of a tool call, without the secrets in it; any other as it is."""
    if text[:1] not in ("{", "["):
        return text
    try:
        inner = msgspec.json.decode(text)
        scrubbed = scrub(inner)
    except (ValueError, RecursionError):
        return text
    return text if scrubbed == inner else msgspec.json.encode(scrubbed).decode()


@lru_cache(maxsize=4096)
def _is_named(name: str) -> bool:
    """Whether the text of a field of this name is a secret, whatever it looks like."""
    return len(name) <= _LONGEST_NAME and _NAMED.search(name) is not None


def _names_a_secret(pair: dict[str, Any]) -> bool:
    """Whether it is a header or a parameter as a list has them: `{"name": "Authorization", "value": ...}`."""
    return any(isinstance(name := pair.get(field), str) and _is_named(name) for field in ("name", "key"))


def _told_apart(names: Iterator[str]) -> list[str]:
    """Names that were two stay two."""
    told: dict[str, None] = {}
    for name in names:
        while name in told:
            name += SCRUBBED
        told[name] = None
    return list(told)


def _whole(match: Any) -> str:
    return SCRUBBED if match[0] else ""


def _key(match: Any) -> str:
    return str(match[0]) if _is_words(match[0]) else SCRUBBED


def _quoted(match: Any) -> str:
    return f"{match[1]}{match[2][0]}{SCRUBBED}"


def _plain(match: Any) -> str:
    name, value, behind = match.groups()
    of_a_shell = name.isupper() and name.endswith("=")
    is_folder = "pwd" in name.lower() and value[0] in "/~"
    is_secret = not behind and not is_folder and (of_a_shell or any(character.isdigit() for character in value))
    return f"{name}{SCRUBBED}" if is_secret else str(match[0])


def _bearer(match: Any) -> str:
    """Where it is no word: 'bearer authentication' is none of a secret's."""
    return f"{match[1]}{SCRUBBED}" if any(character.isdigit() for character in match[2]) else str(match[0])


def _basic(match: Any) -> str:
    """Where it is a user's name and password."""
    try:
        decoded = base64.b64decode(match[2], validate=True).decode()
    except ValueError:
        return str(match[0])
    return f"{match[1]}{SCRUBBED}" if ":" in decoded and decoded.isprintable() else str(match[0])


def _around(match: Any) -> str:
    before, _, *behind = match.groups()
    return f"{before}{SCRUBBED}{''.join(behind)}"


_KNOWN: tuple[tuple[str, Callable[[Any], str]], ...] = (
    (_PEM, _whole),
    (_KEYS, _key),
    (_BEARER, _bearer),
    (_BASIC, _basic),
    (_URL, _around),
    (_QUERY, _around),
    (_QUOTED, _quoted),
    (_PLAIN, _plain),
)
"""What stands around a secret tells it, and stays."""


def _is_words(text: str) -> bool:
    """Whether it is a name in words, such as npm_config_user_agent, and nothing random."""
    one_case = text.islower() or text.isupper()
    return one_case and len(re.findall("[-_]", text)) > 1 and not any(character.isdigit() for character in text)
