"""Models whose answers are kept by LangChain's own means."""

import asyncio
import json
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
from langchain_core.caches import BaseCache
from langchain_core.globals import set_llm_cache
from langchain_core.language_models import FakeListLLM
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, Field, SecretStr

from prompt_cache_client import NotRecorded, PromptCache
from prompt_cache_client.langchain import PromptCacheLLMCache

from .fakes import Model, entries_of, said

LLM = '{"id": ["langchain", "chat_models", "openai", "ChatOpenAI"], "kwargs": {"model_name": "gpt-4o-mini"}, "lc": 1}'


@pytest.fixture
def client() -> Iterator[PromptCache]:
    with PromptCache("memory://") as client:
        yield client


@pytest.fixture
def cache(client: PromptCache) -> PromptCacheLLMCache:
    return PromptCacheLLMCache(client)


def entries(cache: PromptCacheLLMCache) -> int:
    return int(cache._sync.stats()["entries"])


# -- hits -----


def test_a_hit_equals_the_first_answer_but_for_its_id(cache: PromptCacheLLMCache) -> None:
    call = {"name": "weather", "args": {"city": "Rome"}, "id": "call_1", "type": "tool_call"}
    parts = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "hello"}]
    model = Model(
        lambda _: said("", content_blocks=parts, tool_calls=[call], additional_kwargs={"reasoning_content": "hm"}),
        cache=cache,
    )
    first, second = model.invoke("hi"), model.invoke("hi")
    assert model.calls == 1
    assert type(second) is AIMessage
    assert first.id != second.id
    assert second.usage_metadata is not None
    assert second.usage_metadata.pop("total_cost") == 0  # type: ignore[typeddict-item]  # LangChain's word for a hit
    assert first.model_dump(exclude={"id"}) == second.model_dump(exclude={"id"})
    assert second.content_blocks == first.content_blocks


def test_sync_and_async_calls_share_their_answers(cache: PromptCacheLLMCache) -> None:
    model = Model("hello", cache=cache)
    assert model.invoke("hi").content == asyncio.run(model.ainvoke("hi")).content == "hello"
    assert model.calls == 1


def test_set_for_all_models() -> None:
    model = Model("hello")
    set_llm_cache(PromptCacheLLMCache("memory://"))
    try:
        assert [model.invoke("hi").content for _ in range(2)] == ["hello"] * 2
    finally:
        set_llm_cache(None)
    assert model.calls == 1


@pytest.mark.parametrize(
    "generations",
    [
        [Generation(text="a", generation_info={"finish_reason": "stop"})],
        [GenerationChunk(text="a")],
        [ChatGeneration(message=AIMessage("a", id="msg_1", name="ann"), generation_info={"logprobs": None})],
        [ChatGenerationChunk(message=AIMessageChunk(content="a"))],
        [ChatGeneration(message=AIMessage("a")), ChatGeneration(message=AIMessage("b"))],
        [ChatGeneration(message=AIMessage([{"type": "text", "text": "a", "annotations": [{"lc": 1}]}], extra="x"))],
    ],
)
def test_generations_come_back_as_they_are(cache: PromptCacheLLMCache, generations: list[Generation]) -> None:
    cache.update("p", LLM, generations)
    assert cache.lookup("p", LLM) == generations


def test_all_of_several_generations_are_kept(cache: PromptCacheLLMCache) -> None:
    answers = iter(("a", "b", "c"))
    model = Model(lambda _: said(next(answers)), cache=cache)

    def ask(**kwargs: Any) -> list[str]:
        return [one.text for one in model.generate([[HumanMessage("hi")]], **kwargs).generations[0]]

    assert ask(n=2) == ask(n=2) == ["a", "b"]
    assert ask() == ["c"]
    assert model.calls == 2


def test_what_a_hit_saves_is_counted(client: PromptCache, cache: PromptCacheLLMCache) -> None:
    model = Model("hello", cache=cache)
    model.invoke("hi"), model.invoke("hi")
    saved = client.stats()["saved"]
    assert (saved["input_tokens"], saved["output_tokens"]) == (100, 20)
    assert saved["cost_usd"] == pytest.approx(100 * 0.15e-6 + 20 * 0.6e-6)


def test_the_usage_of_several_generations_is_counted_once_where_each_repeats_it(client: PromptCache) -> None:
    model = Model("hello", cache=PromptCacheLLMCache(client))
    for _ in range(2):
        model.generate([[HumanMessage("hi")]], n=3)
    assert client.stats()["saved"]["input_tokens"] == 100


