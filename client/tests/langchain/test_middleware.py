"""Agents whose model is answered by the cache."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from langchain.agents.middleware import (
    AgentMiddleware,
    ModelFallbackMiddleware,
    ModelRequest,
    ModelResponse,
    ModelRetryMiddleware,
)
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphInterrupt
from pydantic import BaseModel, Field

from prompt_cache_client import NotRecorded, PromptCache
from prompt_cache_client.langchain import PromptCacheMiddleware

from .fakes import Answer, Model, agent_of, entries_of, said


@pytest.fixture
def cache() -> Iterator[PromptCache]:
    with PromptCache("memory://", settings={"never_expires": True}) as cache:
        yield cache


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@tool
def news(topic: str) -> str:
    """The news on a topic."""
    return f"no news on {topic}"


class City(BaseModel):
    """A city."""

    name: str
    people: int


def ask(agent: Any, text: str = "hi", **kwargs: Any) -> AnyMessage:
    message: AnyMessage = agent.invoke({"messages": [("user", text)]}, **kwargs)["messages"][-1]
    return message


def without_id(message: AnyMessage) -> dict[str, Any]:
    return message.model_dump(exclude={"id"})


def asks_weather(messages: Any) -> AIMessage:
    """Calls a tool first, and answers by its result."""
    if isinstance(messages[-1], ToolMessage):
        return said(f"It is {messages[-1].content}.")
    call = {"name": "weather", "args": {"city": "Rome"}, "id": f"call_{id(messages)}"}
    return said("", tool_calls=[call])


# -- hits -----


def test_a_hit_equals_the_first_answer_but_for_its_id(cache: PromptCache) -> None:
    model = Model("hello")
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)])
    first, second = ask(agent), ask(agent)
    assert model.calls == 1
    assert without_id(first) == without_id(second)
    assert type(second) is AIMessage
    assert first.id != second.id


def test_sync_and_async_agents_share_their_answers(cache: PromptCache) -> None:
    model = Model("hello")
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache.as_async())])
    ask(agent)
    result = asyncio.run(agent.ainvoke({"messages": [("user", "hi")]}))
    assert model.calls == 1
    assert result["messages"][-1].content == "hello"


def test_the_url_of_a_cache_is_enough() -> None:
    model = Model("hello")
    agent = agent_of(model, middleware=[PromptCacheMiddleware("memory://")])
    assert ask(agent).content == ask(agent).content == "hello"
    assert model.calls == 1


def test_what_a_hit_saves_is_counted(cache: PromptCache) -> None:
    agent = agent_of(Model("hello"), middleware=[PromptCacheMiddleware(cache)], name="greeter")
    ask(agent), ask(agent)
    (group,) = cache.stats(group_by="workflow")["groups"]
    assert group["group"] == "greeter"
    assert (group["hits"], group["saved"]["input_tokens"], group["saved"]["output_tokens"]) == (1, 100, 20)
    assert group["saved"]["cost_usd"] == pytest.approx(100 * 0.15e-6 + 20 * 0.6e-6)


def test_a_namespace_of_its_own(cache: PromptCache) -> None:
    model = Model("hello")
    for namespace in ("one", "two", "two"):
        ask(agent_of(model, middleware=[PromptCacheMiddleware(cache, namespace=namespace)]))
    assert model.calls == 2


# -- streams and threads -----


@pytest.mark.parametrize("on_a_loop", [False, True])
def test_a_hit_is_one_message_of_a_stream(cache: PromptCache, on_a_loop: bool) -> None:
    agent = agent_of(
        GenericFakeChatModel(messages=iter([AIMessage("hello dear world")])), middleware=[PromptCacheMiddleware(cache)]
    )

    async def streamed() -> list[Any]:
        return [part async for part in agent.astream(question, stream_mode="messages")]

    question = {"messages": [("user", "hi")]}
    emitted = []
    for _ in range(2):
        parts = asyncio.run(streamed()) if on_a_loop else list(agent.stream(question, stream_mode="messages"))
        assert {metadata["langgraph_node"] for _, metadata in parts} == {"model"}
        emitted.append([message.content for message, _ in parts if message.content])
    assert emitted == [["hello", " ", "dear", " ", "world"], ["hello dear world"]]


def test_values_and_updates_of_a_stream_have_the_hit(cache: PromptCache) -> None:
    agent = agent_of(Model("hello"), middleware=[PromptCacheMiddleware(cache)])
    ask(agent)
    (update,) = agent.stream({"messages": [("user", "hi")]}, stream_mode="updates")
    assert update["model"]["messages"][0].content == "hello"


def test_the_same_answer_twice_in_a_thread_is_there_twice(cache: PromptCache) -> None:
    class Forgetful(AgentMiddleware[Any, Any]):
        def wrap_model_call(self, request: ModelRequest[Any], handler: Any) -> Any:
            return handler(request.override(messages=request.messages[-1:]))

    model = Model("hello")
    agent = agent_of(model, middleware=[Forgetful(), PromptCacheMiddleware(cache)], checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "1"}}
    for _ in range(3):
        state = agent.invoke({"messages": [("user", "hi")]}, config)
    assert [message.content for message in state["messages"]] == ["hi", "hello"] * 3
    assert model.calls == 1


# -- what makes two questions -----


def test_every_part_of_a_request_tells_it_from_others(cache: PromptCache) -> None:
    def fresh(model: Model, **of_agent: Any) -> int:
        before = model.calls
        ask(agent_of(model, middleware=[PromptCacheMiddleware(cache)], **of_agent))
        return model.calls - before

    assert fresh(model := Model("x")) == 1
    assert fresh(model) == 0
    assert fresh(Model("x")) == 0  # the same settings
    assert fresh(Model("y", model_name="gpt-4o")) == 1
    assert fresh(Model("x", temperature=0.7)) == 1
    assert fresh(model, system_prompt="Be brief.") == 1
    assert fresh(model, system_prompt="Be verbose.") == 1
    assert fresh(model, tools=[weather]) == 1
    assert fresh(model, tools=[weather, news]) == 1
    assert fresh(model, tools=[weather]) == 0
    assert fresh(model, name="another") == 1
    as_tool = Model(lambda _: said("", tool_calls=[{"name": "City", "args": {"name": "a", "people": 1}, "id": "1"}]))
    assert fresh(as_tool, response_format=ToolStrategy(City)) == 1
    as_text = Model('{"name": "a", "people": 1}')
    assert fresh(as_text, response_format=ProviderStrategy(City)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"tool_choice": "weather"},
        {"model_settings": {"temperature": 1}},
        {"model_settings": {"stop": ["END"]}},
        {"model_settings": {"n": 2}},
        {"system_message": SystemMessage("Other.")},
        {"messages": [HumanMessage("hi"), AIMessage("yes?"), HumanMessage("hi")]},
        {"messages": [HumanMessage("hi", name="ann")]},
        {"messages": [HumanMessage([{"type": "text", "text": "hi"}, {"type": "image", "url": "https://a/1.png"}])]},
        {"messages": [HumanMessage([{"type": "text", "text": "hi"}, {"type": "image", "url": "https://a/2.png"}])]},
    ],
)
def test_a_changed_request_is_another(cache: PromptCache, change: dict[str, Any]) -> None:
    middleware, calls = PromptCacheMiddleware(cache), []

    def handler(_: ModelRequest[Any]) -> ModelResponse[Any]:
        calls.append(1)
        return ModelResponse(result=[said("x")])

    request = ModelRequest(model=Model("x"), messages=[HumanMessage("hi")], tools=[weather])
    for each in (request, request.override(**change), request, request.override(**change)):
        middleware.wrap_model_call(each, handler)
    assert len(calls) == 2


@dataclass
class Style:
    """A setting that is an object, with what is not to be read in it."""

    tone: str
    api_key: str = "mine-mine-mine"


class Custom(Model):
    """A model of one's own, with settings of all kinds."""

    most: int = 1
    strict: bool = False
    words: list[str] = Field(default_factory=list)
    more: dict[str, Any] = Field(default_factory=dict)
    style: Any = None
    counted: int = 0

    def __init__(self, answer: Answer | str, **settings: Any) -> None:
        super().__init__(answer, **settings)

    def _generate(self, *args: Any, **kwargs: Any) -> Any:
        self.counted += 1
        return super()._generate(*args, **kwargs)


