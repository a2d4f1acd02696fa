"""Settings: from a YAML file and the environment, checked whole before anything starts."""

from .budgets import budgets
from .errors import ConfigError
from .guessing import guessable_tokens, is_guessable
from .load import ENVIRONMENT, configured, load
from .rules import rules
from .schema import SETTINGS, Config, NamespaceSettings, Role
from .show import shown, webhook_host, without_secrets
from .upstreams import Upstream, upstreams

__all__ = [
    "ENVIRONMENT",
    "SETTINGS",
    "Config",
    "ConfigError",
    "NamespaceSettings",
    "Role",
    "Upstream",
    "budgets",
    "configured",
    "guessable_tokens",
    "is_guessable",
    "load",
    "rules",
    "shown",
    "upstreams",
    "webhook_host",
    "without_secrets",
]
