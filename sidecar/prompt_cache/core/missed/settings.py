"""What to write into the configuration, as YAML to be put beside what is there."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ...values.names import UNSEEN
from ..rules import Rules

_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def mask_yaml(rules: Rules, namespace: str, masks: Mapping[str, str], steps: Sequence[str], *, system: bool) -> str:
    """Masks, and that a namespace normalizes with them."""
    settings: dict[str, Any] = {"normalize": list(steps)}
    if system:
        settings["mask_system"] = True
    return _written({"masks": dict(masks)} if masks else {}, {rules.section_of(namespace): settings})


def ttl_yaml(rules: Rules, namespace: str, rule: int | None, life: float) -> str:
    """How long answers live, in general or by one of the namespace's rules for models."""
    lifetime, settings = rules[namespace].lifetime, dict[str, Any]()
    if rule is None:
        settings["ttl"] = duration(life)
    else:
        settings["models"] = [
            {"model": each.model, "ttl": duration(life if at == rule else each.ttl)}
            for at, each in enumerate(lifetime.rules)
        ]
    if lifetime.max_ttl is not None and lifetime.max_ttl < life:
        settings["max_ttl"] = duration(life)
    return _written({}, {rules.section_of(namespace): settings})


def threshold_yaml(rules: Rules, namespace: str, threshold: float) -> str:
    """From which similarity on questions share an answer."""
    return _written({}, {rules.section_of(namespace): {"threshold": threshold}})


def setting_yaml(rules: Rules, namespace: str, **settings: Any) -> str:
    """Any settings of a namespace."""
    return _written({}, {rules.section_of(namespace): settings})


def duration(seconds: float | None) -> str | None:
    """As people write it."""
    if seconds is None:
        return None
    unit, length = next(((unit, length) for unit, length in _UNITS if seconds % length == 0), ("s", 1))
    return f"{seconds / length:g}{unit}"


def _written(first: Mapping[str, Any], namespaces: Mapping[str, Any]) -> str:
    sections = [_dumped(first)] if first else []
    for name, settings in namespaces.items():
        lines = "".join(_dumped({setting: value}) for setting, value in settings.items())
        sections.append(f"namespaces:\n{_indented(_dumped({name: None}).replace(': null', ':') + _indented(lines))}")
    return "".join(sections)


def _indented(text: str) -> str:
    """Lines end where YAML ended them: a mask may hold what `textwrap` takes for another end."""
    return re.sub(r"(?m)^(?=.)", "  ", text)


def _dumped(value: Mapping[str, Any]) -> str:
    """In lines; a list in one, or each of its mappings."""
    flow = None if any(isinstance(each, list) for each in value.values()) else False

    def dumped(*, as_is: bool) -> str:
        text: str = yaml.safe_dump(
            dict(value), sort_keys=False, allow_unicode=as_is, width=10_000, default_flow_style=flow
        )
        return text

    text = dumped(as_is=True)
    return dumped(as_is=False) if UNSEEN.search(text) else text