def test_settings_that_are_changed_later_count(cache: PromptCache) -> None:
    model = Custom("x")
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)])

    def calls_after(change: Callable[[], Any]) -> int:
        change()
        ask(agent), ask(agent)
        return model.calls

    changes: list[Callable[[], Any]] = [
        lambda: None,
        lambda: setattr(model, "most", 2),
        lambda: setattr(model, "strict", True),
        lambda: setattr(model, "words", ["a"]),
        lambda: model.words.append("b"),
        lambda: model.more.update(seed=1),
        lambda: setattr(model, "style", Style("dry")),
        lambda: setattr(model, "style", Style("warm")),
        lambda: setattr(model, "temperature", 1.0),
    ]
    assert [calls_after(change) for change in changes] == [*range(1, len(changes) + 1)]
    model.most = 1
    model.most = 2
    assert calls_after(lambda: None) == len(changes)
    assert "mine-mine" not in str(entries_of(cache))


def test_a_setting_that_is_changed_while_the_model_runs_is_no_count(cache: PromptCache) -> None:
    def answers(_: Any) -> AIMessage:
        if model.calls == 1:
            model.most = 2
        return said("x")

    model = Custom(answers)
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)])
    ask(agent), ask(agent, "something else")
    model.most = 3
    ask(agent)
    assert model.calls == 3


