"""@cached: any function whose prompt is an argument."""

import asyncio
import dataclasses
import datetime
import enum
import functools
import gc
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, PrivateAttr, create_model

from prompt_cache_client import PromptCache
from prompt_cache_client.acts import Ask


class Log(list[Any]):
    """The calls that were made."""


@pytest.fixture
def calls() -> Log:
    return Log()


def test_the_prompt_and_every_other_argument_are_the_key(cache: PromptCache, calls: Log) -> None:
    @cache.cached(model="m")
    def ask(question: str, style: str = "short", *, depth: int = 1) -> str:
        calls.append((question, style, depth))
        return f"{question} {style} {depth}"

    assert ask("q") == ask("q", "short") == ask(question="q", style="short", depth=1) == "q short 1"
    assert len(calls) == 1
    assert ask("q", "long") == "q long 1"
    assert ask("q", depth=2) == "q short 2"
    assert ask("r") == "r short 1"
    assert len(calls) == 4
    assert (ask.__name__, ask.__wrapped__.__name__) == ("ask", "ask")  # type: ignore[attr-defined]


VALUES: list[Any] = [
    None, 0, 0.0, False, "", "0", [], (), {}, [0], (0,), {"a": 1}, {1: "a"}, {"1": "a"}, [["a"], "b"], [["a", "b"]],
    b"a", {1}, frozenset({1}), datetime.date(2026, 1, 1), "2026-01-01", ["a,b"], ["a", "b"], "[0]",
]  # fmt: skip


