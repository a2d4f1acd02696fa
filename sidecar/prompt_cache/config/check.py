"""What no type can say of settings: whether they can be meant, alone and together."""

from msgspec import UNSET, UnsetType

from ..cassettes.scrub import scrubber
from ..keying.masks import mask
from ..keying.normalize import Normalizers
from ..plugins import plugin_names
from ..semantic.embedders.base import GROUP
from ..semantic.guards.names import GUARDS
from ..semantic.partition import BLINDING
from ..values.durations import seconds
from .budgets import budgets
from .errors import ConfigError
from .schema import Config, NamespaceSettings
from .upstreams import check_url, upstreams

_ROOTS = ("params", "attributes", "system", "tools", "messages")
"""Fields of a request, parts of which may be ignored."""


def check(config: Config) -> None:
    """Raises ConfigError that begins with the name of the setting that cannot be meant."""
    _check_address(config)
    _check_tokens(config)
    _check_masks(config)
    upstreams(config)
    _check_money(config)
    budgets(config)
    _check_models(config)
    if config.otel:
        check_url("otel", config.otel.endpoint, "endpoint", "name it in `headers` or `headers_file`")
    for name in ("store_timeout", "sweep_every", "body_timeout", "stats_retention"):
        _check_duration(name, getattr(config, name))
    for where, settings in (
        ("defaults", config.defaults),
        *((f"namespaces.{pattern}", settings) for pattern, settings in config.namespaces.items()),
    ):
        _check_namespace(where, settings, config)


def _check_address(config: Config) -> None:
    if config.is_reachable and not config.token and not config.tokens:
        raise ConfigError(
            f"listen: {config.listen} is reachable from other machines, so a token is needed: "
            f"set PROMPT_CACHE_TOKEN (or token_file), or listen on 127.0.0.1"
        )


def _check_tokens(config: Config) -> None:
    values = [config.token, *(token.token for token in config.tokens)]
    for at, token in enumerate(config.tokens):
        if not token.token:
            raise ConfigError(f"tokens.{at}: give `token` or `token_file`")
        if values.count(token.token) > 1:
            raise ConfigError(f"tokens.{at}: another token has the same value; give each caller its own")


def _check_masks(config: Config) -> None:
    for name, pattern in config.masks.items():
        try:
            mask(name, pattern)
        except ValueError as error:
            raise ConfigError(f"masks.{name}: {error}") from None


def _check_money(config: Config) -> None:
    for pattern, given in config.prices.items():
        if fault := given.fault:
            raise ConfigError(f"prices.{pattern}: {fault}")
    if fault := config.currency.fault:
        raise ConfigError(f"currency.{fault}")


def _check_namespace(where: str, settings: NamespaceSettings, config: Config) -> None:
    try:
        if settings.normalize is not UNSET:
            Normalizers(config.masks)[settings.normalize]
    except ValueError as error:
        raise ConfigError(f"{where}.normalize: {error}") from None
    for path in settings.ignore or ():
        root, dot, _ = path.partition(".")
        if not dot or root not in _ROOTS:
            raise ConfigError(f"{where}.ignore: {path!r} is not a path such as params.seed or tools.*.description")
    _check_recording(where, settings, config)
    _check_semantic(where, settings, config)
    for at, rule in enumerate(settings.models or ()):
        _check_life(f"{where}.models.{at}.ttl", rule.ttl, config)
    _check_life(f"{where}.ttl", settings.ttl, config)
    for name in ("max_ttl", "keep_stale"):
        _check_duration(f"{where}.{name}", getattr(settings, name))


def _check_models(config: Config) -> None:
    """Those that embed and verify."""
    for name, model in (("embedder", config.embedder), ("verifier", config.verifier)):
        if model is None:
            continue
        if isinstance(model, str):
            names = ["local", *plugin_names(GROUP)]
            if model.partition(":")[0] not in names:
                raise ConfigError(
                    f"{name}: {model!r} is none that is known: give {' or '.join(f'`{each}`' for each in names)}, "
                    "`local:` and the folder of a model, or a mapping with the `url` and `model` of a server"
                )
            continue
        check_url(name, model.url)
        _check_duration(f"{name}.timeout", model.timeout)


def _check_semantic(where: str, settings: NamespaceSettings, config: Config) -> None:
    for name in settings.guards or ():
        if name not in GUARDS:
            raise ConfigError(f"{where}.guards: there is no guard {name!r}; there are {', '.join(GUARDS)}")
    if settings.verify and config.verifier is None:
        raise ConfigError(f"{where}.verify: needs a model to ask: give its `url` and `model` in `verifier`")
    match = config.defaults.match if settings.match is UNSET else settings.match
    if match != "semantic":
        return
    if config.embedder is None:
        raise ConfigError(
            f"{where}.match: `semantic` needs an embedder: set `embedder: local`, or its `url` and `model`"
        )
    normalize = config.defaults.normalize if settings.normalize is UNSET else settings.normalize
    if normalize is not UNSET and not BLINDING.isdisjoint(Normalizers(config.masks)[normalize].steps):
        raise ConfigError(
            f"{where}.match: `semantic` compares what was written, of which `normalize` takes capitals or marks away: "
            "set `normalize: whitespace`, or match `exact`"
        )
    if not config.keeps_prompts:
        raise ConfigError(
            f"{where}.match: `semantic` compares what was asked, and with a `secret` prompts are not kept: "
            "set `store_prompts: true`, or match `exact`"
        )


def _check_recording(where: str, settings: NamespaceSettings, config: Config) -> None:
    try:
        scrubber(settings.scrub or ())
    except ValueError as error:
        raise ConfigError(f"{where}.scrub: {error}") from None
    mode = settings.mode or config.defaults.mode
    if mode in (UNSET, "cache"):
        return
    cassette = config.defaults.cassette if settings.cassette is UNSET else settings.cassette
    if not cassette:
        raise ConfigError(f"{where}.mode: `{mode}` needs a file: name it in `cassette`")
    if mode == "record" and not config.keeps_prompts:
        raise ConfigError(
            f"{where}.mode: `record` writes prompts to a file, and with a `secret` prompts are not kept: "
            "set `store_prompts: true`, or record without the secret"
        )


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