def test_ids_of_messages_and_of_tool_calls_do_not_matter(cache: PromptCache) -> None:
    middleware, calls = PromptCacheMiddleware(cache), []

    def handler(_: ModelRequest[Any]) -> ModelResponse[Any]:
        calls.append(1)
        return ModelResponse(result=[said("x")])

    def request(at: str, asked: str = "Rome") -> ModelRequest[Any]:
        call = {"name": "weather", "args": {"city": asked}, "id": f"call-{at}"}
        messages: list[AnyMessage] = [
            HumanMessage([{"type": "text", "text": "hi", "id": f"lc_{at}"}], id=at),
            AIMessage("", tool_calls=[call], id=f"run-{at}", response_metadata={"id": at}),
            ToolMessage("sunny", tool_call_id=f"call-{at}", id=f"tool-{at}", artifact=object()),
        ]
        return ModelRequest(model=Model("x"), messages=messages)

    for each in (request("1"), request("2"), request("1", "Oslo"), request("3", "Oslo")):
        middleware.wrap_model_call(each, handler)
    assert len(calls) == 2


@pytest.mark.parametrize(
    "said_with",
    [
        lambda at: {"additional_kwargs": {"__openai_function_call_ids__": {f"call-{at}": f"fc-{at}"}}},
        lambda at: {
            "content": [
                {"type": "text", "text": "hm", "id": f"msg-{at}"},
                {
                    "type": "function_call",
                    "name": "weather",
                    "arguments": "{}",
                    "call_id": f"call-{at}",
                    "id": f"fc-{at}",
                },
            ]
        },
        lambda at: {
            "content": [
                {"type": "tool_call", "name": "weather", "args": {}, "id": f"call-{at}", "extras": {"item_id": at}},
            ]
        },
        lambda at: {"content": [{"type": "tool_use", "name": "weather", "input": {}, "id": f"call-{at}"}]},
    ],
)
def test_ids_of_calls_do_not_matter_wherever_a_provider_writes_them(cache: PromptCache, said_with: Any) -> None:
    middleware, calls = PromptCacheMiddleware(cache), []

    def handler(_: ModelRequest[Any]) -> ModelResponse[Any]:
        calls.append(1)
        return ModelResponse(result=[said("x")])

    for at in ("1", "2"):
        call = {"name": "weather", "args": {}, "id": f"call-{at}"}
        messages: list[AnyMessage] = [
            HumanMessage("hi"),
            AIMessage(**{"content": "", "tool_calls": [call], **said_with(at)}),
            ToolMessage("sunny", tool_call_id=f"call-{at}"),
        ]
        middleware.wrap_model_call(ModelRequest(model=Model("x"), messages=messages), handler)
    assert len(calls) == 1