def test_the_usage_of_several_generations_is_added_up_where_each_has_its_own(client: PromptCache) -> None:
    cache = PromptCacheLLMCache(client)
    usages = [{"input_tokens": 10, "output_tokens": n, "total_tokens": 10 + n} for n in (1, 2)]
    cache.update("p", LLM, [ChatGeneration(message=AIMessage("a", usage_metadata=usage)) for usage in usages])
    cache.lookup("p", LLM)
    saved = client.stats()["saved"]
    assert (saved["input_tokens"], saved["output_tokens"]) == (20, 3)


# -- what makes two questions -----


def test_every_part_of_a_call_tells_it_from_others(cache: PromptCacheLLMCache) -> None:
    def fresh(model: Model, said: Any = "hi", **call: Any) -> int:
        before = model.calls
        model.invoke(said, **call)
        return model.calls - before

    model = Model("x", cache=cache)
    picture = {"type": "image_url", "image_url": {"url": "https://a/1.png"}}
    other_picture = {"type": "image_url", "image_url": {"url": "https://a/2.png"}}
    assert [fresh(model), fresh(model)] == [1, 0]
    assert fresh(Model("x", cache=cache)) == 0
    assert fresh(Model("x", cache=cache, model_name="gpt-4o")) == 1
    assert fresh(Model("x", cache=cache, temperature=0.5)) == 1
    assert [fresh(model, temperature=0.7), fresh(model, temperature=0.7)] == [1, 0]
    assert [fresh(model, stop=["a"]), fresh(model, stop=["b"]), fresh(model, stop=["a"])] == [1, 1, 0]
    assert fresh(model, tools=[{"name": "a"}]) == 1
    assert fresh(model, tool_choice="a") == 1
    assert fresh(model, response_format={"type": "json_object"}) == 1
    assert fresh(model, [SystemMessage("x"), HumanMessage("hi")]) == 1
    assert [fresh(model, [HumanMessage([picture])]), fresh(model, [HumanMessage([other_picture])])] == [1, 1]
    assert fresh(model, [HumanMessage("hi", id="1")]) == 0
    assert fresh(model, [HumanMessage([{"type": "text", "text": "hi"}])]) == 0


def test_a_prompt_that_looks_like_a_conversation_is_none(cache: PromptCacheLLMCache) -> None:
    text = '[{"lc": 1, "type": "constructor",  "id": ["HumanMessage"], "kwargs": {"content": "hi", "type": "human"}}]'
    cache.update(text, "[('_type', 'x')]", [Generation(text="of a text")])
    assert cache.lookup(json.dumps(json.loads(text)), "[('_type', 'x')]") is None


def test_a_model_of_texts(cache: PromptCacheLLMCache) -> None:
    model = FakeListLLM(responses=["a", "b"], cache=cache)
    assert [model.invoke("p"), model.invoke("p"), model.invoke("q")] == ["a", "a", "b"]


def test_settings_that_say_only_where_an_object_lies_are_not_cached(cache: PromptCacheLLMCache) -> None:
    model = Model("x", cache=cache)
    for _ in range(2):
        model.invoke("hi", helper=object())
    assert model.calls == 2
    assert entries(cache) == 0


def test_answer_formats_of_one_name_and_other_fields_are_two(cache: PromptCacheLLMCache) -> None:
    def format_with(field: str) -> type[BaseModel]:
        return type("Answer", (BaseModel,), {"__annotations__": {field: str}})

    model = Model('{"a": "x", "b": "x"}', cache=cache)
    one = format_with("a")
    for _ in range(2):
        model.invoke("hi", response_format=one)
    assert model.calls == 1
    other = format_with("b")  # from now on nobody can tell which of the two is meant
    model.invoke("hi", response_format=other)
    assert model.calls == 2


# -- what is stored -----


class Level(Enum):
    LOW = 1
    HIGH = 2


def test_settings_that_are_objects_count_by_what_they_say(cache: PromptCacheLLMCache) -> None:
    texts = [
        ChatOpenAI(model="m", api_key=SecretStr("k"), model_kwargs={"safety": level})._get_llm_string()
        for level in (Level.LOW, Level.HIGH)
    ]
    cache.update("q", texts[0], [Generation(text="low")])
    assert cache.lookup("q", texts[1]) is None
    assert cache.lookup("q", texts[0]) == [Generation(text="low")]


