"""Calls and functions whose answers are cached: what `get_or_call` and `cached` are made of, for all clients."""

import functools
import inspect
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeVar, cast

from .acts import Acts, Make
from .answers import Form, NotCacheable, form_of, returned_by
from .errors import BadRequest
from .fields import CallFields, LookupFields, Request, request_fields
from .flights import LEASE, Flight, StreamForm, Terms, calling, streaming
from .functions import CachedFunction
from .performing import AsyncPerformer, Performer
from .shared import Shared

F = TypeVar("F", bound=Callable[..., Any])

_ASKED = frozenset(LookupFields.__annotations__)
_OWN = frozenset(("usage", "lease", "returns", "within_budget"))


def terms_of(request: Request | None, how: Mapping[str, Any], namespace: str | None) -> Terms:
    """What is asked and kept. Raises BadRequest, TypeError about a field that is none."""
    if unknown := set(how) - set(CallFields.__annotations__):
        raise TypeError(f"{min(unknown)!r} is none of {', '.join(sorted(CallFields.__annotations__))}")
    lease = how.get("lease", LEASE)
    lookup = {name: value for name, value in how.items() if name in _ASKED and name not in _OWN}
    keep = {name: value for name, value in how.items() if name not in _ASKED | _OWN}
    return Terms(
        lookup=request_fields(request, lookup, namespace),
        keep=keep,
        usage=how.get("usage"),
        within_budget=bool(how.get("within_budget")),
        lease=lease.total_seconds() if isinstance(lease, timedelta) else float(lease),
    )


def get_or_call(shared: Shared, request: Request, call: Callable[[], Any], how: Mapping[str, Any]) -> Acts[Any]:
    """The answer to a request: the cache's, or that of the call."""
    try:
        terms = terms_of(request, how, shared.operations.namespace)
    except BadRequest as error:
        shared.warn("a call is made without the cache", error)
        return (yield Make(call))
    form = form_of(how["returns"] if "returns" in how else returned_by(call))
    return (yield from calling(Flight(shared, terms, form), call, shared.clock))


class Cacher:
    """Makes cached functions of functions."""

    def __init__(
        self,
        shared: Shared,
        performer: Callable[[], Performer],
        async_performer: Callable[[], AsyncPerformer],
        how: Mapping[str, Any],
        *,
        prompt: str | None,
        ignore: str | Collection[str],
        instance: Callable[[Any], Any] | None,
    ) -> None:
        self._shared = shared
        self._performer = performer
        self._async_performer = async_performer
        self._how = how
        self._prompt = prompt
        self._ignore = [ignore] if isinstance(ignore, str) else ignore
        self._instance = instance
        self._fields = {name: value for name, value in how.items() if name in _ASKED and name not in _OWN}
        terms_of({"prompt": "?"}, how, None)  # what is wrong with it is said where the function is

    def __call__(self, function: F) -> F:
        """Raises TypeError about what is no function with a prompt."""
        cached = CachedFunction(
            function, prompt=self._prompt, ignore=self._ignore, instance=self._instance, fields=self._fields
        )
        returns = self._how["returns"] if "returns" in self._how else returned_by(function)
        if inspect.isasyncgenfunction(function):
            wrapper = self._async_stream(function, cached, self._item_form(returns))
        elif inspect.isgeneratorfunction(function):
            wrapper = self._stream(function, cached, self._item_form(returns))
        elif inspect.iscoroutinefunction(function):
            wrapper = self._async_call(function, cached, form_of(returns))
        else:
            wrapper = self._call(function, cached, form_of(returns))
        return cast(F, wrapper)

    def _item_form(self, returns: Any) -> Form:
        if "returns" not in self._how:
            arguments = typing.get_args(returns)
            returns = arguments[0] if arguments else None
        return form_of(returns)

    def _flight(self, cached: CachedFunction, form: Form, args: Any, kwargs: Any) -> Flight | None:
        """None where a call is to be made without the cache. Raises TypeError as the call would."""
        try:
            request = cached.request(args, kwargs)
            how = {name: value for name, value in self._how.items() if name not in self._fields}
            return Flight(self._shared, terms_of(request, how, self._shared.operations.namespace), form)
        except (NotCacheable, BadRequest) as error:
            self._shared.warn(f"{cached.name} is called without the cache", error)
            return None

    def _call(self, function: Any, cached: CachedFunction, form: Form) -> Any:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            flight = self._flight(cached, form, args, kwargs)
            if flight is None:
                return function(*args, **kwargs)
            return self._performer().run(calling(flight, lambda: function(*args, **kwargs), self._shared.clock))

        return wrapper

    def _async_call(self, function: Any, cached: CachedFunction, form: Form) -> Any:
        @functools.wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            flight = self._flight(cached, form, args, kwargs)
            if flight is None:
                return await function(*args, **kwargs)
            acts = calling(flight, lambda: function(*args, **kwargs), self._shared.clock)
            return await self._async_performer().run(acts)

        return wrapper

    def _stream(self, function: Any, cached: CachedFunction, form: Form) -> Any:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Iterator[Any]:
            flight = self._flight(cached, StreamForm(form), args, kwargs)
            if flight is None:
                yield from function(*args, **kwargs)
                return
            acts = streaming(flight, form, self._shared.clock)
            yield from self._performer().stream(acts, lambda: function(*args, **kwargs))

        return wrapper

    def _async_stream(self, function: Any, cached: CachedFunction, form: Form) -> Any:
        @functools.wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            flight = self._flight(cached, StreamForm(form), args, kwargs)
            if flight is None:
                items = function(*args, **kwargs)
            else:
                acts = streaming(flight, form, self._shared.clock)
                items = self._async_performer().stream(acts, lambda: function(*args, **kwargs))
            try:
                async for item in items:
                    yield item
            finally:
                await items.aclose()

        return wrapper
