"""What other distributions bring: found by entry point, loaded when it is asked for."""

from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

T = TypeVar("T")


class BrokenPlugin(ValueError):
    """Something that a distribution brings cannot be used; the message names both."""


def plugin_names(group: str) -> list[str]:
    """What there is in a group such as `prompt_cache.stores`, by name."""
    return sorted({each.name for each in entry_points(group=group)})


def load_plugin(group: str, name: str, kind: type[T]) -> type[T] | None:
    """The class of that name in a group, None where nobody brings one. Raises BrokenPlugin."""
    found = _points(group, name)
    if not found:
        return None
    if len({each.value for each in found}) > 1:
        raise BrokenPlugin(
            f"{name} is brought by several: {', '.join(map(_distribution, found))}; uninstall all but one"
        )
    title = plugin_title(group, name)
    try:
        loaded = found[0].load()
    except Exception as error:
        raise BrokenPlugin(f"{title} cannot be loaded: {type(error).__name__}: {error}") from error
    if not (isinstance(loaded, type) and issubclass(loaded, kind)):
        raise BrokenPlugin(f"{title} is not a {kind.__name__}: {found[0].value} must be a subclass of it")
    missing: frozenset[str] = getattr(loaded, "__abstractmethods__", frozenset())
    if missing:
        raise BrokenPlugin(
            f"{title} is not a whole {kind.__name__}: {found[0].value} lacks {', '.join(sorted(missing))}"
        )
    return loaded


def plugin_title(group: str, name: str) -> str:
    """What people know it by: `tiny of prompt-cache-tiny`."""
    return f"{name} of {' and '.join(dict.fromkeys(map(_distribution, _points(group, name))))}"


def _points(group: str, name: str) -> list[EntryPoint]:
    return [each for each in entry_points(group=group) if each.name == name]


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value
