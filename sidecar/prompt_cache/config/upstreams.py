"""The providers that calls are passed on to: those that everybody knows, and what the settings say."""

from urllib.parse import urlsplit

from msgspec import Struct

from ..values.durations import seconds
from .errors import ConfigError
from .schema import Config, UpstreamSettings

PROTOCOLS = ("openai", "anthropic", "gemini", "ollama")
_KNOWN = {
    "openai": ("openai", "https://api.openai.com/v1"),
    "anthropic": ("anthropic", "https://api.anthropic.com"),
    "gemini": ("gemini", "https://generativelanguage.googleapis.com"),
    "ollama": ("ollama", "http://127.0.0.1:11434"),
    "mistral": ("openai", "https://api.mistral.ai/v1"),
    "groq": ("openai", "https://api.groq.com/openai/v1"),
    "openrouter": ("openai", "https://openrouter.ai/api/v1"),
    "deepseek": ("openai", "https://api.deepseek.com/v1"),
    "xai": ("openai", "https://api.x.ai/v1"),
}


class Upstream(Struct, frozen=True):
    """A provider: which protocol it speaks, where, and who pays."""

    name: str
    protocol: str
    url: str
    """Without a slash at its end."""
    key: str | None
    """The provider's key, held here so that callers need none."""
    timeout: float
    """Seconds of silence after which it counts as gone."""
    namespace: str


def upstreams(config: Config) -> dict[str, Upstream]:
    """By name. Raises ConfigError that begins with the name of the setting that cannot be meant."""
    settings = {name: UpstreamSettings() for name in _KNOWN} | config.upstreams
    return {name: _upstream(name, each) for name, each in settings.items()}


def _upstream(name: str, settings: UpstreamSettings) -> Upstream:
    protocol, url = _KNOWN.get(name, (None, None))
    protocol, url = settings.protocol or protocol, settings.url or url
    where = f"upstreams.{name}"
    if protocol is None:
        raise ConfigError(f"{where}: say which `protocol` it speaks: {', '.join(PROTOCOLS)}")
    if url is None:
        raise ConfigError(f"{where}: give its `url`, such as https://llm.example.com/v1")
    check_url(where, url)
    try:
        timeout = seconds(settings.timeout)
    except ValueError as error:
        raise ConfigError(f"{where}.timeout: {error}") from None
    return Upstream(name, protocol, url.rstrip("/"), settings.key, timeout, settings.namespace)


def check_url(where: str, url: str, field: str = "url", login: str = "give `key` or `key_file`") -> None:
    """Raises ConfigError where this is no address of an API; `login` says where else that goes."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(f"{where}.{field}: must be http:// or https:// with a host, without ? and #")
    if parts.username or parts.password:
        raise ConfigError(f"{where}.{field}: no login belongs into it; {login}")
