"""From settings to the model that verifies."""

from importlib.util import find_spec

from ..config import Config, ConfigError
from ..semantic.verifier import Verifier
from ..values.durations import seconds


def open_verifier(config: Config) -> Verifier | None:
    """What the settings name, or None; it is not asked anything. Raises ConfigError."""
    settings = config.verifier
    if settings is None:
        return None
    if find_spec("requests") is None:
        raise ConfigError("verifier: needs what is not installed: pip install 'prompt-cache-sidecar[semantic]'")
    try:
        return Verifier(settings.url, settings.model, settings.key, timeout=seconds(settings.timeout))
    except ValueError as error:
        raise ConfigError(f"verifier.{error}") from None
