"""Answers that are not what their request asks for: they are refused, and nothing else is."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prompt_cache.core.policy import NotStored
from prompt_cache.core.store import NewEntry
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.responses.shapes import anthropic, chat, gemini, langchain, n8n_items, responses, responses_message
from sidecar.tests.support import Asker, request

PARSERS = json.loads(Path(__file__).with_name("n8n_parsers.json").read_text(encoding="utf-8"))
COLOUR: dict[str, Any] = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["blue", "grey"]}},
    "required": ["colour"],
}
OUTPUT: dict[str, Any] = {"type": "object", "properties": {"output": COLOUR}, "required": ["output"]}
BLUE, RED = '{"colour": "blue"}', '{"colour": "red"}'


def stored(response: Any, **asked: Any) -> bool:
    """Whether an answer to this request is stored; if not, for no other reason than this."""
    asker = Asker(MemoryStore)
    fate = asker.answer(asker.ask(**asked).key, response)
    assert fate.stored or fate.reason is NotStored.UNUSABLE_OUTPUT
    return bool(fate.stored)


def said(text: str) -> dict[str, Any]:
    return chat({"role": "assistant", "content": text})


def called(arguments: Any, name: str = "answer") -> dict[str, Any]:
    call = {"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}
    return chat({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")


# -- what parsers say in a prompt -----


@pytest.mark.parametrize("place", ["prompt", "system", "messages"])
@pytest.mark.parametrize("parser", PARSERS["instructions"])
def test_prompt__what_n8ns_parsers_take_is_stored_and_what_they_refuse_is_not(parser: str, place: str) -> None:
    instructions = f"Which colour has the sky?\n{PARSERS['instructions'][parser]}"
    ways: dict[str, dict[str, Any]] = {
        "prompt": {"prompt": instructions},
        "system": {"system": [{"type": "text", "text": instructions}], "prompt": "The sky."},
        "messages": {"messages": [{"role": "user", "content": [{"type": "text", "text": instructions}]}]},
    }
    asked = ways[place]
    for text in PARSERS["taken"][parser]:
        assert stored(said(text), **asked), text
    for text in PARSERS["refused"][parser]:
        assert not stored(said(text), **asked), text


@pytest.mark.parametrize(
    "words",
    [
        # langchain-core 0.3 and 1.0, in Python
        "As an example, ...\n\nHere is the output schema:\n```\n{schema}\n```",
        "Here is the output schema (shown in a code block for readability only — do not include any backticks):"
        "\n```\n{schema}\n```",
        "Here is the JSON Schema instance your output must adhere to. Include the enclosing markdown codeblock:"
        "\n```json\n{schema}\n```\n",
    ],
)
def test_prompt__in_the_words_of_langchains_parsers(words: str) -> None:
    prompt = words.replace("{schema}", json.dumps(COLOUR))
    assert stored(said(f"```json\n{BLUE}\n```"), prompt=prompt)
    assert not stored(said(RED), prompt=prompt)


def test_prompt__what_the_model_said_before_states_nothing() -> None:
    instructions = PARSERS["instructions"]["extractor"]
    asked = [{"role": "assistant", "content": instructions}, {"role": "user", "content": "Thanks!"}]
    assert stored(said("You are welcome."), messages=asked)


@pytest.mark.parametrize(
    "step",
    [
        "Thought: I look.\nAction: search\nAction Input: sky",
        f"Thought: I know.\nFinal Answer: {BLUE}",
        '```json\n{"action": "search", "action_input": "sky"}\n```',
    ],
)
def test_prompt__the_steps_of_agents_who_call_tools_by_words_are_stored(step: str) -> None:
    assert stored(said(step), prompt=PARSERS["instructions"]["extractor"])


# -- answer formats -----


@pytest.mark.parametrize(
    "asked",
    [
        {"response_format": {"type": "json_schema", "json_schema": {"name": "c", "schema": COLOUR}}},
        {"response_format": {"type": "json_schema", "name": "c", "schema": COLOUR}},
        {"params": {"text": {"format": {"type": "json_schema", "name": "c", "schema": COLOUR}}}},
        {"params": {"response_format": {"type": "json_schema", "json_schema": {"name": "c", "schema": COLOUR}}}},
        {
            "params": {
                "connected_model": {"modelKwargs": {"response_format": {"type": "json_schema", "schema": COLOUR}}}
            }
        },
        {"params": {"generationConfig": {"responseMimeType": "application/json", "responseSchema": COLOUR}}},
        {"params": {"generationConfig": {"responseJsonSchema": COLOUR}}},
        {"params": {"format": COLOUR}},
        {"params": {"output_format": {"type": "json_schema", "schema": COLOUR}}},
        {"params": {"output_config": {"format": {"type": "json_schema", "schema": COLOUR}}}},
        {"response_format": COLOUR},
        {
            "params": {
                "generationConfig": {
                    "responseSchema": {
                        "type": "OBJECT",
                        "properties": {"colour": {"type": "STRING", "enum": ["blue"]}},
                        "required": ["colour"],
                    }
                }
            }
        },
    ],
)
def test_format__a_schema(asked: dict[str, Any]) -> None:
    for text in (BLUE, f"```json\n{BLUE}\n```", f"Here it is: {BLUE} Bye!", '{"colour": "blue", "more": 1}'):
        assert stored(said(text), **asked), text
    assert stored(said(f"<think>{{Is it {RED}?}}</think>\n{BLUE}"), **asked)
    for text in (RED, "{}", "blue", f"[{BLUE}]", BLUE[:-1]):
        assert not stored(said(text), **asked), text


@pytest.mark.parametrize(
    ("asked", "taken", "refused"),
    [
        ({"response_format": {"type": "json_object"}}, ['{"any": 1}', "{}"], ["Paris.", "[1]", '"Paris"', '{"a": 1']),
        ({"params": {"format": "json"}}, ['{"any": 1}', "[1]"], ["Paris.", "7"]),
        ({"params": {"generationConfig": {"responseMimeType": "application/json"}}}, ['{"any": 1}'], ["Paris."]),
        ({"response_format": {"type": "text"}}, ["Paris."], []),
        ({"params": {"format": "mp3", "audio": {"format": {"type": "pcm"}}}}, ["Paris."], []),
        ({"attributes": {"format": "json"}}, ["Paris."], []),
    ],
)
def test_format__any_json(asked: dict[str, Any], taken: list[str], refused: list[str]) -> None:
    for text in taken:
        assert stored(said(text), **asked), text
    for text in refused:
        assert not stored(said(text), **asked), text


def test_format__a_strict_one_allows_no_field_without_a_name() -> None:
    closed = {**COLOUR, "additionalProperties": False}
    more = said('{"colour": "blue", "more": 1}')
    for strict in (True, False):
        form = {"type": "json_schema", "json_schema": {"name": "c", "strict": strict, "schema": closed}}
        assert stored(more, response_format=form) is not strict


def test_format__what_a_parser_says_goes_before_any_json() -> None:
    asked = {"prompt": PARSERS["instructions"]["extractor"], "response_format": {"type": "json_object"}}
    assert stored(said(BLUE), **asked)
    assert not stored(said(RED), **asked)


@pytest.mark.parametrize(
    "answer",
    [
        lambda text: responses([responses_message(text)]),
        lambda text: anthropic([{"type": "text", "text": text}]),
        lambda text: gemini([{"text": text[:5]}, {"text": text[5:]}]),
        lambda text: {"generations": [[{"text": text, "message": langchain(content=text)}]], "llmOutput": {}},
        lambda text: {"model": "llama3.2", "message": {"role": "assistant", "content": text}, "done": True},
        lambda text: {"text": text},
        lambda text: {"output": text},
        lambda text: {"output": json.loads(text)},
        lambda text: json.loads(text),
        lambda text: [
            {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text[:6]}}]},
            {
                "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": {"content": text[6:]}, "finish_reason": "stop"}],
            },
        ],
        lambda text: n8n_items({"output": json.loads(BLUE)}, {"output": json.loads(text)}),
        lambda text: {
            **said(BLUE),
            "choices": [
                {"index": at, "finish_reason": "stop", "message": {"role": "assistant", "content": each}}
                for at, each in enumerate((BLUE, text))
            ],
        },
    ],
)
def test_answers_in_all_envelopes(answer: Any) -> None:
    asked = {"response_format": {"type": "json_schema", "json_schema": {"name": "c", "schema": COLOUR}}}
    assert stored(answer(BLUE), **asked)
    assert not stored(answer(RED), **asked)


def test_a_call_on_the_way_to_the_answer_is_stored() -> None:
    asked = {"response_format": {"type": "json_object"}, "tools": [{"name": "look", "parameters": COLOUR}]}
    assert stored(called("{}", "look"), **asked)


# -- tools -----

TOOLS = [
    [{"type": "function", "function": {"name": "answer", "parameters": COLOUR}}, {"name": "b", "parameters": {}}],
    [{"name": "answer", "input_schema": COLOUR}],
    [{"functionDeclarations": [{"name": "answer", "parameters": COLOUR}]}],
    [{"toolSpec": {"name": "answer", "inputSchema": {"json": COLOUR}}}],
]
CALLS: list[Any] = [
    called,
    lambda arguments: responses([{"type": "function_call", "call_id": "c", "name": "answer", "arguments": arguments}]),
    lambda arguments: anthropic([{"type": "tool_use", "id": "t", "name": "answer", "input": json.loads(arguments)}]),
    lambda arguments: gemini([{"functionCall": {"name": "answer", "args": json.loads(arguments)}}]),
    lambda arguments: langchain(
        content="", tool_calls=[{"name": "answer", "args": json.loads(arguments), "id": "c", "type": "tool_call"}]
    ),
]


@pytest.mark.parametrize("tools", TOOLS)
@pytest.mark.parametrize("call", CALLS)
def test_tool__the_arguments_of_the_one_that_is_forced(tools: list[Any], call: Any) -> None:
    forced = {"tool_choice": {"type": "function", "function": {"name": "answer"}}}
    assert stored(call(BLUE), tools=tools, params=forced)
    assert not stored(call(RED), tools=tools, params=forced)
    assert stored(call(RED), tools=tools, params={"tool_choice": "auto"})


@pytest.mark.parametrize(
    ("params", "checked"),
    [
        ({"tool_choice": "required"}, True),
        ({"tool_choice": {"type": "any"}}, True),
        ({"tool_choice": {"type": "tool", "name": "answer"}}, True),
        ({"tool_choice": {"type": "function", "name": "answer"}}, True),
        ({"tool_choice": "answer"}, True),
        ({"call_options": {"tool_choice": "answer"}}, True),
        ({"function_call": {"name": "answer"}}, True),
        ({"toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["answer"]}}}, True),
        ({"tool_choice": {"type": "function", "function": {"name": "another"}}}, False),
        ({"tool_choice": "none"}, False),
        ({"tool_choice": 7}, False),
        ({}, False),
    ],
)
def test_tool__forced_in_the_words_of_all_providers(params: dict[str, Any], checked: bool) -> None:
    assert stored(called(RED), tools=TOOLS[1], params=params) is not checked
    assert stored(called(BLUE), tools=TOOLS[1], params=params)


def test_tool__arguments_that_are_no_json() -> None:
    assert not stored(called('{"colour": "bl'), tools=TOOLS[1], params={"tool_choice": "answer"})


FINAL = [{"type": "function", "function": {"name": "format_final_json_response", "parameters": OUTPUT}}]


def test_final_tool__its_arguments_or_what_is_said_instead() -> None:
    wrapped, bare = f'{{"output": {BLUE}}}', BLUE
    assert stored(called(wrapped, "format_final_json_response"), tools=FINAL)
    assert not stored(called(f'{{"output": {RED}}}', "format_final_json_response"), tools=FINAL)
    assert stored(called("{}", "another"), tools=[*FINAL, {"name": "another", "parameters": {}}])
    for text in (wrapped, bare, f"```json\n{bare}\n```"):
        assert stored(said(text), tools=FINAL), text
    for text in (RED, f'{{"output": {RED}}}', "I do not know."):
        assert not stored(said(text), tools=FINAL), text


# -- by which way it comes -----


def test_it_is_refused_with_the_request_itself_and_after_a_hit() -> None:
    asker = Asker(MemoryStore)
    form = {"type": "json_object"}
    key = asker.fill(response=said("{}"), response_format=form)
    assert asker.answer(key, said("Blue.")).reason is NotStored.UNUSABLE_OUTPUT
    assert asker.ask(response_format=form).status == "hit"
    new = NewEntry(request=request(prompt="New?", response_format=form), response=msgspec.json.encode(said("Blue.")))
    assert asker.cache.store(new).reason is NotStored.UNUSABLE_OUTPUT


def test_without_prompts_nothing_is_kept_to_check_by_key() -> None:
    asker = Asker(MemoryStore, store_prompts=False)
    key = asker.ask("Which colour?", response_format={"type": "json_object"}).key
    assert asker.answer(key, said("Blue.")).stored


# -- hostile schemas and answers -----


def nested(depth: int, inner: str = "1") -> str:
    return '{"a":' * depth + inner + "}" * depth


DOUBLING = {
    "$defs": {f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(60)}
    | {"d60": {"type": "string"}},
    "$ref": "#/$defs/d0",
}
HOSTILE: list[tuple[Any, str]] = [
    ({"$ref": "#"}, "{}"),
    ({"type": "object", "properties": {"a": {"$ref": "#"}}, "$ref": "https://example.com/schema.json"}, '{"a": {}}'),
    ({"$id": "https://example.com/x", "$ref": "other.json"}, "{}"),
    (DOUBLING, '"x"'),
    (
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}},
        json.dumps({"a": "a" * 50_000}),
    ),
    ({"allOf": [{"pattern": f"(x*)*y{{0,{at}}}$"} for at in range(900)]}, json.dumps("x" * 1_000_000)),
    ({"type": "array", "uniqueItems": True}, json.dumps([{"a": at} for at in range(5000)])),
    ({"type": "array", "items": {}}, json.dumps([1] * 500_000)),
    ({"propertyNames": {"pattern": "(a|a)*$"}, "type": "object"}, json.dumps({"a" * 40 + "!": 1})),
    ({"type": "object", "properties": {"a": {"type": "nonsense"}}}, '{"a": 1}'),
    ({"not": {"pattern": "(?=x)"}}, '"x"'),
    ({"if": {"pattern": "(?=x)"}, "then": {"const": 1}}, '"y"'),
    (
        {"oneOf": [{"properties": {name: {}}, "required": [], "additionalProperties": False} for name in "ab"]},
        '{"a": 1, "c": 2}',
    ),
    ({"type": 7, "properties": 7, "required": 7, "enum": 7}, "{}"),
    ({"type": "object", "required": "colour", "minLength": "x"}, "{}"),
    ({"type": "object", "properties": {"a": {"$dynamicRef": "#x"}}}, '{"a": 1}'),
    ({"type": "object", "properties": {"a": {"$ref": "#"}}}, nested(900)),
    ({"type": "object"}, nested(100_000)),
    ({"type": "object", "x": "y" * 40_000, "required": ["colour"]}, "{}"),
]


@pytest.mark.parametrize(("schema", "text"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_schemas_cost_little_and_refuse_nothing(schema: Any, text: str) -> None:
    started = time.process_time()
    assert stored(said(text), response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}})
    assert time.process_time() - started < 3


def test_a_batch_of_hostile_schemas_costs_little() -> None:
    asked = request(response_format={"type": "json_schema", "schema": DOUBLING})
    batch = [NewEntry(request=asked, response=msgspec.json.encode(said('"x"')))] * 100
    started = time.process_time()
    assert all(stored.stored for stored in Asker(MemoryStore).cache.store_many(batch))
    assert time.process_time() - started < 10


WORDS = "Here is the output schema\n```\n"


@pytest.mark.parametrize(
    "piece", [WORDS, "Here is the output schema", WORDS + "{}\n```\n", WORDS + "[" * 900 + "\n```\n"]
)
def test_prompts_full_of_instructions_cost_little(piece: str) -> None:
    started = time.process_time()
    stored(said("[1]"), prompt=piece * (6_000_000 // len(piece)))
    assert time.process_time() - started < 6


@pytest.mark.parametrize(
    "text", ["[1]" * 2_000_000, "{" * 4_000_000, "```" * 2_000_000, " " * 8_000_000 + "x", "{}x" * 2_000_000]
)
def test_long_answers_cost_little(text: str) -> None:
    started = time.process_time()
    stored(said(text), prompt=PARSERS["instructions"]["extractor"])
    stored(said(text), response_format={"type": "json_object"})
    assert time.process_time() - started < 6


words = st.sampled_from(
    [
        *("type", "object", "array", "schema", "json_schema", "strict", "json", "format"),
        *("properties", "items", "$ref", "#", "required", "enum", "const", "pattern", "(", "nullable"),
        *("additionalProperties", "prefixItems"),
        *("function", "name", "answer", "parameters", "input_schema", "tool_choice", "any"),
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(anything, anything, anything, anything)
def test_nothing_that_is_stated_breaks_a_store(form: Any, tool: Any, params: Any, answer: Any) -> None:
    asked = {"response_format": form, "tools": [tool], "params": {"tool_choice": params, "text": {"format": params}}}
    stored(called(json.dumps(answer)), **asked)
    stored(said(json.dumps(answer)), **asked)


def test_the_library_is_not_loaded_before_it_is_needed() -> None:
    program = "import sys, prompt_cache.core.cache, prompt_cache.http.app; assert 'jsonschema' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