def test_two_tenants_share_nothing(cache: PromptCache) -> None:
    @dataclass
    class Context:
        tenant: str

    model = Model("hello")
    middleware = PromptCacheMiddleware(
        cache,
        attributes=lambda request: {"tenant": request.runtime.context.tenant},
        tags=lambda request: [f"tenant-{request.runtime.context.tenant}"],
    )
    agent = agent_of(model, middleware=[middleware], context_schema=Context)
    for tenant in ("a", "b", "a", "b"):
        ask(agent, context=Context(tenant))
    assert model.calls == 2
    assert cache.invalidate(tags=["tenant-a"]) == 1
    ask(agent, context=Context("b"))
    assert model.calls == 2


@pytest.mark.parametrize("names", ["kb", ["kb"], lambda _: "kb", lambda _: ["kb"]])
def test_values_and_functions(cache: PromptCache, names: Any) -> None:
    model = Model("hello")
    middleware = PromptCacheMiddleware(
        cache,
        depends_on=names,
        tags=names,
        attributes={"tenant": lambda request: str(request.messages[0].text), "language": "en"},
    )
    agent = agent_of(model, middleware=[middleware])
    ask(agent), ask(agent)
    assert model.calls == 1
    assert cache.invalidate(attributes={"tenant": "hi", "language": "en"}, dry_run=True) == 1
    assert cache.invalidate(tags=["kb"], dry_run=True) == 1
    cache.bump("kb")
    ask(agent)
    assert model.calls == 2


def test_a_function_that_fails_is_the_users_to_know(cache: PromptCache) -> None:
    agent = agent_of(
        Model("x"), middleware=[PromptCacheMiddleware(cache, attributes=lambda request: request.runtime.context["no"])]
    )
    with pytest.raises(TypeError):
        ask(agent)


def test_an_answer_goes_with_the_data_it_depends_on(cache: PromptCache) -> None:
    model = Model("hello")
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache, depends_on=["kb"])])
    ask(agent), ask(agent)
    assert model.calls == 1
    cache.bump("kb")
    ask(agent), ask(agent)
    assert model.calls == 2


def test_a_model_that_is_chosen_when_it_is_called_is_not_cached(cache: PromptCache) -> None:
    bound = Model("x").with_fallbacks([Model("y")])
    calls: list[int] = []

    def handler(_: ModelRequest[Any]) -> ModelResponse[Any]:
        calls.append(1)
        return ModelResponse(result=[said("x")])

    request = ModelRequest(model=bound, messages=[HumanMessage("hi")])  # type: ignore[arg-type]
    for _ in range(2):
        PromptCacheMiddleware(cache).wrap_model_call(request, handler)
    assert len(calls) == 2


# -- tools -----


def test_answers_that_call_tools_are_kept_only_if_asked(cache: PromptCache) -> None:
    for namespace, keep, expected in (("no", False, [2, 3]), ("yes", True, [2, 2])):
        model = Model(asks_weather)
        middleware = PromptCacheMiddleware(cache, namespace=namespace, cache_tool_calls=keep)
        agent = agent_of(model, tools=[weather], middleware=[middleware])
        calls = []
        for _ in range(2):
            assert ask(agent).content == "It is sunny in Rome."
            calls.append(model.calls)
        assert calls == expected


def test_other_results_of_a_tool_are_another_question(cache: PromptCache) -> None:
    forecast = ["rain"]

    @tool("weather")
    def changing(city: str) -> str:
        """The weather in a city."""
        return f"{forecast[0]} in {city}"

    agent = agent_of(
        Model(asks_weather), tools=[changing], middleware=[PromptCacheMiddleware(cache, cache_tool_calls=True)]
    )
    assert ask(agent).content == "It is rain in Rome."
    forecast[0] = "snow"
    assert ask(agent).content == "It is snow in Rome."


