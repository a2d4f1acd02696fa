"""Settings: from a YAML file and the environment, checked whole before anything starts."""

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import UNSET, Meta, Struct, UnsetType

from ..core.rules import Lifetime, NamespaceRules, Rules, TtlRule
from ..keying.normalize import Normalizers
from ..savings.prices import PriceOverride
from ..stores.base import Bounds
from ..values.durations import Duration, seconds
from ..values.validation import Invalid, convert

PREFIX = "PROMPT_CACHE_"
Role = Literal["reader", "writer", "admin"]

_SIZE_PATTERN = r"^[0-9]{1,12}(\.[0-9]{1,3})?(B|KB|MB|GB|TB)$"
_UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
Size = Annotated[int, Meta(ge=0)] | Annotated[str, Meta(pattern=_SIZE_PATTERN, examples=["10MB", "2GB"])]


class ConfigError(Exception):
    """Settings that cannot be meant; the message names the file or variable, the key and the fix."""


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
    normalize: str | list[str] | UnsetType = UNSET
    ignore: list[str] | UnsetType = UNSET
    max_entries: Annotated[int, Meta(ge=1)] | UnsetType | None = UNSET
    max_bytes: Size | UnsetType | None = UNSET


class TokenSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A caller: what it may do (`reader` < `writer` < `admin`), and where."""

    name: str
    token: str | None = None
    token_file: str | None = None
    role: Role = "writer"
    namespaces: Annotated[list[str], Meta(min_length=1)] = msgspec.field(default_factory=lambda: ["*"])


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every setting, with its default."""

    listen: str = "127.0.0.1:8787"
    store: str = "sqlite:///prompt-cache.db"
    store_timeout: Duration = 2.0
    store_prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "prompt-cache"
    secret: str | None = None
    secret_file: str | None = None
    token: str | None = None
    token_file: str | None = None
    tokens: list[TokenSettings] = msgspec.field(default_factory=list)
    workers: Annotated[int, Meta(ge=1, le=256)] = 2
    threads: Annotated[int, Meta(ge=1, le=256)] = 4
    body_limit: Size = "10MB"
    request_log: bool = True
    store_prompts: bool = True
    never_expires: bool = False
    sweep_every: Duration = 60.0
    masks: dict[Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,64}$")], str] = msgspec.field(default_factory=dict)
    prices: dict[str, PriceOverride] = msgspec.field(default_factory=dict)
    defaults: NamespaceSettings = NamespaceSettings()
    namespaces: dict[str, NamespaceSettings] = msgspec.field(default_factory=dict)

    @property
    def address(self) -> tuple[str, int]:
        """(host, port) to listen on."""
        return _address(self.listen)

    def rules(self) -> Rules:
        """The rules of each namespace."""
        patterns = {name: _rules(settings, self.defaults) for name, settings in self.namespaces.items()}
        return Rules(_rules(self.defaults, NamespaceSettings()), patterns)

    def shown(self) -> dict[str, Any]:
        """The effective settings without secrets."""
        shown: dict[str, Any] = msgspec.to_builtins(self)
        for name in ("secret", "token"):
            if shown[name]:
                shown[name] = "(set)"
        for token in shown["tokens"]:
            token["token"] = "(set)"  # noqa: S105
        shown["store"] = _without_secrets(self.store)
        return shown


SETTINGS = tuple(field.name for field in msgspec.structs.fields(Config))
ENVIRONMENT = tuple(PREFIX + name.upper() for name in ("config", *SETTINGS))
"""Every variable there is; lists and mappings are given as YAML."""


def load(path: str | None = None, environment: Mapping[str, str] | None = None) -> Config:
    """Read the file (or the one PROMPT_CACHE_CONFIG names), then the environment over it. Raises ConfigError."""
    environment = os.environ if environment is None else environment
    path = path or environment.get(PREFIX + "CONFIG") or None
    settings = _read(path) if path else {}
    origins = dict.fromkeys(settings, path or "")
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable == PREFIX + "CONFIG":
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in SETTINGS:
            close = difflib.get_close_matches(name, SETTINGS, 1)
            hint = f"did you mean {PREFIX}{close[0].upper()}?" if close else "see config.example.yaml for all there are"
            raise ConfigError(f"{variable} is not a setting; {hint}")
        if value == "":
            continue
        for other in (f"{name}_file", name.removesuffix("_file")):
            if other != name and origins.get(other) == path:  # of the file, over which the environment goes
                settings.pop(other, None)
        settings[name] = _scalar(variable, name, value)
        origins[name] = variable
    try:
        config = convert(settings, Config)
    except Invalid as invalid:
        raise ConfigError(
            "\n".join(_located(fault.loc, fault.msg, origins, path) for fault in invalid.faults)
        ) from None
    try:
        return _checked(_with_secrets(config))
    except ConfigError as error:
        origin = origins.get(re.split("[.:]", str(error), maxsplit=1)[0], path)
        raise ConfigError(f"{origin}: {error}" if origin else str(error)) from None


def _read(path: str) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" near line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}: not valid YAML{line}") from None
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise ConfigError(f"{path}: must be a mapping of settings, such as `store: sqlite:///prompt-cache.db`")
    return settings


_TEXT_SETTINGS = {"listen", "store", "store_prefix", "secret", "secret_file", "token", "token_file"}


