"""Values against a JSON Schema that anybody may have written: no network, no recursion without end, bounded time.

What is not understood, and what would take too long, is taken for valid.
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import msgspec
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import create
from referencing import Registry

from .steps import Steps

Schema = dict[str, Any]
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]

_MOST_STEPS = 20_000
"""Keywords looked at, and items walked through, for one value: about a fifth of a second."""
_LONG = 50
"""Characters of a text that count as one step for a pattern."""
_LONGEST_NAME = 200
_FORMATS = FormatChecker(formats=("email", "uuid"))
_KEYWORDS = (
    *("$ref", "allOf", "anyOf", "enum", "const", "format"),
    *("properties", "minProperties", "maxProperties", "dependentRequired"),
    *("minItems", "maxItems", "prefixItems"),
    *("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)
"""Those taken as they are; of all others, what is not below is not looked at. None turns *may fit* into *does not*."""


class _TooMuch(Exception):
    """The steps are used up."""


class _Count:
    """How many steps are left for one value."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, value: Any, name: str) -> None:
        if isinstance(value, list | dict):
            self.left -= len(value)
        elif isinstance(value, str) and name == "pattern":
            self.left -= len(value) // _LONG
        self.left -= 1
        if self.left < 0:
            raise _TooMuch


_count: ContextVar[_Count] = ContextVar("steps of the value that is looked at")


def valid(schema: bytes, value: Any, steps: Steps, *, strict: bool) -> bool:
    """Whether a value fits a schema, or may fit it. `strict` takes the word of schemas that allow no other fields."""
    granted = min(_MOST_STEPS, steps.left)
    count = _Count(granted)
    before = _count.set(count)
    try:
        stated = msgspec.json.decode(schema)
        validator = _validators(strict)(stated, registry=Registry(), format_checker=_FORMATS)
        return next(validator.iter_errors(value), None) is None
    except Exception:  # what takes too many steps, points nowhere, or is no schema: the library does not look before
        return True
    finally:
        _count.reset(before)
        steps.left -= 1 + granted - max(0, count.left)


@lru_cache(maxsize=2)
def _validators(strict: bool) -> Any:
    """The class of validators that count their steps."""
    keywords: dict[str, Any] = {name: Draft202012Validator.VALIDATORS[name] for name in _KEYWORDS}
    keywords |= {
        "type": _type,
        "oneOf": Draft202012Validator.VALIDATORS["anyOf"],  # two may fit where less is looked at
        "items": _items,
        "required": _required,
        "additionalProperties": _additional_properties,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
    }

    def counted(name: str) -> Keyword:
        keyword = keywords[name]

        def check(validator: Any, stated: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
            _count.get().take(instance, name)
            if name != "additionalProperties" or stated is not False or strict:
                yield from keyword(validator, stated, instance, schema) or ()

        return check

    return create(
        meta_schema=Draft202012Validator.META_SCHEMA,
        validators={name: counted(name) for name in keywords},
        type_checker=Draft202012Validator.TYPE_CHECKER,
    )


def _type(validator: Any, stated: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """In Gemini's words too: OBJECT, and `nullable` beside it."""
    if instance is None and schema.get("nullable") is True:
        return
    kinds = [stated] if isinstance(stated, str) else stated
    yield from Draft202012Validator.VALIDATORS["type"](validator, [kind.lower() for kind in kinds], instance, schema)


def _required(_validator: Any, stated: Any, instance: Any, _schema: Schema) -> Iterator[ValidationError]:
    """Before it was a list of names it was a word beside each."""
    if isinstance(instance, dict) and isinstance(stated, list):
        for name in stated:
            if name not in instance:
                yield ValidationError(f"{name!r} is required")


def _items(validator: Any, stated: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """A list of them was a tuple before there was `prefixItems`."""
    draft = Draft7Validator if isinstance(stated, list) else Draft202012Validator
    yield from draft.VALIDATORS["items"](validator, stated, instance, schema) or ()


def _additional_properties(validator: Any, stated: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    patterns = [_compiled(pattern) for pattern in schema.get("patternProperties", ())]
    named = schema.get("properties", {})
    for name, item in instance.items():
        if name in named or any(pattern is None or pattern.search(name[:_LONGEST_NAME]) for pattern in patterns):
            continue
        if stated is False:
            yield ValidationError(f"{name!r} is not named")
        elif isinstance(stated, dict):
            yield from validator.descend(item, stated, path=name)


def _pattern(_validator: Any, stated: Any, instance: Any, _schema: Schema) -> Iterator[ValidationError]:
    pattern = _compiled(stated) if isinstance(instance, str) else None
    if pattern is not None and not pattern.search(instance):
        yield ValidationError(f"does not match {stated!r}")


def _pattern_properties(validator: Any, stated: Any, instance: Any, _schema: Schema) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, schema in stated.items():
        if (compiled := _compiled(pattern)) is not None:
            for name, item in instance.items():
                if compiled.search(name[:_LONGEST_NAME]):
                    yield from validator.descend(item, schema, path=name)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    """Under RE2, so that no text makes a pattern slow; None for what RE2 does not know."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1024 * 1024
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None
