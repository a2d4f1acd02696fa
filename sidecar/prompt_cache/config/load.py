"""Reading settings: the file, the environment over it, and the secrets that files hold."""

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ..values.validation import Invalid, convert
from .check import check
from .errors import ConfigError
from .schema import SETTINGS, BudgetSettings, Config, OtelSettings

PREFIX = "PROMPT_CACHE_"
_NO_SETTINGS = (PREFIX + "CONFIG", PREFIX + "URL")
"""The other one tells clients where the server is, and may stand in an environment that they share."""
ENVIRONMENT = tuple(PREFIX + name.upper() for name in ("config", *SETTINGS))
"""Every variable there is; lists and mappings are given as YAML."""


def load(path: str | None = None, environment: Mapping[str, str] | None = None) -> Config:
    """Read the file (or the one PROMPT_CACHE_CONFIG names), then the environment over it. Raises ConfigError."""
    environment = os.environ if environment is None else environment
    path = path or environment.get(PREFIX + "CONFIG") or None
    settings = _read(path) if path else {}
    origins = dict.fromkeys(settings, path or "")
    of_upstreams: dict[str, str] = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable in _NO_SETTINGS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if _UPSTREAM.fullmatch(variable):
            of_upstreams[variable] = value
            continue
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
    _add_upstreams(settings, of_upstreams, origins)
    return _checked(settings, origins, path)


def configured(settings: Mapping[str, Any]) -> Config:
    """The settings of a program, named as in the file; the environment has no say. Raises ConfigError."""
    return _checked(dict(settings), {}, None)


def _checked(settings: Mapping[str, Any], origins: Mapping[str, str], path: str | None) -> Config:
    try:
        config = convert(settings, Config)
    except Invalid as invalid:
        raise ConfigError(
            "\n".join(_located(fault.loc, fault.msg, origins, path) for fault in invalid.faults)
        ) from None
    try:
        config = _with_secrets(config)
        check(config)
        return config
    except ConfigError as error:
        origin = _origin(re.split("[.:]", str(error).partition(": ")[0]), origins, path)
        raise ConfigError(f"{origin}: {error}" if origin else str(error)) from None


def _read(path: str) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; name a YAML file, or none") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" near line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}: not valid YAML{line}") from None
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise ConfigError(f"{path}: must be a mapping of settings, such as `store: sqlite:///prompt-cache.db`")
    return settings


_UPSTREAM = re.compile(r"PROMPT_CACHE_UPSTREAM_(?P<name>[A-Z0-9_]+?)_(?P<field>URL|KEY|KEY_FILE|PROTOCOL|NAMESPACE)")
"""One field of one upstream, over whatever `upstreams` says of it."""
_TEXT_SETTINGS = {"listen", "store", "store_prefix", "secret", "secret_file", "token", "token_file"}


def _add_upstreams(settings: dict[str, Any], variables: Mapping[str, str], origins: dict[str, str]) -> None:
    """Put in what single variables say of upstreams. Raises ConfigError."""
    given = {variable: value for variable, value in variables.items() if value}
    upstreams = settings.get("upstreams") or {}
    if not given or not isinstance(upstreams, dict):
        return
    upstreams = settings["upstreams"] = {name: dict(each or {}) for name, each in upstreams.items()}
    for variable, value in given.items():
        named = _UPSTREAM.fullmatch(variable)
        name, field = named["name"].lower().replace("_", "-"), named["field"].lower()  # type: ignore[index]
        if field == "key_file" and variable.removesuffix("_FILE") in given:
            raise ConfigError(f"{variable}: give the key or a file that holds it, not both")
        of = upstreams.setdefault(name, {})
        for other in ("key", "key_file") if field.startswith("key") else ():
            of.pop(other, None)
        of[field] = value
        origins[f"upstreams.{name}.{field}"] = variable
        origins.setdefault(f"upstreams.{name}", variable)


def _scalar(variable: str, name: str, value: str) -> Any:
    if name in _TEXT_SETTINGS:
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        raise ConfigError(f"{variable}: not valid YAML; config.example.yaml shows how it is written") from None


def _located(loc: tuple[str | int, ...], msg: str, origins: Mapping[str, str], path: str | None) -> str:
    return f"{_origin(loc, origins, path) or path or 'settings'}: {'.'.join(map(str, loc))}: {msg}"


def _origin(loc: Sequence[str | int], origins: Mapping[str, str], path: str | None) -> str | None:
    """The file or variable that a setting comes from, or the one around it."""
    for end in range(len(loc), 0, -1):
        if origin := origins.get(".".join(map(str, loc[:end]))):
            return origin
    return path


def _with_secrets(config: Config) -> Config:
    found: dict[str, Any] = {}
    for name in ("secret", "token"):
        found[name] = _secret(name, getattr(config, name), getattr(config, f"{name}_file"))
    tokens = [
        msgspec.structs.replace(token, token=_secret(f"tokens.{at}.token", token.token, token.token_file))
        for at, token in enumerate(config.tokens)
    ]
    upstreams = {
        name: msgspec.structs.replace(each, key=_secret(f"upstreams.{name}.key", each.key, each.key_file))
        for name, each in config.upstreams.items()
    }
    for name, model in (("embedder", config.embedder), ("verifier", config.verifier)):
        if model is not None and not isinstance(model, str):
            found[name] = msgspec.structs.replace(model, key=_secret(f"{name}.key", model.key, model.key_file))
    if config.otel:
        found["otel"] = msgspec.structs.replace(config.otel, headers=_headers(config.otel))
    budgets = [_with_signature(f"budgets.{at}.webhook", budget) for at, budget in enumerate(config.budgets)]
    return msgspec.structs.replace(config, **found, tokens=tokens, upstreams=upstreams, budgets=budgets)


def _with_signature(where: str, budget: BudgetSettings) -> BudgetSettings:
    if (webhook := budget.webhook) is None:
        return budget
    secret = _secret(f"{where}.secret", webhook.secret, webhook.secret_file)
    return msgspec.structs.replace(budget, webhook=msgspec.structs.replace(webhook, secret=secret))


def _headers(otel: OtelSettings) -> dict[str, str]:
    """Those of the settings, and those of the file, a line each: `name: value`."""
    text = _secret("otel.headers", None, otel.headers_file) or ""
    found = dict(otel.headers)
    for at, line in enumerate(text.splitlines(), 1):
        name, colon, value = line.partition(":")
        if line.strip() and (not colon or not name.strip() or not value.strip()):
            raise ConfigError(f"otel.headers_file: line {at} of {otel.headers_file} is not `name: value`")
        if line.strip():
            found[name.strip()] = value.strip()
    return found


def _secret(name: str, value: str | None, file: str | None) -> str | None:
    if value is not None and file is not None:
        raise ConfigError(f"{name}: give `{name}` or `{name}_file`, not both")
    if file is not None:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            raise ConfigError(f"{name}_file: {file} cannot be read: {why}; write the {name} into it") from None
    if value is not None and not value:
        raise ConfigError(f"{name}: is empty; remove it or give it a value")
    return value