def _scalar(variable: str, name: str, value: str) -> Any:
    if name in _TEXT_SETTINGS:
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        raise ConfigError(f"{variable}: not valid YAML") from None


def _located(loc: tuple[str | int, ...], msg: str, origins: Mapping[str, str], path: str | None) -> str:
    where = origins.get(str(loc[0])) if loc else path
    return f"{where or path or 'settings'}: {'.'.join(map(str, loc))}: {msg}"


def _with_secrets(config: Config) -> Config:
    found: dict[str, Any] = {}
    for name in ("secret", "token"):
        found[name] = _secret(name, getattr(config, name), getattr(config, f"{name}_file"))
    tokens = [
        msgspec.structs.replace(token, token=_secret(f"tokens.{at}.token", token.token, token.token_file))
        for at, token in enumerate(config.tokens)
    ]
    return msgspec.structs.replace(config, **found, tokens=tokens)


def _secret(name: str, value: str | None, file: str | None) -> str | None:
    if value is not None and file is not None:
        raise ConfigError(f"{name}: give `{name}` or `{name}_file`, not both")
    if file is not None:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name}_file: {file} cannot be read: {error}") from None
    if value is not None and not value:
        raise ConfigError(f"{name}: is empty; remove it or give it a value")
    return value


def _checked(config: Config) -> Config:
    host, _ = config.address
    if not _is_loopback(host) and not config.token and not config.tokens:
        raise ConfigError(
            f"listen: {config.listen} is reachable from other machines, so a token is needed: "
            f"set PROMPT_CACHE_TOKEN (or token_file), or listen on 127.0.0.1"
        )
    values = [config.token, *(token.token for token in config.tokens)]
    for at, token in enumerate(config.tokens):
        if not token.token:
            raise ConfigError(f"tokens.{at}: give `token` or `token_file`")
        if values.count(token.token) > 1:
            raise ConfigError(f"tokens.{at}: another token has the same value")
    for name, pattern in config.masks.items():
        try:
            re.compile(pattern)
        except re.error as error:
            raise ConfigError(f"masks.{name}: not a regular expression: {error}") from None
    for name in ("store_timeout", "sweep_every"):
        _check_duration(name, getattr(config, name))
    normalizers = Normalizers(config.masks)
    for place, settings in (("defaults", config.defaults), *config.namespaces.items()):
        where = place if place == "defaults" else f"namespaces.{place}"
        try:
            if settings.normalize is not UNSET:
                normalizers[settings.normalize]
        except ValueError as error:
            raise ConfigError(f"{where}.normalize: {error}") from None
        for path in settings.ignore or ():
            if len(path.split(".")) < 2 or path.split(".")[0] not in (
                "params",
                "attributes",
                "system",
                "tools",
                "messages",
            ):
                raise ConfigError(f"{where}.ignore: {path!r} is not a path such as params.seed or tools.*.description")
        for at, rule in enumerate(settings.models or ()):
            _check_life(f"{where}.models.{at}.ttl", rule.ttl, config)
        _check_life(f"{where}.ttl", settings.ttl, config)
        for name in ("max_ttl", "keep_stale"):
            _check_duration(f"{where}.{name}", getattr(settings, name))
    return config


def _check_life(where: str, ttl: float | str | UnsetType | None, config: Config) -> None:
    if ttl is None and not config.never_expires:
        raise ConfigError(f"{where}: null is for ever; allow that by `never_expires: true`, or give a duration")
    _check_duration(where, ttl)


def _check_duration(where: str, duration: float | str | UnsetType | None) -> None:
    try:
        if duration is not None and duration is not UNSET:
            seconds(duration)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None


def _rules(settings: NamespaceSettings, defaults: NamespaceSettings) -> NamespaceRules:
    def pick(name: str, fallback: Any) -> Any:
        own, default = getattr(settings, name), getattr(defaults, name)
        return own if own is not UNSET else default if default is not UNSET else fallback

    def life(value: float | str | None) -> float | None:
        return None if value is None else seconds(value)

    normalize = pick("normalize", "whitespace")
    max_bytes = pick("max_bytes", None)
    return NamespaceRules(
        lifetime=Lifetime(
            ttl=life(pick("ttl", 86400.0)),
            rules=tuple(TtlRule(rule.model, life(rule.ttl)) for rule in pick("models", ())),
            max_ttl=life(pick("max_ttl", None)),
            jitter=pick("jitter", 0.0),
        ),
        normalize=normalize if isinstance(normalize, str) else tuple(normalize),
        ignore=tuple(tuple(path.split(".")) for path in pick("ignore", ())),
        bounds=Bounds(pick("max_entries", None), None if max_bytes is None else size(max_bytes)),
        keep_stale=seconds(pick("keep_stale", 86400.0)),
    )


def size(value: int | str) -> int:
    """Bytes of a size."""
    if isinstance(value, int):
        return value
    number = value.rstrip("BKMGT")
    return int(float(number) * _UNITS[value[len(number) :]])


def _address(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536 or not host:
        raise ConfigError(f"listen: {listen!r} is not host:port, such as 127.0.0.1:8787")
    return host.strip("[]"), int(port)


def _without_secrets(url: str) -> str:
    url = re.sub(r"([?&][^=&]*(?:pass|secret)[^=&]*=)[^&]*", r"\1(set)", url, flags=re.IGNORECASE)
    return re.sub(r"(://[^/?#@:]*):.*@", r"\1:(set)@", url)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
