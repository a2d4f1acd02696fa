"""Settings as they may be shown to people."""

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from .budgets import budgets
from .schema import Config
from .upstreams import upstreams

_LEFT_OUT = "(set)"
_SCHEME = re.compile(r"[a-z][a-z0-9+-]{0,40}")
_PATHS = ("sqlite", "file")
_NAME = re.compile(r"[A-Za-z0-9._-]*")
_HOST = r"(?:[A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
_PLACE = re.compile(rf"{_HOST}(?:,{_HOST})*(?:/[A-Za-z0-9._/-]*)?")
_OPEN = {
    *("schema", "unlogged", "pool_size", "sslmode", "target_session_attrs", "connect_timeout", "application_name"),
    *("db", "client_name", "ssl_cert_reqs", "ssl_check_hostname", "max_bytes", "max_entries", "durability"),
}
"""Options whose values may be seen by everybody."""
_SECRET = {"user", "password", "sslpassword", "passfile", "ssl_password", "sentinel_username", "sentinel_password"}
"""Options that are named, and their values left out."""


def shown(config: Config) -> dict[str, Any]:
    """The effective settings without secrets, with all upstreams there are."""
    shown: dict[str, Any] = msgspec.to_builtins(config)
    for name in ("secret", "token"):
        if shown[name]:
            shown[name] = "(set)"
    for token in shown["tokens"]:
        token["token"] = "(set)"  # noqa: S105
    shown["upstreams"] = {
        name: {"protocol": each.protocol, "url": each.url, "key": "(set)" if each.key else None}
        | {"timeout": each.timeout, "namespace": each.namespace}
        for name, each in upstreams(config).items()
    }
    for name in ("embedder", "verifier"):
        if isinstance(shown[name], dict) and shown[name]["key"]:
            shown[name]["key"] = "(set)"
    if shown["otel"]:
        shown["otel"]["headers"] = dict.fromkeys(shown["otel"]["headers"], "(set)")
    for shown_budget, budget in zip(shown["budgets"], budgets(config), strict=True):
        shown_budget["name"] = budget.name
        if webhook := shown_budget["webhook"]:
            webhook |= {"url": f"{webhook_host(webhook['url'])}/{_LEFT_OUT}", "secret": _LEFT_OUT}
    shown["store"] = without_secrets(config.store)
    shown["store_prompts"] = config.keeps_prompts
    return shown


def webhook_host(url: str) -> str:
    """What may be seen of a webhook's address: its path is a secret as often as not."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def without_secrets(url: str) -> str:
    """A store URL with what is surely no secret: where the store is, and options that everybody may see.

    Whatever the password holds: what cannot be told from a part of one is left out.
    """
    scheme, sep, rest = url.partition("://")
    if not sep or not _SCHEME.fullmatch(scheme):
        return _LEFT_OUT
    where, question, options = rest.partition("?")
    if scheme in _PATHS and where.startswith("/"):
        shown = where
    elif "@" in options:  # a password may hold the question mark
        return f"{scheme}://{_LEFT_OUT}"
    else:
        login, at, place = where.rpartition("@")
        user, colon, _ = login.partition(":")
        place = place if _PLACE.fullmatch(place) else _LEFT_OUT
        user = user if _NAME.fullmatch(user) else _LEFT_OUT
        shown = f"{user}:{_LEFT_OUT}@{place}" if colon else f"{user}@{place}" if at else place
    return f"{scheme}://{shown}" + (f"?{'&'.join(map(_option, options.split('&')))}" if question else "")


def _option(option: str) -> str:
    name, _, value = option.partition("=")
    return option if name in _OPEN and _NAME.fullmatch(value) else f"{name if name in _SECRET else ''}={_LEFT_OUT}"
