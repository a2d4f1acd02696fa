"""From settings to the rules of each namespace."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from ..core.rules import Lifetime, NamespaceRules, ProxyRules, Recording, Rules, SemanticRules, TtlRule
from ..semantic.guards.names import GUARDS
from ..stores.base import Bounds
from ..values.durations import seconds
from ..values.sizes import size
from .schema import Config, NamespaceSettings


def rules(config: Config) -> Rules:
    """The rules of each namespace: what is left out in its settings is the default's."""
    patterns = {name: _rules(settings, config.defaults) for name, settings in config.namespaces.items()}
    return Rules(_rules(config.defaults, NamespaceSettings()), patterns)


def _rules(settings: NamespaceSettings, defaults: NamespaceSettings) -> NamespaceRules:
    def given(**converters: Callable[[Any], Any]) -> dict[str, Any]:
        """What is set, converted; what is not is left to the rules' own defaults."""
        found: dict[str, Any] = {}
        for name, convert in converters.items():
            own, default = getattr(settings, name), getattr(defaults, name)
            value = default if own is UNSET else own
            if value is not UNSET:
                found[name] = convert(value)
        return found

    lifetime = given(ttl=_life, max_ttl=_life, jitter=float)
    if models := given(models=_model_rules):
        lifetime["rules"] = models["models"]
    recorded = given(mode=str, cassette=lambda path: path, scrub=tuple)
    recording = None
    proxy = _proxy(given)
    if (mode := recorded.get("mode", "cache")) != "cache":
        recording = Recording(mode=mode, path=recorded["cassette"], scrub=recorded.get("scrub", ()))
        proxy |= {"shared": True, "bypass": False, "cache_tool_calls": True, "by_name": True}
        proxy["passes"] = mode == "record"
    return NamespaceRules(
        lifetime=Lifetime(**lifetime),
        bounds=Bounds(**given(max_entries=lambda entries: entries, max_bytes=_bytes)),
        proxy=ProxyRules(**proxy),
        recording=recording,
        semantic=_semantic(given),
        **given(normalize=_steps, mask_system=bool, ignore=_paths, keep_stale=seconds),
    )


def _proxy(given: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    found = given(
        shared=bool,
        bypass=bool,
        cache_tool_calls=bool,
        finish_after_disconnect=bool,
        usage_on_hit=str,
        replay=lambda pace: None if pace == "instant" else float(pace),
    )
    if "usage_on_hit" in found:
        found["zero_usage"] = found.pop("usage_on_hit") == "zero"
    if "replay" in found:
        found["tokens_per_second"] = found.pop("replay")
    return found


def _semantic(given: Callable[..., dict[str, Any]]) -> SemanticRules:
    def as_it_is(value: Any) -> Any:
        return value

    found = given(
        match=lambda match: match == "semantic",
        threshold=as_it_is,
        guards=lambda on: tuple(name for name in GUARDS if on.get(name, True)),
        shadow=bool,
        verify=lambda verify: "sync" if verify == "sync" else "later" if verify else None,
        verify_from=as_it_is,
        max_error=as_it_is,
    )
    return SemanticRules(**found)


def _life(ttl: float | str | None) -> float | None:
    return None if ttl is None else seconds(ttl)


def _model_rules(models: Any) -> tuple[TtlRule, ...]:
    return tuple(TtlRule(rule.model, _life(rule.ttl)) for rule in models)


def _bytes(value: int | str | None) -> int | None:
    return None if value is None else size(value)


def _steps(normalize: str | list[str]) -> str | tuple[str, ...]:
    return normalize if isinstance(normalize, str) else tuple(normalize)


def _paths(paths: list[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(path.split(".")) for path in paths)
