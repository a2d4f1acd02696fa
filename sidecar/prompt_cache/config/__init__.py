"""Settings: from a YAML file and the environment, checked whole before anything starts."""

from .errors import ConfigError
from .load import ENVIRONMENT, configured, load
from .rules import rules
from .schema import SETTINGS, Config, NamespaceSettings, Role
from .show import shown, without_secrets
from .upstreams import Upstream, upstreams

__all__ = [
    "ENVIRONMENT",
    "SETTINGS",
    "Config",
    "ConfigError",
    "NamespaceSettings",
    "Role",
    "Upstream",
    "configured",
    "load",
    "rules",
    "shown",
    "upstreams",
    "without_secrets",
]