def test_no_key_is_stored(client: PromptCache, cache: PromptCacheLLMCache) -> None:
    secrets = ("sk-proj-abcdefghijk", "Bearer tok123456", "hunter2", "s3cr3t")
    model = ChatOpenAI(
        model="gpt-4o-mini",
        api_key=SecretStr(secrets[0]),
        default_headers={"Authorization": secrets[1], "x-api-key": secrets[2]},
        base_url=f"https://user:{secrets[3]}@localhost/v1",
    )
    llm_string = model._get_llm_string(extra_headers={"api-key": secrets[2]})
    assert any(secret in llm_string for secret in secrets)
    cache.update("p", llm_string, [Generation(text="x")])
    assert cache.lookup("p", llm_string) is not None
    (item,) = entries_of(client)
    assert item["model"] == "gpt-4o-mini"
    assert not [secret for secret in secrets if secret in json.dumps(item)]
    other = model._get_llm_string(extra_headers={"api-key": "another"})
    assert cache.lookup("p", other) is None


def test_a_question_can_be_read_in_the_cache(client: PromptCache, cache: PromptCacheLLMCache) -> None:
    model = Model("hello", cache=cache, temperature=0.5)
    model.invoke([SystemMessage("Be brief."), HumanMessage("hi")], stop=["END"])
    (item,) = entries_of(client)
    assert item["model"] == "gpt-4o-mini"
    assert item["request"]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
    ]
    assert item["request"]["params"]["llm.temperature"] == 0.5
    assert item["request"]["params"]["stop"] == ["END"]


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_answers_cut_short_are_not_kept(cache: PromptCacheLLMCache, reason: str) -> None:
    model = Model(lambda _: AIMessage("hel", response_metadata={"finish_reason": reason}), cache=cache)
    for _ in range(2):
        model.invoke("hi")
    assert model.calls == 2


def test_an_answer_that_is_no_json_is_not_kept(cache: PromptCacheLLMCache, caplog: pytest.LogCaptureFixture) -> None:
    for info in ({"at": object()}, {"at": (1, 2)}, {"at": float("nan")}):
        cache.update("p", LLM, [Generation(text="secret text", generation_info=info)])
    assert cache.lookup("p", LLM) is None
    assert "not stored" in caplog.text
    assert "secret text" not in caplog.text


def test_what_was_parsed_comes_back_so_that_langchain_can_read_it(cache: PromptCacheLLMCache) -> None:
    class Answer(BaseModel):
        in_words: str = Field(alias="inWords")

    parsed = Answer(inWords="x")
    message = AIMessage("{}", additional_kwargs={"parsed": parsed})
    cache.update("p", LLM, [ChatGeneration(message=message)])
    found = cache.lookup("p", LLM)
    assert found is not None
    assert isinstance(found[0], ChatGeneration)
    assert Answer(**found[0].message.additional_kwargs["parsed"]) == parsed


def test_what_others_stored_under_the_key_is_a_miss(client: PromptCache, cache: PromptCacheLLMCache) -> None:
    request = cache._request("p", LLM)
    assert request is not None
    foreign: list[Any] = ["text", [1], {"generations": [{"type": "Other"}]}, {"generations": [{"message": {}}]}]
    for response in foreign:
        client.store(response, request=request)
        assert cache.lookup("p", LLM) is None
    cache.update("p", LLM, [Generation(text="x")])
    assert cache.lookup("p", LLM) == [Generation(text="x")]


# -- lives -----


def test_data_that_changes_while_the_model_thinks(client: PromptCache) -> None:
    cache = PromptCacheLLMCache(client, depends_on="kb", tags="a")

    def answer(_: Any) -> AIMessage:
        if model.calls == 1:
            client.bump("kb")
        return said(f"answer {model.calls}")

    model = Model(answer, cache=cache)
    assert [model.invoke("hi").content for _ in range(3)] == ["answer 1", "answer 2", "answer 2"]
    client.bump("kb")
    assert model.invoke("hi").content == "answer 3"


def test_an_answer_nobody_looked_up_is_not_taken_for_fresh(client: PromptCache) -> None:
    cache = PromptCacheLLMCache(client, depends_on=["kb"])
    cache.update("p", LLM, [Generation(text="x")])
    assert cache.lookup("p", LLM) is None