def test_calls_that_are_no_json_are_never_kept(cache: PromptCache) -> None:
    broken = {"name": "weather", "args": "{city:", "id": "1", "error": None}
    model = Model(lambda _: said("", invalid_tool_calls=[broken]))
    middleware = PromptCacheMiddleware(cache, cache_tool_calls=True)
    request = ModelRequest(model=model, messages=[HumanMessage("hi")])
    for _ in range(2):
        middleware.wrap_model_call(request, lambda each: ModelResponse(result=[each.model.invoke(each.messages)]))
    assert model.calls == 2


# -- answer formats -----


@pytest.mark.parametrize("strategy", [ProviderStrategy, ToolStrategy])
def test_structured_output_is_equal_on_a_hit(cache: PromptCache, strategy: Any) -> None:
    def answer(_: Any) -> AIMessage:
        if strategy is ProviderStrategy:
            return said('{"name": "Rome", "people": 3}')
        return said("", tool_calls=[{"name": "City", "args": {"name": "Rome", "people": 3}, "id": "call_1"}])

    model = Model(answer)
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)], response_format=strategy(City))
    results = [agent.invoke({"messages": [("user", "hi")]}) for _ in range(2)]
    assert model.calls == 1
    assert [result["structured_response"] for result in results] == [City(name="Rome", people=3)] * 2
    assert [without_id(each) for each in results[0]["messages"][1:]] == [
        without_id(each) for each in results[1]["messages"][1:]
    ]


def test_a_bare_schema_and_a_dataclass(cache: PromptCache) -> None:
    @dataclass
    class Town:
        name: str

    model = Model('{"name": "Rome"}')
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)], response_format=Town)
    results = [agent.invoke({"messages": [("user", "hi")]})["structured_response"] for _ in range(2)]
    assert results == [Town("Rome")] * 2
    assert model.calls == 1


def test_an_answer_that_does_not_have_the_format_is_not_kept(cache: PromptCache) -> None:
    answers = [{"name": "Rome", "people": "many"}, {"name": "Rome", "people": 3}]

    def answer(_: Any) -> AIMessage:
        return said("", tool_calls=[{"name": "City", "args": answers[min(model.calls, 2) - 1], "id": str(model.calls)}])

    model = Model(answer)
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)], response_format=ToolStrategy(City))
    assert agent.invoke({"messages": [("user", "hi")]})["structured_response"] == City(name="Rome", people=3)
    assert model.calls == 2
    assert agent.invoke({"messages": [("user", "hi")]})["structured_response"] == City(name="Rome", people=3)
    assert model.calls == 3  # the first answer, right by now; what followed it has another history


# -- beside other middlewares -----


def test_the_answer_of_a_fallback_is_never_the_first_ones(cache: PromptCache) -> None:
    for at, order in enumerate(("fallback first", "cache first")):
        model, fallback = Model("first").away(), Model("fallback", model_name="claude-haiku-4-5")
        stack: list[AgentMiddleware[Any, Any]] = [
            ModelFallbackMiddleware(fallback),
            PromptCacheMiddleware(cache, namespace=f"order-{at}"),
        ]
        agent = agent_of(model, middleware=stack if order == "fallback first" else stack[::-1])
        assert ask(agent).content == "fallback"
        model.away(False)
        assert ask(agent).content == "first", order
        model.away()
        assert ask(agent).content == "first", order
        assert model.calls == 2, order


def test_a_fallback_of_the_same_class_and_name_is_another_model(cache: PromptCache) -> None:
    model, fallback = Model("first").away(), Model("fallback", temperature=1)
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache), ModelFallbackMiddleware(fallback)])
    assert ask(agent).content == "fallback"
    model.away(False)
    assert ask(agent).content == "first"


def test_a_fallback_on_an_event_loop(cache: PromptCache) -> None:
    model, fallback = Model("first").away(), Model("fallback", temperature=1)
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache), ModelFallbackMiddleware(fallback)])

    async def answer() -> Any:
        return (await agent.ainvoke({"messages": [("user", "hi")]}))["messages"][-1].content

    assert asyncio.run(answer()) == "fallback"
    model.away(False)
    assert asyncio.run(answer()) == asyncio.run(answer()) == "first"
    assert model.calls == 2


