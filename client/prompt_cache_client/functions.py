"""A function as something to cache: which request a call of it is."""

import hashlib
import inspect
import os
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodDescriptorType, MethodType
from typing import Any

from .answers import NotCacheable
from .arguments import argument_text, attributes_of, class_name

PROMPTS = ("prompt", "messages", "request", "question")
"""The names by which the prompt is known among the arguments."""
_FIELDS = ("model", "system")
"""Arguments that are fields of the request by their names."""
_SELF = ("self", "cls")


class CachedFunction:
    """Makes a request of each call: the prompt, the function's name, and every other argument."""

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
        self._made = _made(function)
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
        try:
            return self._request(dict(bound.arguments))
        except NotCacheable:
            raise
        except Exception as error:  # of a class of the caller's, or of what another thread changes meanwhile
            raise NotCacheable(f"its arguments cannot be read: {type(error).__name__}") from None

    def _request(self, arguments: dict[str, Any]) -> dict[str, Any]:
        name = next((each for each in self._prompts if arguments[each] is not None), self._prompts[0])
        asked = _asked(name, arguments.pop(name))
        fields = {**self._fields, **asked}
        for each in _FIELDS:
            if each not in asked and each not in self._ignore and isinstance(arguments.get(each), str):
                fields[each] = arguments.pop(each)
        shaping = dict(self._made)
        if self._self and self._self not in self._ignore:
            instance = arguments.pop(self._self)
            told = _argument(self._self, self._instance(instance)) if self._instance else _holding(instance)
            shaping[self._self] = told
        shaping |= {each: _argument(each, value) for each, value in arguments.items() if each not in self._ignore}
        params, attributes = _mapping(fields, "params"), _mapping(fields, "attributes")
        if "arguments" in params:
            shaping["<arguments>"] = _argument("params", params["arguments"])
        fields["attributes"] = {"function": self.name, **attributes}
        if shaping:
            text = ",".join(f"{each}={value}" for each, value in sorted(shaping.items()))
            fields["params"] = {**params, "arguments": text}
        return fields


def _argument(name: str, value: Any) -> str:
    try:
        return argument_text(value, name)
    except NotCacheable as error:
        raise NotCacheable(f"the argument {name}: {error}; leave it out of the key by ignore=") from None


def _mapping(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if not isinstance(value, Mapping | None):
        raise NotCacheable(f"{name} is no mapping")
    return value or {}


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


def _made(function: Callable[..., Any], seen: frozenset[int] = frozenset()) -> dict[str, str]:
    """What tells a function from another of its name: its code, and what it was made with."""
    found = {"<code>": _digest(function.__code__)}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:  # not there yet
            continue
        found[f"<{name}>"] = _known(value, name, seen | {id(function)})
    return found


def _known(value: Any, name: str = "", seen: frozenset[int] = frozenset()) -> str:
    """A value as such; a function by its name and what it was made with; any other object by its class.

    `seen` are those that it is found in.
    """
    try:
        return argument_text(value, name)
    except NotCacheable:
        pass
    if id(value) in seen:
        return class_name(type(value))
    seen |= {id(value)}
    match value:
        case partial():
            given = [*value.args, *(item for pair in sorted(value.keywords.items()) for item in pair)]
            return f"partial({','.join(_known(each, '', seen) for each in (value.func, *given))})"
        case MethodType():
            return f"{_known(value.__func__, '', seen)} of {_holding(value.__self__, seen)}"
        case FunctionType():
            made = ",".join(f"{each}={text}" for each, text in _made(value, seen).items())
            return f"function {_name_of(value)}({made})"
        case BuiltinFunctionType() | MethodDescriptorType():
            return f"function {value.__qualname__} of {_known(getattr(value, '__self__', None), '', seen)}"
    return class_name(type(value))


def _holding(instance: Any, seen: frozenset[int] = frozenset()) -> str:
    """An instance, or a class, by what it is and the values that it holds."""
    try:
        return argument_text(instance)
    except NotCacheable:
        if isinstance(instance, type) or id(instance) in seen:
            return class_name(instance if isinstance(instance, type) else type(instance))
    seen |= {id(instance)}
    held = (f"{name}={_known(value, name, seen)}" for name, value in sorted(attributes_of(instance).items()))
    return f"{class_name(type(instance))}({','.join(held)})"


def _digest(code: CodeType) -> str:
    """Of what a function does, line numbers apart: rewritten it is another, and so is one of that name elsewhere."""
    return hashlib.sha256(repr(_parts(code)).encode(errors="replace")).hexdigest()[:16]


def _parts(code: CodeType) -> list[Any]:
    constants = [
        _parts(each) if isinstance(each, CodeType) else sorted(map(repr, each)) if type(each) is frozenset else each
        for each in code.co_consts
    ]
    return [code.co_code, code.co_names, constants]
