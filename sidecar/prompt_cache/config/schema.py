"""Every setting there is, with its type and its default."""

import ipaddress
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..keying.normalize import Steps
from ..savings.budgets import Per, Then
from ..savings.currency import CurrencySettings
from ..savings.prices import PriceOverride
from ..values.defaults import STORE_PREFIX, STORE_TIMEOUT
from ..values.durations import Duration
from ..values.names import DEFAULT_NAMESPACE, NAMESPACE_PATTERN, Namespace
from ..values.sizes import Size
from .errors import ConfigError

Role = Literal["reader", "writer", "admin"]


Similarity = Annotated[float, Meta(ge=0, le=1)]


class ModelTtl(Struct, frozen=True, forbid_unknown_fields=True):
    """`ttl` for models that match a pattern such as `gpt-4o*`; null is for ever."""

    model: str
    ttl: Duration | None


class NamespaceSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What holds in a namespace; a setting that is left out is the default's."""

    ttl: Duration | UnsetType | None = UNSET
    models: list[ModelTtl] | UnsetType = UNSET
    max_ttl: Duration | UnsetType | None = UNSET
    jitter: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    keep_stale: Duration | UnsetType = UNSET
    normalize: str | Steps | UnsetType = UNSET
    mask_system: bool | UnsetType = UNSET
    ignore: list[str] | UnsetType = UNSET
    max_entries: Annotated[int, Meta(ge=1)] | UnsetType | None = UNSET
    max_bytes: Size | UnsetType | None = UNSET
    shared: bool | UnsetType = UNSET
    bypass: bool | UnsetType = UNSET
    cache_tool_calls: bool | UnsetType = UNSET
    finish_after_disconnect: bool | UnsetType = UNSET
    usage_on_hit: Literal["stored", "zero"] | UnsetType = UNSET
    replay: Literal["instant"] | Annotated[float, Meta(gt=0)] | UnsetType = UNSET
    mode: Literal["cache", "record", "replay"] | UnsetType = UNSET
    cassette: Annotated[str, Meta(min_length=1)] | UnsetType | None = UNSET
    scrub: list[str] | UnsetType = UNSET
    match: Literal["exact", "semantic"] | UnsetType = UNSET
    threshold: Similarity | UnsetType | None = UNSET
    guards: dict[str, bool] | UnsetType = UNSET
    shadow: bool | UnsetType = UNSET
    verify: bool | Literal["sync"] | UnsetType = UNSET
    verify_from: Similarity | UnsetType | None = UNSET
    max_error: Annotated[float, Meta(gt=0, lt=0.5)] | UnsetType | None = UNSET


class EmbedderSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A server that embeds texts, as OpenAI's `/embeddings` does."""

    url: str
    model: str
    key: str | None = None
    key_file: str | None = None
    timeout: Duration = 5.0
    threshold: Similarity | None = None
    dimensions: Annotated[int, Meta(ge=1, le=16384)] | None = None


class VerifierSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A chat model that says whether one answer serves two questions, behind OpenAI's `/chat/completions`."""

    url: str
    model: str
    key: str | None = None
    key_file: str | None = None
    timeout: Duration = 5.0


class UpstreamSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A provider that calls are passed on to. What is left out of a known one is as it is known."""

    protocol: Literal["openai", "anthropic", "gemini", "ollama"] | None = None
    url: str | None = None
    key: str | None = None
    key_file: str | None = None
    timeout: Duration = 600.0
    namespace: Namespace = DEFAULT_NAMESPACE


class OtelSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where traces and metrics are sent by OTLP."""

    endpoint: str
    headers: dict[Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,128}$(?!\n)")], str] = msgspec.field(
        default_factory=dict
    )
    headers_file: str | None = None
    service_name: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    sample: Annotated[float, Meta(ge=0, le=1)] | None = None


class TokenSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A caller: what it may do (`reader` < `writer` < `admin`), and where."""

    name: str
    token: str | None = None
    token_file: str | None = None
    role: Role = "writer"
    namespaces: Annotated[list[str], Meta(min_length=1)] = msgspec.field(default_factory=lambda: ["*"])


class WebhookSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where to tell of a budget, and what that is signed with."""

    url: str
    secret: str | None = None
    secret_file: str | None = None


class BudgetSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many dollars per period, for the calls that all its patterns match."""

    name: str | None = None
    namespace: str = "*"
    model: str = "*"
    workflow: str = "*"
    token: str = "*"  # noqa: S105
    usd: Annotated[float, Meta(ge=0)]
    per: Per
    then: Then = "warn"
    warn_at: Annotated[float, Meta(gt=0, le=1)] = 0.8
    webhook: WebhookSettings | None = None


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every setting, with its default."""

    listen: str = "127.0.0.1:8787"
    store: str = "sqlite:///prompt-cache.db"
    store_timeout: Duration = STORE_TIMEOUT
    store_prefix: Annotated[str, Meta(pattern=NAMESPACE_PATTERN)] = STORE_PREFIX
    secret: str | None = None
    secret_file: str | None = None
    token: str | None = None
    token_file: str | None = None
    tokens: list[TokenSettings] = msgspec.field(default_factory=list)
    workers: Annotated[int, Meta(ge=1, le=256)] = 2
    threads: Annotated[int, Meta(ge=1, le=256)] = 4
    body_limit: Size = "10MB"
    body_timeout: Duration = 30.0
    allowed_hosts: list[Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,253}$(?!\n)")]] = msgspec.field(
        default_factory=list
    )
    request_log: bool = True
    dashboard: bool = True
    store_prompts: bool | None = None
    never_expires: bool = False
    sweep_every: Duration = 60.0
    stats_retention: Duration | None = "400d"
    masks: dict[Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,64}$(?!\n)")], str] = msgspec.field(default_factory=dict)
    upstreams: dict[Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$(?!\n)")], UpstreamSettings] = (
        msgspec.field(default_factory=dict)
    )
    embedder: str | EmbedderSettings | None = None
    verifier: VerifierSettings | None = None
    otel: OtelSettings | None = None
    prices: dict[str, PriceOverride] = msgspec.field(default_factory=dict)
    currency: CurrencySettings = CurrencySettings()
    budgets: list[BudgetSettings] = msgspec.field(default_factory=list)
    defaults: NamespaceSettings = NamespaceSettings()
    namespaces: dict[str, NamespaceSettings] = msgspec.field(default_factory=dict)

    @property
    def keeps_prompts(self) -> bool:
        """Whether prompts are stored: as `store_prompts` says, or else where no secret shall hide them."""
        return not self.secret if self.store_prompts is None else self.store_prompts

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) to listen on."""
        return _address(self.listen)

    @property
    def is_reachable(self) -> bool:
        """Whether other machines can call."""
        host, _ = self.address
        if host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(host).is_loopback
        except ValueError:
            return True


SETTINGS = tuple(field.name for field in msgspec.structs.fields(Config))


def _address(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536 or not host:
        raise ConfigError(f"listen: {listen!r} is not host:port, such as 127.0.0.1:8787")
    return host.strip("[]"), int(port)
