"""Settings as they may be shown to people."""

import re
from typing import Any

import msgspec

from .schema import Config


def shown(config: Config) -> dict[str, Any]:
    """The effective settings without secrets."""
    shown: dict[str, Any] = msgspec.to_builtins(config)
    for name in ("secret", "token"):
        if shown[name]:
            shown[name] = "(set)"
    for token in shown["tokens"]:
        token["token"] = "(set)"  # noqa: S105
    shown["store"] = without_secrets(config.store)
    shown["store_prompts"] = config.keeps_prompts
    return shown


def without_secrets(url: str) -> str:
    """A store URL whose passwords are left out."""
    url = re.sub(r"([?&][^=&]*(?:pass|secret)[^=&]*=)[^&]*", r"\1(set)", url, flags=re.IGNORECASE)
    return re.sub(r"(://[^/?#@:]*):.*@", r"\1:(set)@", url)
