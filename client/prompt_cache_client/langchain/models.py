"""A model and its settings as fields of a request, without its keys."""

import ast
import json
import re
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.load import dumpd
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..credentials import without_credentials
from .values import name_of, plain, told_by

Json = Any
Fields = dict[str, Json]

_NAMES = ("model", "model_name", "model_id", "deployment_name", "azure_deployment", "repo_id")
"""What integrations call the model's name; the first that there is."""
_MAX_NAME = 256
_OF_CALLS = ("tools", "tool_choice", "response_format", "stop")
_NOT_SHAPING = frozenset(BaseChatModel.model_fields) - {"output_version"}
"""Settings that all chat models have and no answer depends on: callbacks, tags, the cache itself."""
_NO_VALUE = re.compile(r" at 0x[0-9a-fA-F]+>|<class '|<function ")
"""Signs of an object in a text that says no more of it than what it is called or where it lies."""
_FORMAT_CLASS = re.compile(r"\('response_format', (<class '[\w.<>]+'>)\)")


def of_llm_string(llm_string: str) -> Fields | None:
    """The fields of what LangChain writes of a model and a call; None where that does not tell it from all others.

    It is `{...}---[('stop', None), ...]`, the model as JSON and what belongs to the call as Python writes it, or such a
    list of both. Of what cannot be read there is a digest.
    """
    found = _FORMAT_CLASS.search(llm_string)
    if found is None:
        return _read(llm_string)
    fields, formats = _read(llm_string.replace(found[0], "('response_format', None)")), _formats(found[1])
    return fields | {"response_format": formats[0]} if fields is not None and len(formats) == 1 else None


def of_model(model: BaseChatModel, call: Mapping[str, Any]) -> Fields:
    """The fields of a model, and of what belongs to the call."""
    if model.is_lc_serializable():
        dumped = dumpd(model)
        return _fields(".".join(dumped["id"]), _loaded(dumped["kwargs"]), plain(call))
    given = {name: getattr(model, name) for name in _given(model) - _NOT_SHAPING}
    return _fields(name_of(type(model)), plain(given | _identifying(model)), plain(call))


def json_schema(name: str, schema: Json, *, strict: bool | None = None) -> Json:
    """An answer format, as OpenAI has it."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": strict}}


@lru_cache(maxsize=64)
def _read(llm_string: str) -> Fields | None:
    model, written = _split(llm_string)
    call: Fields
    try:
        call = dict(ast.literal_eval(written))
        json.dumps(call, allow_nan=False)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        if _NO_VALUE.search(written):
            return None
        call = {"call": "sha256:" + sha256(written.encode(errors="surrogatepass")).hexdigest()}
    if model is not None:
        return _fields(".".join(map(str, model.get("id", ()))), _loaded(model.get("kwargs", {})), call)
    of_call = {name: call.pop(name) for name in (*_OF_CALLS, "call") if name in call}
    return _fields(str(call.pop("_type", "")), call, of_call)


def _split(llm_string: str) -> tuple[Fields | None, str]:
    """The model, where it stands apart, and what Python wrote."""
    try:
        model, end = json.JSONDecoder().raw_decode(llm_string)
    except (ValueError, RecursionError):
        return None, llm_string
    if isinstance(model, dict) and isinstance(model.get("kwargs", {}), dict) and llm_string.startswith("---", end):
        return model, llm_string[end + 3 :]
    return None, llm_string


def _loaded(value: Json) -> Json:
    """What LangChain wrote of an object: without secrets, and what has no form of its own by what it says of itself."""
    if isinstance(value, list):
        return [_loaded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("lc") == 1 and value.get("type") == "secret":
        return None
    if value.get("lc") == 1 and value.get("type") == "not_implemented":
        return told_by(".".join(map(str, value.get("id", ()))), str(value.get("repr") or ""))
    return {name: _loaded(item) for name, item in value.items()}


def _fields(kind: str, settings: Fields, call: Fields) -> Fields:
    settings, call = dict(without_credentials(settings)), dict(without_credentials(call))
    fields: Fields = {}
    for told, name in ((told, name) for told in (call, settings) for name in _NAMES):
        if isinstance(model := told.get(name), str) and 0 < len(model) <= _MAX_NAME:
            fields["model"] = told.pop(name)
            break
    if isinstance(call.get("tools"), list):
        fields["tools"] = call.pop("tools")
    if isinstance(call.get("response_format"), dict):
        fields["response_format"] = call.pop("response_format")
    return fields | {"params": {"llm": kind} | {f"llm.{name}": value for name, value in settings.items()} | call}


@contextmanager
def running(model: BaseChatModel) -> Iterator[None]:
    """Learn meanwhile what a model changes by itself: a count of its runs is no setting.

    Only what each of its runs changes is taken for that, so that a setting that somebody changes meanwhile comes back.
    """
    if model.is_lc_serializable():  # it says by itself what its settings are
        yield
        return
    before = _values(model)
    try:
        yield
    finally:
        known, after = _known(model), _values(model)
        changed = frozenset(name for name, value in after.items() if before.get(name) != value)
        known.counts = changed if known.counts is None else known.counts & changed


@dataclass(slots=True)
class _Known:
    """What is known of a model: the settings it was given at first, and what it changes by itself."""

    given: frozenset[str]
    counts: frozenset[str] | None = None


_all_known: dict[int, _Known] = {}


def _known(model: BaseChatModel) -> _Known:
    at = id(model)
    if at not in _all_known:
        _all_known[at] = _Known(frozenset(model.model_fields_set))
        weakref.finalize(model, _all_known.pop, at, None)
    return _all_known[at]


def _given(model: BaseChatModel) -> frozenset[str]:
    """The names of a model's settings: those that it was given at first, and those that were changed since."""
    known, fields = _known(model), type(model).model_fields
    changed = {
        name
        for name, value in dict(model).items()
        if (name in model.model_fields_set or isinstance(value, list | dict | set))
        and not (name in fields and _is_default(fields[name], value))
    }
    return (known.given | changed) - (known.counts or frozenset())


def _is_default(field: FieldInfo, value: Any) -> bool:
    made = field.default_factory
    default = made() if made in (list, dict, set) else field.default
    return type(value) is type(default) and bool(value == default)


def _values(model: BaseChatModel) -> dict[str, str]:
    """What may count something; texts and fractions do not."""
    return {name: repr(plain(value)) for name, value in dict(model).items() if not isinstance(value, str | float)}


def _identifying(model: BaseChatModel) -> dict[str, Any]:
    """What a model says that it is told from others by."""
    try:
        return dict(model._identifying_params)
    except (AttributeError, NotImplementedError):
        return {}


def _formats(written: str) -> list[Json]:
    """The answer formats of the classes that Python writes so; a class that was defined twice alike has one."""
    formats = (json_schema(kind.__name__, kind.model_json_schema()) for kind in _models() if repr(kind) == written)
    return [json.loads(one) for one in {json.dumps(one) for one in formats}]


def _models() -> Iterator[type[BaseModel]]:
    """All classes of pydantic models there are."""
    waiting: list[type[BaseModel]] = [BaseModel]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        yield from kinds
