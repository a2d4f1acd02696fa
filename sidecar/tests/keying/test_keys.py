"""What makes a key: which differences matter, and which do not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prompt_cache.keying.keys import Keyer
from prompt_cache.keying.normalize import Normalizer
from prompt_cache.keying.request import IGNORED_PARAMS, Request, canonical
from sidecar.tests.support import key, request

GOLDEN = json.loads(Path(__file__).with_name("golden_keys.json").read_text(encoding="utf-8"))
PAIRS = json.loads(Path(__file__).with_name("golden_pairs.json").read_text(encoding="utf-8"))
SECRET = b"a secret for tests"

BASE: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "You are terse."},
        {"role": "user", "content": [{"type": "text", "text": "Describe it"}, {"type": "image_url", "image_url": "a"}]},
        {"role": "assistant", "content": "A cat."},
        {"role": "user", "content": "And now in French"},
    ],
    "system": [{"type": "text", "text": "Answer in Markdown."}],
    "model": "gpt-4o-mini",
    "tools": [{"type": "function", "function": {"name": "find", "parameters": {"properties": {"user": {}}}}}],
    "response_format": {"type": "json_object"},
    "params": {"temperature": 0.2, "extra": {"top_k": 3}},
    "attributes": {"tenant": "a", "language": "fr"},
    "namespace": "support",
    "normalize": "whitespace",
}


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The base request with one place set to a value."""
    whole = json.loads(json.dumps(BASE))
    place = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return dict(whole)


# -- golden keys -----


@pytest.mark.parametrize("golden", GOLDEN, ids=[each["name"] for each in GOLDEN])
def test_keys__golden_never_change_without_a_new_key_schema(golden: dict[str, Any]) -> None:
    assert key(golden["request"]) == golden["key"]
    assert key(golden["request"], keyer=Keyer(SECRET)) == golden["key_with_secret"]


def test_keys__golden_tell_every_request_apart() -> None:
    keys = [each[which] for each in GOLDEN for which in ("key", "key_with_secret")]
    assert len(set(keys)) == len(keys)
    assert all(len(each) == 64 and set(each) <= set("0123456789abcdef") for each in keys)


@pytest.mark.parametrize("pair", PAIRS, ids=[each["name"] for each in PAIRS])
def test_keys__are_one_for_what_every_provider_treats_as_one_request(pair: dict[str, Any]) -> None:
    assert (key(pair["a"]) == key(pair["b"])) is pair["same"]
    assert key(pair["a"]) == pair["key_of_a"]


# -- every field -----

DIFFERENCES: dict[str, list[tuple[tuple[str | int, ...], Any]]] = {
    "messages": [
        (("messages", 0, "role"), "developer"),
        (("messages", 0, "content"), "You are terse. "),  # only user text is normalized
        (("messages", 1, "content", 0, "text"), "Describe them"),
        (("messages", 1, "content", 1, "image_url"), "b"),
        (("messages", 2, "content"), "A dog."),
        (("messages", 3, "content"), "And now in German"),
        (("messages", 3, "name"), "ann"),
        (("messages", 3, "content"), "and now in French"),
    ],
    "system": [(("system",), "Answer in Markdown. "), (("system",), None), (("system", 0, "text"), "Answer in HTML.")],
    "model": [(("model",), "gpt-4o"), (("model",), None), (("model",), "GPT-4o-mini")],
    "tools": [
        (("tools",), None),
        (("tools", 0, "function", "name"), "seek"),
        (("tools", 0, "function", "parameters", "properties"), {"user": {"type": "string"}}),
    ],
    "response_format": [(("response_format",), None), (("response_format", "type"), "text")],
    "params": [
        (("params",), None),
        (("params", "temperature"), 0.3),
        (("params", "temperature"), None),
        (("params", "temperature"), "0.2"),
        (("params", "seed"), 1),
        (("params", "extra", "top_k"), 4),
        (("params", "extra", "top_k"), 3.5),
        (("params", "extra", "top_k"), True),
    ],
    "attributes": [
        (("attributes",), None),
        (("attributes", "tenant"), "b"),
        (("attributes", "tenant"), "A"),
        (("attributes", "group"), "staff"),
    ],
    "namespace": [(("namespace",), "default"), (("namespace",), "Support")],
    "normalize": [(("normalize",), "none"), (("normalize",), "loose"), (("normalize",), ["trim"])],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(path, value, id=f"{'.'.join(map(str, path))}={json.dumps(value)}")
        for cases in DIFFERENCES.values()
        for path, value in cases
    ],
)
def test_keys__every_difference_in_a_field_is_another_key(path: tuple[str | int, ...], value: Any) -> None:
    assert key(changed(path, value)) != key(BASE)


def test_keys__every_field_of_a_request_is_covered_here() -> None:
    assert {*DIFFERENCES, "prompt"} == set(Request.__struct_fields__)


def test_keys__another_prompt_is_another_key() -> None:
    assert key({"prompt": "What is the capital of Spain?"}) != key({})


def test_keys__a_prompt_is_one_user_message() -> None:
    assert key({"prompt": "Hi"}) == key({"messages": [{"role": "user", "content": "Hi"}]})
    assert key({"prompt": "Hi"}) != key({"messages": [{"role": "assistant", "content": "Hi"}]})


def test_keys__order_of_messages_matters() -> None:
    assert key({**BASE, "messages": BASE["messages"][::-1]}) != key(BASE)


@pytest.mark.parametrize("empty", [{"params": {}}, {"attributes": {}}, {"tools": []}, {"system": None}])
def test_keys__what_is_left_empty_is_the_same_as_left_out(empty: dict[str, Any]) -> None:
    assert key(empty) == key({})


