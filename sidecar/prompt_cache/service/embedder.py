"""From settings to what embeds."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec

from msgspec import UNSET

from ..config import Config, ConfigError
from ..config.schema import EmbedderSettings
from ..plugins import load_plugin
from ..semantic.embedders.base import GROUP, Embedder
from ..semantic.embedders.cached import CachedEmbedder
from ..semantic.embedders.local import LocalEmbedder, private_folder
from ..semantic.embedders.models import ModelFolder, find_model, threshold_of
from ..semantic.embedders.resting import RestingEmbedder
from ..values.durations import seconds

_SEMANTIC = ("numpy", "rapidfuzz", "wordfreq", "text_to_num")
_EXTRAS = {"semantic": _SEMANTIC, "local": (*_SEMANTIC, "ctranslate2", "tokenizers", "safetensors")}
"""By extra of the distribution: what it brings."""


def open_embedder(config: Config, report: Callable[[str, str], None], *, patience: float = 0.0) -> Embedder | None:
    """What the settings name, or None: it knows texts it was asked lately, and is left alone for a while when it fails.

    `report` is told `embedder_unavailable` and the cause; `patience` is how many seconds a call waits for a local
    model to be loaded. Raises ConfigError.
    """
    settings = config.embedder
    if settings is None:
        return None
    if not isinstance(settings, str):
        embedder = _remote(settings)
    else:
        embedder = _local(config, settings, patience) if _is_ours(settings) else _theirs(settings)
    return CachedEmbedder(RestingEmbedder(embedder, report))


def check_embedder(config: Config) -> str | None:
    """Which one it is, in words for people, without asking it; None where there is none. Raises ConfigError."""
    settings = config.embedder
    if settings is None:
        return None
    if isinstance(settings, str) and not _is_ours(settings):
        theirs = _theirs(settings)
        name, threshold, told = theirs.name, theirs.threshold, theirs.name
        theirs.close()
    elif isinstance(settings, str):
        model = _folder(settings)
        name, threshold, told = model.name, threshold_of(model.name), f"{model.name} on this machine"
    else:
        _require("semantic")
        name, threshold = settings.model, _threshold(settings)
        told = f"{settings.model} at {settings.url}"
    wanting = [where for where, own in _semantic(config) if own is None]
    if threshold is None and wanting:
        where = wanting[0]
        own = "" if isinstance(settings, str) else "`embedder.threshold`, or "
        raise ConfigError(
            f"{where}.threshold: is needed, since {name} was not measured; set {own}`{where}.threshold` "
            "to the similarity from which on questions are compared, such as 0.7; `prompt-cache calibrate` finds it"
        )
    return told


def _semantic(config: Config) -> Iterator[tuple[str, float | None]]:
    """Where semantic matching is on, and the threshold that is given there."""
    defaults = config.defaults
    named = ((f"namespaces.{name}", settings) for name, settings in config.namespaces.items())
    for where, each in (("defaults", defaults), *named):
        match = defaults.match if each.match is UNSET else each.match
        threshold = defaults.threshold if each.threshold is UNSET else each.threshold
        if match == "semantic":
            yield where, None if threshold is UNSET else threshold


def _is_ours(settings: str) -> bool:
    return settings.partition(":")[0] == "local"


def _theirs(settings: str) -> Embedder:
    """One that another distribution brings."""
    _require("semantic")
    name, _, setting = settings.partition(":")
    try:
        plugin = load_plugin(GROUP, name, Embedder)  # type: ignore[type-abstract]
        if plugin is None:
            raise ConfigError(f"embedder: no distribution that is installed brings {name!r}")
        return plugin.from_setting(setting)
    except ValueError as error:
        raise ConfigError(f"embedder: {error}") from None


def _local(config: Config, settings: str, patience: float) -> Embedder:
    embedder = LocalEmbedder(_folder(settings), patience=patience)
    if any(_semantic(config)):  # where a call alone may ask for it, the first that does has it started
        embedder.begin()
    return embedder


def _folder(settings: str) -> ModelFolder:
    _require("local")
    try:
        private_folder()  # where its process will be met
        return find_model(settings.partition(":")[2])
    except (OSError, ValueError) as error:
        raise ConfigError(f"embedder: {error}") from None


def _remote(settings: EmbedderSettings) -> Embedder:
    _require("semantic")
    from ..semantic.embedders.http import HttpEmbedder

    try:
        return HttpEmbedder(
            settings.url,
            settings.model,
            key=settings.key,
            timeout=seconds(settings.timeout),
            dimensions=settings.dimensions,
            threshold=_threshold(settings),
        )
    except ValueError as error:
        raise ConfigError(f"embedder.key: {error}") from None


def _threshold(settings: EmbedderSettings) -> float | None:
    return threshold_of(settings.model) if settings.threshold is None else settings.threshold


def _require(extra: str) -> None:
    missing = [module for module in _EXTRAS[extra] if find_spec(module) is None]
    if missing:
        raise ConfigError(
            f"embedder: needs what is not installed ({', '.join(missing)}): pip install 'prompt-cache-sidecar[{extra}]'"
        )