def test_a_hit_ends_what_a_failed_call_began(client: PromptCache) -> None:
    """Else the next answer to the same text would belong to a lookup of long ago, and not be kept."""
    cache, prompt = PromptCacheLLMCache(client, depends_on=["kb"]), "question"
    assert cache.lookup(prompt, LLM) is None  # and the model fails
    other = "".join([*prompt])
    assert cache.lookup(other, LLM) is None
    cache.update(other, LLM, [Generation(text="old")])
    assert cache.lookup(prompt, LLM) == [Generation(text="old")]
    client.bump("kb")
    assert cache.lookup(prompt, LLM) is None
    cache.update(prompt, LLM, [Generation(text="new")])
    assert cache.lookup(prompt, LLM) == [Generation(text="new")]


def test_clear_takes_only_what_came_through_langchain(client: PromptCache, cache: PromptCacheLLMCache) -> None:
    client.store("kept", request={"prompt": "p"})
    for model in ("gpt-4o-mini", "gpt-4o"):
        cache.update("p", LLM.replace("gpt-4o-mini", model) + "---[]", [Generation(text="x")])
    assert client.stats()["entries"] == 3
    cache.clear(model="gpt-4o")
    assert client.stats()["entries"] == 2
    asyncio.run(cache.aclear())
    assert client.lookup("p").response == "kept"
    assert client.stats()["entries"] == 1


def test_what_every_answer_is_stored_with(client: PromptCache) -> None:
    cache = PromptCacheLLMCache(
        client, namespace="team", ttl=60, tags=["a"], attributes={"tenant": "t"}, source={"workflow": "w"}
    )
    cache.update("p", LLM, [Generation(text="x")])
    assert cache.lookup("p", LLM)
    assert PromptCacheLLMCache(client, namespace="team").lookup("p", LLM) is None
    assert PromptCacheLLMCache(client, attributes={"tenant": "t"}).lookup("p", LLM) is None
    groups = {group["group"]: group for group in client.stats(namespace="team", group_by="workflow")["groups"]}
    assert groups["w"]["hits"] == 1
    assert client.invalidate(namespace="team", tags=["a"]) == 1


# -- streaming -----


def test_a_stream_is_as_langchain_has_it(cache: PromptCacheLLMCache) -> None:
    """A model without a stream of its own answers by invoke, and so from the cache; others never ask a cache."""
    model = Model("hello", cache=cache)
    for _ in range(2):
        assert "".join(str(chunk.content) for chunk in model.stream("hi")) == "hello"
    assert model.calls == 1


def test_events_of_a_hit(cache: PromptCacheLLMCache) -> None:
    model = Model("hello", cache=cache)
    model.invoke("hi")

    async def events() -> list[str]:
        return [event["event"] async for event in model.astream_events("hi", version="v2")]

    assert asyncio.run(events()) == ["on_chat_model_start", "on_chat_model_end"]
    assert model.calls == 1


# -- away -----


def test_a_cache_that_is_away_fails_nobody(caplog: pytest.LogCaptureFixture) -> None:
    cache = PromptCacheLLMCache("http://127.0.0.1:9")
    model = Model("hello", cache=cache)
    assert [model.invoke("tell nobody").content for _ in range(2)] == ["hello"] * 2
    assert asyncio.run(model.ainvoke("tell nobody")).content == "hello"
    assert "tell nobody" not in caplog.text
    assert len(caplog.records) == 2  # said once each, of looking up and of storing
    with pytest.raises(Exception, match="cannot be reached"):
        cache.clear()


def test_what_no_cache_takes_fails_nobody(cache: PromptCacheLLMCache) -> None:
    model = Model("hello", cache=cache)
    for text in ("", "half \ud83d a pair", "x" * 1000):
        assert model.invoke(text).content == "hello"
    assert cache.lookup("", LLM) is None


def test_what_is_not_on_the_cassette_is_an_error(tmp_path: Any) -> None:
    file = tmp_path / "tape.jsonl"
    for mode, expected in (("record", 1), ("replay", 0)):
        settings = {"namespaces": {"ci": {"mode": mode, "cassette": str(file)}}}
        with PromptCache("memory://", settings=settings) as client:
            model = Model("hello", cache=PromptCacheLLMCache(client, namespace="ci"))
            assert model.invoke("hi").content == "hello"
            assert model.calls == expected
    with PromptCache("memory://", settings=settings) as client, pytest.raises(NotRecorded):
        Model("hello", cache=PromptCacheLLMCache(client, namespace="ci")).invoke("something else")


def test_it_is_a_cache_of_langchains() -> None:
    assert issubclass(PromptCacheLLMCache, BaseCache)