def test_different_arguments_are_different_keys(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(prompt: str, value: Any) -> str:
        calls.append(value)
        return f"{prompt} {value!r}"

    for _ in range(2):
        for value in VALUES:
            assert ask("q", value) == f"q {value!r}"
    assert len(calls) == len(VALUES)


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: int


class Place(BaseModel):
    x: int


class Spot(BaseModel):
    x: int


def test_values_of_classes_are_known_by_class_and_content(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(prompt: str, value: Any) -> str:  # noqa: ARG001
        calls.append(value)
        return repr(value)

    values = [Colour.RED, Colour.BLUE, Point(1), Point(2), Place(x=1), Spot(x=1), Colour, Point]
    for _ in range(2):
        for value in values:
            assert ask("q", value) == repr(value)
    assert len(calls) == len(values)


def test_an_argument_that_is_no_value_is_ignored_or_called_without_the_cache(
    cache: PromptCache, calls: Log, caplog: pytest.LogCaptureFixture
) -> None:
    def ask(prompt: str, client: object) -> str:  # noqa: ARG001
        calls.append(prompt)
        return prompt

    careless, careful = cache.cached()(ask), cache.cached(ignore="client")(ask)
    for _ in range(2):
        assert careless("q", object()) == "q"
    assert len(calls) == 2
    assert "ignore=" in caplog.text
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
    calls.clear()
    for _ in range(2):
        assert careful("q", object()) == "q"
    assert len(calls) == 1


def test_an_argument_by_the_name_of_an_ignored_parameter_of_the_api_counts(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(prompt: str, user: str, stream: bool, metadata: Any = None, **more: Any) -> str:
        calls.append(prompt)
        return f"{prompt} {user} {stream} {metadata} {more}"

    answers = [
        ask("q", "a", True),
        ask("q", "b", True),
        ask("q", "a", False),
        ask("q", "a", True, 1),
        ask("q", "a", True, seed=None),
    ]
    assert len(set(answers)) == len(calls) == 5


def test_two_functions_never_mix(cache: PromptCache) -> None:
    @cache.cached()
    def one(prompt: str) -> str:
        return f"one {prompt}"

    @cache.cached()
    def two(prompt: str) -> str:
        return f"two {prompt}"

    first: Callable[[str], str] = cache.cached(prompt="p")(lambda p: f"first {p}")
    second: Callable[[str], str] = cache.cached(prompt="p")(
        lambda p: f"second {p}",
    )
    assert [each("q") for each in (one, two, first, second)] == ["one q", "two q", "first q", "second q"]
    assert cache.get_or_call("q", lambda: "three") == "three"


def test_functions_of_one_name_made_with_different_values_do_not_mix(cache: PromptCache) -> None:
    def made(style: str) -> Callable[[str], str]:
        @cache.cached()
        def ask(prompt: str) -> str:
            return f"{style} {prompt}"

        return ask

    assert (made("formal")("q"), made("casual")("q"), made("formal")("q")) == ("formal q", "casual q", "formal q")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 'be brief: ' + prompt", "return 'be kind: ' + prompt"),
        ("return prompt.upper()", "return prompt.lower()"),
        ("return [x for x in (1, 2)]", "return [x + 1 for x in (1, 2)]"),
        ("return prompt in {'a', 'b'}", "return prompt in {'a', 'c', 'b Q'}"),
    ],
)
def test_a_function_that_is_rewritten_is_another(cache: PromptCache, old: str, new: str) -> None:
    def written(body: str) -> Any:
        names: dict[str, Any] = {"__name__": "app"}
        exec(f"def ask(prompt):\n    {body}", names)  # noqa: S102
        return names["ask"]

    answers = [(cache.cached()(written(body))("b Q"), written(body)("b Q")) for body in (old, new, old)]
    assert all(cached == called for cached, called in answers)
    assert cache.stats()["misses"] == 2


def test_the_key_of_a_function_is_the_same_in_every_process(tmp_path: Any) -> None:
    program = (
        "from prompt_cache_client import PromptCache\n"
        f"cache = PromptCache('sqlite:///{tmp_path}/cache.db')\n"
        "@cache.cached()\n"
        "def ask(prompt, chosen=frozenset('abcdef')):\n"
        "    print('called')\n"
        "    return prompt in {'a', 'b', 'c', 'd'}\n"
        "print(ask('q'))\n"
    )
    (tmp_path / "program.py").write_text(program)
    said = [
        subprocess.run(
            [sys.executable, tmp_path / "program.py"],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2)
    ]
    assert said == ["called\nFalse\n", "False\n"]


class Assistant:
    """One of several."""

    def __init__(self, tenant: str, calls: Log) -> None:
        self.tenant = tenant
        self.calls = calls


def test_methods_are_known_by_class_and_the_values_of_the_instance(cache: PromptCache, calls: Log) -> None:
    class Own(Assistant):
        @cache.cached()
        def ask(self, question: str) -> str:
            self.calls.append(question)
            return f"{type(self).__name__} {self.tenant} {question}"

        @cache.cached(instance=lambda self: self.tenant)
        def own(self, question: str) -> str:
            self.calls.append(question)
            return f"{self.tenant} {question}"

        @cache.cached(ignore="self")
        def shared(self, question: str) -> str:
            return f"{self.tenant} {question}"

        @classmethod
        @cache.cached()
        def of_class(cls, question: str) -> str:
            return f"{cls.__name__} {question}"

    class Other(Own):
        pass

    a, b, other = Own("a", calls), Own("b", calls), Other("a", calls)
    for _ in range(2):
        assert (a.ask("q"), b.ask("q"), other.ask("q")) == ("Own a q", "Own b q", "Other a q")
    assert len(calls) == 3
    assert (a.own("q"), b.own("q"), other.own("q"), len(calls)) == ("a q", "b q", "a q", 5)
    assert (a.shared("q"), b.shared("q")) == ("a q", "a q")
    assert (Own.of_class("q"), Other.of_class("q")) == ("Own q", "Other q")
    a.tenant = "c"
    assert a.ask("q") == "Own c q"


def test_functions_made_of_functions_and_objects_do_not_mix(cache: PromptCache) -> None:
    def cached(function: Callable[[str], str]) -> Callable[[str], str]:
        @cache.cached()
        def ask(prompt: str) -> str:
            return function(prompt)

        return ask

    def bold(prompt: str) -> str:
        return f"*{prompt}*"

    class Tag:
        def __init__(self, name: str) -> None:
            self.name = name
            self.me = self.of  # which holds what it is held by

        def of(self, prompt: str) -> str:
            return f"<{self.name}>{prompt}"

    def wrapped(function: Callable[[str], str]) -> Callable[[str], str]:
        return lambda prompt: function(prompt)

    shout, quote = functools.partial(str.replace, "a!", "a"), functools.partial(str.replace, "'a'", "a")
    functions: list[Any] = [
        bold,
        str.upper,
        str.lower,
        Tag("a").of,
        Tag("b").of,
        wrapped(bold),
        wrapped(str.title),
        shout,
        quote,
    ]
    for _ in range(2):
        assert [cached(each)("q") for each in functions] == [each("q") for each in functions]


def test_lambdas_of_one_line_do_not_mix(cache: PromptCache) -> None:
    ask: Any = cache.cached(prompt="p")
    one, other = ask(lambda p: f"one {p}"), ask(lambda p: f"other {p}")
    assert (one("q"), other("q")) == ("one q", "other q")


def test_what_is_typed_anew_is_another_function(tmp_path: Path) -> None:
    """As in a notebook or a console, whose functions all are of `__main__` and in no file."""
    cell = """
from prompt_cache_client import PromptCache
cache = PromptCache("sqlite:///cache.db")
@cache.cached()
def ask(prompt):
    return {0!r} + prompt
print(ask("q"))
"""
    said = [
        subprocess.run([sys.executable, "-c", cell.format(text)], cwd=tmp_path, capture_output=True, text=True).stdout
        for text in ("one ", "other ", "one ")
    ]
    assert said == ["one q\n", "other q\n", "one q\n"]


class Private(BaseModel):
    x: int = 1
    _tenant: str = PrivateAttr(default="")


@dataclasses.dataclass
class More:
    x: int = 1

    def __post_init__(self) -> None:
        self.tenant = ""


class Marks(enum.IntFlag):
    ONE = 1


def answer_class(**fields: Any) -> type[BaseModel]:
    return create_model("Answer", __module__=__name__, **fields)


def test_all_that_a_value_holds_counts(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(prompt: str, value: Any) -> int:  # noqa: ARG001
        calls.append(value)
        return len(calls)

    private, more = [Private(), Private()], [More(), More()]
    private[1]._tenant = more[1].tenant = "b"
    at = datetime.datetime(2026, 1, 1)
    zones = [at.replace(tzinfo=ZoneInfo(name)) for name in ("Europe/Berlin", "Europe/Paris")]
    classes = [answer_class(x=(int, 1)), answer_class(x=(str, "1")), answer_class(x=(int, 2))]
    values = [*private, *more, *zones, *classes, Marks(8), Marks(16), "\ud83d\ude00", "😀", 1, 1.0, True]
    answers = [ask("q", value) for value in values]
    assert answers == [ask("q", value) for value in values] == [*range(1, len(values) + 1)]


def test_a_request_of_ones_own_keeps_its_fields(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(request: dict[str, Any], model: str = "m") -> str:
        calls.append(request)
        return f"{request} {model}"

    requests: list[dict[str, Any]] = [
        {"prompt": "q", "model": "a"},
        {"prompt": "q", "model": "b"},
        {"prompt": "q", "params": {"arguments": "a"}},
        {"prompt": "q", "params": {"arguments": "b"}},
        {"prompt": "q", "params": 5},
        {"prompt": "q", "attributes": 5},
    ]
    for request in requests:
        assert ask(request) == f"{request} m"


def entries_of(cache: PromptCache) -> list[dict[str, Any]]:
    """What the cache holds of each entry, as `GET /v1/entries/{key}` tells it."""
    listed = json.loads(cache._transport.send(Ask("GET", "/v1/entries")).body)["items"]
    return [json.loads(cache._transport.send(Ask("GET", "/v1/entries/{key}", key=one["key"])).body) for one in listed]


def test_no_password_among_arguments_is_stored(cache: PromptCache) -> None:
    class Client:
        def __init__(self, api_key: str) -> None:
            self.api_key = api_key
            self.lock = threading.Lock()

        @cache.cached()
        def ask(self, prompt: str, token: str, options: dict[str, str]) -> str:
            return f"{prompt} {self.api_key} {token} {options}"[:1]

    for key, token, password in (("mine-1", "mine-2", "mine-3"), ("mine-4", "mine-5", "mine-6")):
        Client(key).ask("q", token, {"password": password, "url": "https://me:mine-7@host"})
    entries = entries_of(cache)
    assert len(entries) == 2
    assert "mine" not in str(entries)


def test_arguments_that_cannot_be_read_fail_nobody(cache: PromptCache) -> None:
    @dataclasses.dataclass
    class Broken:
        x: int = 1

        @property
        def __dict__(self) -> Any:  # type: ignore[override]
            raise RuntimeError

    @cache.cached()
    def ask(prompt: str, value: Any) -> str:  # noqa: ARG001
        return prompt

    assert ask("q", Broken()) == "q"


def test_messages_requests_and_models_of_the_call(cache: PromptCache, calls: Log) -> None:
    @cache.cached(model="m1", ttl="1h")
    def chat(messages: list[dict[str, str]], model: str | None = None) -> str:  # noqa: ARG001
        calls.append(messages)
        return "said"

    for _ in range(2):
        chat([{"role": "user", "content": "hi"}])
        chat([{"role": "user", "content": "hi"}], model="m2")
    assert len(calls) == 2
    groups = cache.stats(group_by=["model", "reason"], interval="day", model="m1", workflow=None)["groups"]
    assert [(list(each["by"]), each["by"]["model"], each["misses"]) for each in groups if each["misses"]] == [
        (["day", "model", "reason"], "m1", 1)
    ]
    name = f"{__name__}.{chat.__qualname__}"
    assert cache.invalidate(attributes={"function": name}) == 2


def test_a_function_without_a_prompt_is_refused_where_it_is_defined(cache: PromptCache) -> None:
    with pytest.raises(TypeError, match=r"has no argument prompt, messages, request, question; name the one: prompt="):

        @cache.cached()
        def ask(text: str) -> str:
            return text

    with pytest.raises(TypeError, match="no argument 'texts'"):
        cache.cached(prompt="texts")(lambda text: text)
    with pytest.raises(TypeError, match="no argument 'x'"):
        cache.cached(ignore=["x"])(lambda prompt: prompt)
    with pytest.raises(TypeError, match="no function"):
        cache.cached()(len)
    with pytest.raises(TypeError, match="ttll"):
        cache.cached(ttll=1)  # type: ignore[call-arg]


def test_wrong_arguments_are_told_as_the_function_would(cache: PromptCache) -> None:
    @cache.cached()
    def ask(prompt: str) -> str:
        return prompt

    with pytest.raises(TypeError, match="unexpected keyword argument"):
        ask("q", nonsense=1)  # type: ignore[call-arg]


# -- async -----


async def test_a_coroutine_function_by_either_client(cache: PromptCache, calls: Log) -> None:
    async def ask(prompt: str) -> Place:
        calls.append(prompt)
        await asyncio.sleep(0.1)
        return Place(x=len(prompt))

    blocking, awaited = cache.cached()(ask), cache.as_async().cached()(ask)
    found = await asyncio.gather(*(each("q") for each in (blocking, awaited) * 8))
    assert found == [Place(x=1)] * 16
    assert len(calls) == 1


def test_a_plain_function_by_an_asynchronous_client(cache: PromptCache, calls: Log) -> None:
    @cache.as_async().cached()
    def ask(prompt: str) -> str:
        calls.append(prompt)
        return prompt

    assert (ask("q"), ask("q"), len(calls)) == ("q", "q", 1)


# -- streams -----


def streamed(cache: PromptCache, calls: Log) -> Callable[[str], Iterator[dict[str, str]]]:
    @cache.cached()
    def ask(prompt: str) -> Iterator[dict[str, str]]:
        calls.append("began")
        try:
            for word in prompt.split():
                calls.append(word)
                yield {"delta": word}
        finally:
            calls.append("ended")

    return ask


def test_a_stream_comes_as_it_is_made_and_is_replayed(cache: PromptCache, calls: Log) -> None:
    ask = streamed(cache, calls)
    stream = ask("a b")
    assert calls == []
    assert next(stream) == {"delta": "a"}
    assert calls == ["began", "a"]
    assert list(stream) == [{"delta": "b"}]
    calls.clear()
    assert list(ask("a b")) == [{"delta": "a"}, {"delta": "b"}]
    assert calls == []


def test_what_readers_do_to_an_item_is_not_kept(cache: PromptCache, calls: Log) -> None:
    ask = streamed(cache, calls)
    for item in ask("a b"):
        item["delta"] = "changed"
    assert list(ask("a b")) == [{"delta": "a"}, {"delta": "b"}]


@pytest.mark.parametrize("how", ["closed", "dropped", "thrown into"])
def test_an_abandoned_stream_is_not_kept_and_others_may_ask(cache: PromptCache, calls: Log, how: str) -> None:
    ask = streamed(cache, calls)
    stream = ask("a b")
    next(stream)
    if how == "closed":
        stream.close()  # type: ignore[attr-defined]
    elif how == "thrown into":
        with pytest.raises(KeyError):
            stream.throw(KeyError())  # type: ignore[attr-defined]
    del stream
    gc.collect()
    assert calls == ["began", "a", "ended"]
    assert list(ask("a b")) == [{"delta": "a"}, {"delta": "b"}]
    assert calls.count("began") == 2


def test_a_stream_that_fails_is_not_kept(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(prompt: str) -> Iterator[str]:
        yield prompt
        calls.append("fails" if not calls else "fine")
        if calls == ["fails"]:
            raise ValueError("mine")
        yield "end"

    stream = ask("q")
    assert next(stream) == "q"
    with pytest.raises(ValueError, match="mine"):
        next(stream)
    assert list(ask("q")) == list(ask("q")) == ["q", "end"]
    assert calls == ["fails", "fine"]


def test_a_stream_that_returns_something_or_is_no_json_is_not_kept(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(prompt: str) -> Any:
        calls.append(prompt)
        yield prompt
        return "more"

    @cache.cached()
    def odd(prompt: str) -> Any:
        calls.append(prompt)
        yield (prompt,)

    for _ in range(2):
        assert list(ask("q")) == ["q"]
        assert list(odd("q")) == [("q",)]
    assert len(calls) == 4


def test_items_may_be_models(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(prompt: str) -> Iterator[Place]:
        calls.append(prompt)
        yield Place(x=1)
        yield Place(x=2)

    assert list(ask("q")) == list(ask("q")) == [Place(x=1), Place(x=2)]
    assert len(calls) == 1


def test_a_stale_stream_is_replayed_when_nothing_came_yet(calls: Log) -> None:
    with PromptCache("memory://", settings={"defaults": {"keep_stale": "1h"}}) as cache:

        @cache.cached(ttl=0.001, max_stale="1h")
        def ask(prompt: str) -> Iterator[str]:
            calls.append(prompt)
            if len(calls) > 1:
                raise ValueError
            yield "old"

        assert list(ask("q")) == ["old"]
        asyncio.run(asyncio.sleep(0.02))
        assert list(ask("q")) == ["old"]
        assert len(calls) == 2


async def test_asynchronous_streams(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    async def ask(prompt: str) -> AsyncIterator[str]:
        calls.append("began")
        try:
            for word in prompt.split():
                yield word
        finally:
            calls.append("ended")

    stream = ask("a b")
    assert await anext(stream) == "a"
    await stream.aclose()  # type: ignore[attr-defined]
    assert calls == ["began", "ended"]
    assert [item async for item in ask("a b")] == ["a", "b"]
    assert [item async for item in ask("a b")] == ["a", "b"]
    assert calls == ["began", "ended"] * 2


def test_what_is_returned_as_a_stream_is_left_alone(cache: PromptCache, calls: Log) -> None:
    @cache.cached()
    def ask(prompt: str) -> Any:
        calls.append(prompt)
        return (word for word in prompt.split())

    for _ in range(2):
        assert list(ask("a b")) == ["a", "b"]
    assert len(calls) == 2