def test_a_fallback_has_answers_of_its_own(cache: PromptCache) -> None:
    model, fallback = Model("first").away(), Model("fallback", model_name="claude-haiku-4-5")
    agent = agent_of(model, middleware=[ModelFallbackMiddleware(fallback), PromptCacheMiddleware(cache)])
    assert [ask(agent).content for _ in range(2)] == ["fallback"] * 2
    assert fallback.calls == 1


@pytest.mark.parametrize("cache_first", [True, False])
def test_retries(cache: PromptCache, cache_first: bool) -> None:
    def answer(_: Any) -> AIMessage:
        if model.calls == 1:
            raise ConnectionError("the provider is away")
        return said("at last")

    model = Model(answer)
    stack: list[AgentMiddleware[Any, Any]] = [
        PromptCacheMiddleware(cache),
        ModelRetryMiddleware(max_retries=1, initial_delay=0),
    ]
    agent = agent_of(model, middleware=stack if cache_first else stack[::-1])
    assert [ask(agent).content for _ in range(2)] == ["at last"] * 2
    assert model.calls == 2


def test_the_words_of_a_retry_that_gave_up_are_no_answer(cache: PromptCache) -> None:
    model = Model("hello").away()
    retry = ModelRetryMiddleware(max_retries=0, on_failure="continue")
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache), retry])
    assert "failed" in ask(agent).text
    model.away(False)
    assert ask(agent).content == "hello"


def test_what_another_middleware_tells_the_model_is_not_kept_as_an_answer_to_less(
    cache: PromptCache, caplog: pytest.LogCaptureFixture
) -> None:
    class Persona(AgentMiddleware[Any, Any]):
        persona = "a pirate"

        def wrap_model_call(self, request: ModelRequest[Any], handler: Any) -> ModelResponse[Any]:
            response: ModelResponse[Any] = handler(request.override(system_message=SystemMessage(self.persona)))
            return response

    model, persona = Model(lambda messages: said(f"I am {messages[0].content}")), Persona()
    wrong = agent_of(model, middleware=[PromptCacheMiddleware(cache), persona])
    right = agent_of(model, middleware=[persona, PromptCacheMiddleware(cache)])
    for agent in (wrong, right):
        for persona.persona in ("a pirate", "a judge", "a pirate"):
            assert ask(agent).content == f"I am {persona.persona}"
    assert model.calls == 3 + 2
    assert "belongs last" in caplog.text


def test_an_answer_with_other_tools_is_not_kept(cache: PromptCache) -> None:
    class Fewer(AgentMiddleware[Any, Any]):
        allowed = True

        def wrap_model_call(self, request: ModelRequest[Any], handler: Any) -> ModelResponse[Any]:
            response: ModelResponse[Any] = handler(request if self.allowed else request.override(tools=[news]))
            return response

    model, fewer = Model("x"), Fewer()
    agent = agent_of(model, tools=[weather, news], middleware=[PromptCacheMiddleware(cache), fewer])
    fewer.allowed = False
    ask(agent), ask(agent)
    assert model.calls == 2
    fewer.allowed = True
    ask(agent), ask(agent)
    assert model.calls == 3


def test_a_middleware_that_asks_another_model_first_does_not_matter(cache: PromptCache) -> None:
    judge, model = Model("fine", model_name="gpt-4o"), Model("hello")

    class Judging(AgentMiddleware[Any, Any]):
        def wrap_model_call(self, request: ModelRequest[Any], handler: Any) -> ModelResponse[Any]:
            judge.invoke("is this fine?")
            response: ModelResponse[Any] = handler(request)
            return response

    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache), Judging()])
    assert [ask(agent).content for _ in range(2)] == ["hello"] * 2
    assert (model.calls, judge.calls) == (1, 1)


# -- away, stale, at once -----


def test_an_old_answer_takes_the_place_of_a_failure(cache: PromptCache) -> None:
    model = Model("hello")
    middleware = PromptCacheMiddleware(cache, ttl=0.05, max_stale="1h")
    agent = agent_of(model, middleware=[middleware])
    ask(agent)
    time.sleep(0.1)
    model.away()
    assert ask(agent).content == "hello"
    assert model.calls == 2
    with pytest.raises(ConnectionError):
        ask(agent, "something else")


