"""From settings to budgets."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from math import isfinite
from urllib.parse import urlsplit

from ..savings.budgets import Budget
from .errors import ConfigError
from .schema import BudgetSettings, Config, WebhookSettings

_NAMELESS = ("admin", "anonymous")
"""Who calls with `token`, and who calls where none is configured."""
_MOST_CHARACTERS = 100


def budgets(config: Config) -> list[Budget]:
    """In their order. Raises ConfigError that begins with the name of the setting that cannot be meant."""
    found: list[Budget] = []
    for at, settings in enumerate(config.budgets):
        where = f"budgets.{at}"
        budget = _budget(where, settings)
        if any(budget.name == other.name for other in found):
            raise ConfigError(f"{where}: another budget is called {budget.name!r}; give each a `name` of its own")
        _check_token(f"{where}.token", settings.token, config)
        if settings.webhook is not None:
            _check_webhook(f"{where}.webhook", settings.webhook)
        found.append(budget)
    if found and config.store.startswith("null://"):
        raise ConfigError("budgets: need a store that keeps what was spent, such as sqlite:///prompt-cache.db")
    return found


def _budget(where: str, settings: BudgetSettings) -> Budget:
    if not isfinite(settings.usd):
        raise ConfigError(f"{where}.usd: give a number of US dollars, such as 20")
    name = _default_name(settings) if settings.name is None else settings.name
    if not name.strip() or not name.isprintable() or len(name) > _MOST_CHARACTERS:
        raise ConfigError(f"{where}.name: give 1 to {_MOST_CHARACTERS} characters that can be printed")
    selectors = {field: getattr(settings, field) for field in ("namespace", "model", "workflow", "token")}
    for field, pattern in selectors.items():
        if not pattern:
            raise ConfigError(f"{where}.{field}: is empty; give a pattern such as support-*, or leave it out for all")
    return Budget(
        name=name,
        usd=settings.usd,
        per=settings.per,
        then=settings.then,
        warn_at=settings.warn_at,
        **selectors,
    )


def _default_name(settings: BudgetSettings) -> str:
    """Of what it selects, so that it stays the same while its limit changes."""
    fields = ("namespace", "model", "workflow", "token")
    selected = [f"{field} {pattern}" for field in fields if (pattern := getattr(settings, field)) != "*"]
    return f"{', '.join(selected) or 'everything'} per {settings.per}"[:_MOST_CHARACTERS]


def _check_token(where: str, pattern: str, config: Config) -> None:
    names: Sequence[str] = [*(token.name for token in config.tokens), *_NAMELESS]
    if not any(fnmatchcase(name, pattern) for name in names):
        raise ConfigError(f"{where}: no token is called {pattern!r}; there are {', '.join(names)}")


def _check_webhook(where: str, webhook: WebhookSettings) -> None:
    try:
        parts = urlsplit(webhook.url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or parts.fragment:
        raise ConfigError(f"{where}.url: must be http:// or https:// with a host")
    if not webhook.secret:
        raise ConfigError(f"{where}: give the `secret` that it is signed with, or `secret_file`")