def test_keys__steps_and_the_preset_that_names_them_are_the_same() -> None:
    assert key({"normalize": ["unicode", "newlines", "trim", "collapse_whitespace"]}) == key(
        {"normalize": "whitespace"}
    )


def test_keys__another_secret_is_another_key() -> None:
    keys = {key(BASE, keyer=Keyer(secret)) for secret in (None, b"one", b"two")}
    assert len(keys) == 3


# -- what does not shape the answer -----

# Paths to what is left out; `*` stands for each element of a list.
IGNORED_PATHS = [
    *(("params", name) for name in sorted(IGNORED_PARAMS)),
    ("system", "*", "cache_control"),
    ("tools", "*", "cache_control"),
    ("tools", "*", "eager_input_streaming"),
    ("tools", "*", "function", "cache_control"),
    ("messages", "*", "id"),
    ("messages", "*", "cache_control"),
    ("messages", "*", "content", "*", "cache_control"),
    ("messages", "*", "response_metadata"),
    ("messages", "*", "usage_metadata"),
]
IGNORED = [pytest.param(path, id=".".join(path)) for path in IGNORED_PATHS]


def _places(value: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    if path[0] == "*":
        for item in value if isinstance(value, list) else ():
            yield from _places(item, path[1:])
    elif len(path) > 1:
        yield from _places(value[path[0]], path[1:])
    elif isinstance(value, dict):
        yield value


@pytest.mark.parametrize("path", IGNORED)
def test_keys__an_ignored_path_never_changes_a_key(path: tuple[str, ...]) -> None:
    for value in (True, "x", {"type": "ephemeral"}, None):
        whole = json.loads(json.dumps(BASE))
        places = list(_places(whole, path))
        assert places
        for place in places:
            place[path[-1]] = value
        assert key(whole) == key(BASE)


@pytest.mark.parametrize("path", IGNORED)
def test_keys__the_name_of_an_ignored_path_matters_elsewhere(path: tuple[str, ...]) -> None:
    name = path[-1]
    elsewhere = [
        ("tools", 0, "function", "parameters", name),
        ("tools", 0, "function", "parameters", "properties", f"{name}_"),
        ("params", "extra", name),
        ("attributes", name),
        ("response_format", name),
        ("messages", 1, "content", 1, "image", name),
        ("messages", 2, "tool_calls", 0, "args", name),
    ]
    base = changed(("messages", 1, "content", 1, "image"), {})
    base["messages"][2]["tool_calls"] = [{"name": "find", "args": {}}]
    for place in elsewhere:
        whole = json.loads(json.dumps(base))
        inner = whole
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = "x"
        assert key(whole) != key(base), place


def test_keys__a_tool_parameter_called_user_matters() -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": {"user": {"type": "string"}}}}}
    without = {"type": "function", "function": {"name": "f", "parameters": {"properties": {}}}}
    assert key({"tools": [tool]}) != key({"tools": [without]})


def test_keys__only_ignored_params_is_the_same_as_none() -> None:
    assert key({"params": {"stream": True, "user": "u-1"}}) == key({})


@pytest.mark.parametrize("name", ["params", "attributes"])
def test_keys__only_fields_that_a_namespace_ignores_is_the_same_as_none(name: str) -> None:
    with_field = canonical(request(**{name: {"trace": "1"}}), Normalizer(()), [(name, "trace")])
    assert with_field == canonical(request(), Normalizer(()))


def test_keys__a_namespace_can_ignore_more_paths() -> None:
    ignored = [("params", "seed"), ("tools", "*", "function", "description")]

    def parts(seed: int, description: str) -> dict[str, Any]:
        tools = [{"type": "function", "function": {"name": "f", "description": description}}]
        return canonical(request(params={"seed": seed}, tools=tools), Normalizer(()), ignored)

    assert parts(1, "one") == parts(2, "two")


# -- digests -----


def digests(fields: dict[str, Any]) -> dict[str, str]:
    return Keyer().digests(canonical(request(**fields), Normalizer(())))


@pytest.mark.parametrize(
    ("path", "value", "differ"),
    [
        (("messages", 3, "content"), "And now in German", {"question"}),
        (("messages", 0, "content"), "You are chatty.", {"system"}),
        (("messages", 2, "content"), "A dog.", {"history"}),
        (("messages", 1, "content", 1, "image_url"), "b", {"history"}),
        (("system", 0, "text"), "Answer in HTML.", {"system"}),
        (("model",), "gpt-4o", {"model"}),
        (("tools", 0, "type"), "custom", {"tools"}),
        (("response_format", "type"), "text", {"response_format"}),
        (("params", "temperature"), 0.3, {"params.temperature"}),
        (("params", "seed"), 7, {"params.seed"}),
        (("attributes", "tenant"), "b", {"attributes.tenant"}),
    ],
)
def test_digests__name_exactly_the_fields_that_differ(
    path: tuple[str | int, ...], value: Any, differ: set[str]
) -> None:
    ours, theirs = digests(BASE), digests(changed(path, value))
    assert {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)} == differ


def test_digests__tell_the_normalization_apart() -> None:
    loose, none = Normalizer(("casefold",)), Normalizer(())
    ours, theirs = (Keyer().digests(canonical(request(prompt="hi"), chain)) for chain in (loose, none))
    assert {name for name in ours if ours[name] != theirs[name]} == {"normalize"}


def test_digests__reveal_nothing_without_the_secret() -> None:
    parts = canonical(request(**BASE), Normalizer(()))
    plain, secret = Keyer().digests(parts), Keyer(SECRET).digests(parts)
    assert plain.keys() == secret.keys()
    assert not set(plain.values()) & set(secret.values())