def test_an_interrupt_is_no_failure(cache: PromptCache) -> None:
    middleware = PromptCacheMiddleware(cache, ttl=0.05, max_stale="1h")
    request = ModelRequest(model=Model("x"), messages=[HumanMessage("hi")])
    middleware.wrap_model_call(request, lambda _: ModelResponse(result=[said("x")]))
    time.sleep(0.1)

    def interrupts(_: ModelRequest[Any]) -> ModelResponse[Any]:
        raise GraphInterrupt

    async def interrupts_too(_: ModelRequest[Any]) -> ModelResponse[Any]:
        raise GraphInterrupt

    with pytest.raises(GraphInterrupt):
        middleware.wrap_model_call(request, interrupts)
    with pytest.raises(GraphInterrupt):
        asyncio.run(middleware.awrap_model_call(request, interrupts_too))


def test_agents_that_ask_the_same_at_once_ask_once(cache: PromptCache) -> None:
    model = Model("hello", seconds=0.2)
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)])
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: ask(agent), range(8)))
    assert {answer.content for answer in answers} == {"hello"}
    assert len({answer.id for answer in answers}) == 8
    assert model.calls == 1


def test_coroutines_that_ask_the_same_at_once_ask_once(cache: PromptCache) -> None:
    model = Model("hello", seconds=0.2)
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)])

    async def at_once() -> list[Any]:
        return await asyncio.gather(*(agent.ainvoke({"messages": [("user", "hi")]}) for _ in range(8)))

    assert {result["messages"][-1].content for result in asyncio.run(at_once())} == {"hello"}
    assert model.calls == 1


def test_nobody_waits_twice_for_answers_that_are_not_kept(cache: PromptCache) -> None:
    model = Model(asks_weather, seconds=0.5)
    agent = agent_of(model, tools=[weather], middleware=[PromptCacheMiddleware(cache)])
    began = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: ask(agent), range(8)))
    assert {answer.content for answer in answers} == {"It is sunny in Rome."}
    assert time.monotonic() - began < 3  # one after the other, the calls of tools alone would take 4 seconds
    assert model.calls == 8 + 1


def test_what_is_not_on_the_cassette_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "tape.jsonl"
    for mode, expected in (("record", 1), ("replay", 0)):
        settings = {"namespaces": {"ci": {"mode": mode, "cassette": str(file)}}}
        with PromptCache("memory://", settings=settings) as client:
            model = Model("hello")
            agent = agent_of(model, middleware=[PromptCacheMiddleware(client, namespace="ci")])
            assert ask(agent).content == "hello"
            assert model.calls == expected
    with PromptCache("memory://", settings=settings) as client, pytest.raises(NotRecorded, match="question"):
        ask(agent_of(Model("hello"), middleware=[PromptCacheMiddleware(client, namespace="ci")]), "something else")


@pytest.mark.parametrize(
    "response",
    [
        "text",
        [1],
        {"generations": [{"message": {"type": "human", "content": "hi"}}], "structured": False},
        {"generations": [{"message": {"type": "ai", "content": 5}}], "structured": False},
        {"generations": [{"message": {"type": "ai", "content": "x"}}], "structured": True},
    ],
)
def test_what_others_stored_under_the_key_is_a_miss(cache: PromptCache, response: Any) -> None:
    model = Model("hello")
    agent = agent_of(model, middleware=[PromptCacheMiddleware(cache)])
    ask(agent)
    (item,) = entries_of(cache)
    cache.store(response, key=item["key"])
    assert [ask(agent).content for _ in range(2)] == ["hello"] * 2
    assert model.calls == 2


def test_a_cache_that_is_away_fails_nobody(caplog: pytest.LogCaptureFixture) -> None:
    model = Model("hello")
    agent = agent_of(model, middleware=[PromptCacheMiddleware("http://127.0.0.1:9")])
    with caplog.at_level(logging.WARNING):
        assert [ask(agent).content for _ in range(3)] == ["hello"] * 3
    assert model.calls == 3
    assert "hi" not in caplog.text.split()
