"""A function as something to cache: which request a call of it is."""

import hashlib
import inspect
import os
import sys
from collections.abc import Callable, Collection, Mapping
from types import CodeType
from typing import Any

from .answers import NotCacheable
from .arguments import argument_text

PROMPTS = ("prompt", "messages", "request", "question")
"""The names by which the prompt is known among the arguments."""
_FIELDS = ("model", "system")
"""Arguments that are fields of the request by their names."""
_SELF = ("self", "cls")
_CONSTANTS = (str, int, float, bool)


class CachedFunction:
    """Makes a request of each call: the prompt, the function's name and code, and every other argument."""

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        prompt: str | None,
        ignore: Collection[str],
        instance: Callable[[Any], Any] | None,
        fields: Mapping[str, Any],
    ) -> None:
        """Raises TypeError about a function that cannot be understood."""
        if not inspect.isfunction(function):
            raise TypeError(f"cached: {function!r} is no function; put @cached next to `def`, below other decorators")
        self._signature = inspect.signature(function)
        self._prompts = (prompt,) if prompt else tuple(name for name in PROMPTS if name in self._signature.parameters)
        self._ignore = frozenset(ignore)
        self._fields = dict(fields)
        self.name = _name_of(function)
        self._constants = _constants_of(function) | {"<code>": _digest(function.__code__)}
        first = next(iter(self._signature.parameters), None)
        self._self = first if first in _SELF else None
        self._instance = instance
        self._check(function.__qualname__)

    def _check(self, name: str) -> None:
        known = self._signature.parameters
        if not self._prompts:
            raise TypeError(f"cached: {name} has no argument {', '.join(PROMPTS)}; name the one: prompt=...")
        for each in (*self._prompts, *self._ignore):
            if each not in known:
                raise TypeError(f"cached: {name} has no argument {each!r}")
        if self._instance and not self._self:
            raise TypeError(f"cached: {name} is no method, so instance= says nothing")

    def request(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the request. Raises TypeError as the call would, NotCacheable about its arguments."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        arguments = dict(bound.arguments)
        name = next((each for each in self._prompts if arguments[each] is not None), self._prompts[0])
        fields = {**self._fields, **_asked(name, arguments.pop(name))}
        for each in _FIELDS:
            if isinstance(arguments.get(each), str):
                fields[each] = arguments.pop(each)
        if self._self:
            instance = arguments.pop(self._self)
            if self._instance:
                arguments[self._self] = self._instance(instance)
        fields["attributes"] = {"function": self.name, **(fields.get("attributes") or {})}
        shaping = {each: value for each, value in arguments.items() if each not in self._ignore} | self._constants
        fields["params"] = {**(fields.get("params") or {}), "arguments": _text(shaping)}
        return fields


def _text(arguments: Mapping[str, Any]) -> str:
    texts = []
    for name, value in sorted(arguments.items()):
        try:
            texts.append(f"{name}={argument_text(value)}")
        except NotCacheable as error:
            raise NotCacheable(f"the argument {name}: {error}; leave it out of the key by ignore=") from None
    return ",".join(texts)


def _asked(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"prompt": value}
    if isinstance(value, list | tuple):
        return {"messages": list(value)}
    if isinstance(value, Mapping) and not {"prompt", "messages"}.isdisjoint(value):
        return dict(value)
    raise NotCacheable(f"the argument {name} is neither text, nor messages, nor a request")


def _name_of(function: Callable[..., Any]) -> str:
    """Its module and name; a script's by its file, since every script is `__main__`."""
    module = function.__module__
    if module == "__main__":
        module = os.path.abspath(getattr(sys.modules[module], "__file__", None) or os.getcwd())  # noqa: PTH100, PTH109
    return f"{module}.{function.__qualname__}"


def _digest(code: CodeType) -> str:
    """Of what a function does, line numbers apart: rewritten it is another, and so is one of that name elsewhere."""
    return hashlib.sha256(repr(_parts(code)).encode()).hexdigest()[:16]


def _parts(code: CodeType) -> list[Any]:
    constants = [
        _parts(each) if isinstance(each, CodeType) else sorted(map(repr, each)) if type(each) is frozenset else each
        for each in code.co_consts
    ]
    return [code.co_code, code.co_names, constants]


def _constants_of(function: Callable[..., Any]) -> dict[str, Any]:
    """What a function of a function was made with: two of one name are two, where a plain value tells them apart."""
    found: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:  # not there yet
            continue
        if type(value) in _CONSTANTS:
            found[f"<{name}>"] = value
    return found
