"""How an answer becomes JSON and comes back: a hit is of the same type as its miss, and equal to it."""

import math
import typing
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, Protocol

_CLASSES = (str, int, float, bool, list, dict)


class NotCacheable(Exception):
    """What cannot be kept, or not be given back as it was; the message never quotes it."""


class Unwanted(NotCacheable):
    """What is not to be kept, on purpose: nobody needs to be told."""


class Form(Protocol):
    """One way to and from JSON."""

    def to_json(self, answer: Any) -> Any:
        """Raises NotCacheable when it would not come back as it is."""

    def of_json(self, data: Any) -> Any:
        """Raises NotCacheable about what was no such answer."""


class _Plain:
    """An answer that is JSON by itself, of one class if it is known."""

    def __init__(self, expected: type | None) -> None:
        self._expected = expected

    def to_json(self, answer: Any) -> Any:
        require_json(answer)
        return self.of_json(answer)

    def of_json(self, data: Any) -> Any:
        expected = self._expected
        if expected and type(data) is not expected and not (expected is float and type(data) is int):
            raise NotCacheable(f"it is of type {type(data).__name__}, and {expected.__name__} was said")
        return data


class _Modelled:
    """An answer with pydantic models in it."""

    def __init__(self, returns: Any) -> None:
        from pydantic import TypeAdapter

        self._adapter = TypeAdapter(returns)
        self._name = getattr(returns, "__name__", str(returns))

    def to_json(self, answer: Any) -> Any:
        try:
            data = self._adapter.dump_python(answer, mode="json", by_alias=True, warnings=False)
        except Exception as error:
            raise NotCacheable(f"it is no {self._name}: {type(error).__name__}") from None
        require_json(data)
        back = self.of_json(data)
        try:
            same = _same(back, answer)
        except Exception:  # what is in it cannot be compared
            same = False
        if not same:
            raise NotCacheable(f"{type(answer).__name__} does not come back from JSON as it was")
        return data

    def of_json(self, data: Any) -> Any:
        try:
            return self._adapter.validate_python(data)
        except Exception as error:  # its message would quote the answer
            raise NotCacheable(f"what is stored is no {self._name}: {type(error).__name__}") from None


def form_of(returns: Any) -> Form:
    """The form of answers of that type, as an annotation has it; None where it is not known."""
    try:
        return _form_of(returns)
    except TypeError:  # no hash, as with some that are annotated
        return _form_of.__wrapped__(returns)


@lru_cache(maxsize=256)
def _form_of(returns: Any) -> Form:
    if _has_model(returns):
        return _Modelled(returns)
    bare = typing.get_origin(returns) or returns
    return _Plain(bare if bare in _CLASSES else None)


def returned_by(call: Callable[..., Any]) -> Any:
    """The type that a function says it returns; None where it says nothing that can be understood."""
    while isinstance(call, partial):
        call = call.func
    try:
        return typing.get_type_hints(call).get("return")
    except Exception:  # a name that is not known here
        return None


def require_json(value: Any) -> None:
    """Raises NotCacheable about what would come back as something else, such as a tuple or a number as a name."""
    try:
        found = _not_json(value)
    except RecursionError:
        found = "what is nested too deeply"
    if found:
        raise NotCacheable(f"{found} is not JSON; return JSON, or say its pydantic model: returns=")


def _not_json(value: Any) -> str | None:
    kind = type(value)
    if kind in (str, int, bool, type(None)) or (kind is float and math.isfinite(value)):
        return None
    if kind is list:
        return _first(map(_not_json, value))
    if kind is dict:
        if any(type(name) is not str for name in value):
            return "a mapping whose names are not texts"
        return _first(map(_not_json, value.values()))
    return str(value) if kind is float else f"an answer of type {kind.__name__}"


def _first(found: Iterable[str | None]) -> str | None:
    return next((each for each in found if each), None)


def _has_model(returns: Any) -> bool:
    if hasattr(returns, "__pydantic_validator__"):
        return True
    return any(_has_model(each) for each in typing.get_args(returns))


def _same(one: Any, other: Any) -> bool:
    """Equal and of one type. What an SDK notes on a model, such as the id of a request, does not count to pydantic."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return bool(one == other)
