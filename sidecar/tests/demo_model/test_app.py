"""What the demonstration model answers, and what tests can turn and read on it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from prompt_cache.demo_model import create_app
from prompt_cache.demo_model.replies import digest
from prompt_cache.demo_model.schemas import satisfy
from prompt_cache.responses.answer import read_answer

slept: list[float] = []


@pytest.fixture
def client() -> FlaskClient:
    slept.clear()
    return create_app(1.0, sleep=slept.append).test_client()


def chat(client: FlaskClient, text: str, **fields: Any) -> Any:
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], **fields}
    return client.post("/v1/chat/completions", json=body)


def respond(client: FlaskClient, text: str, **fields: Any) -> Any:
    return client.post("/v1/responses", json={"model": "gpt-4o-mini", "input": text, **fields})


def test_same_question_same_answer_other_question_other_answer(client: FlaskClient) -> None:
    answers = [chat(client, text).json["choices"][0]["message"]["content"] for text in ("a", "a", "b")]
    assert answers[0] == answers[1] != answers[2]
    assert answers[0].endswith(digest("a"))


def test_counts_calls_and_keeps_the_last_hundred_prompts(client: FlaskClient) -> None:
    for number in range(101):
        chat(client, f"chat {number}")
    respond(client, "respond")
    calls = client.get("/calls").json
    assert calls is not None
    assert calls["calls"] == 102
    assert calls["by_path"] == {"/v1/chat/completions": 101, "/v1/responses": 1}
    assert calls["prompts"] == [f"chat {number}" for number in range(2, 101)] + ["respond"]
    assert client.post("/calls/reset").json == {"calls": 0, "by_path": {}, "prompts": []}


@pytest.mark.parametrize("ask", [chat, respond])
def test_takes_its_delay_streaming_or_not(client: FlaskClient, ask: Callable[..., Any]) -> None:
    ask(client, "Hi")
    assert slept == [1.0]
    slept.clear()
    client.post("/delay", json={"seconds": 3})
    _ = ask(client, "Hi", stream=True).data
    assert sum(slept) == pytest.approx(3)
    assert len(slept) > 5


def test_a_status_fault_lasts_as_many_calls_as_asked(client: FlaskClient) -> None:
    client.post("/fault", json={"status": 429, "times": 2})
    assert [chat(client, "Hi").status_code for _ in range(3)] == [429, 429, 200]
    client.post("/fault", json={"status": 500})
    refused = [respond(client, "Hi") for _ in range(3)]
    assert [response.status_code for response in refused] == [500, 500, 500]
    assert read_answer(refused[0].json).is_error
    client.post("/fault", json={})
    assert respond(client, "Hi").status_code == 200
    assert client.get("/calls").json["calls"] == 7  # type: ignore[index]


@pytest.mark.parametrize("reason", ["length", "content_filter"])
@pytest.mark.parametrize("ask", [chat, respond])
def test_a_finish_reason_fault_cuts_the_answer(client: FlaskClient, ask: Callable[..., Any], reason: str) -> None:
    whole = read_answer(ask(client, "Hi").json)
    client.post("/fault", json={"finish_reason": reason, "times": 1})
    cut = read_answer(ask(client, "Hi").json)
    assert cut.finish_reason == reason
    assert cut.text
    assert whole.text.startswith(cut.text)
    assert whole.text != cut.text
    assert read_answer(ask(client, "Hi").json) == whole


def test_a_cut_stream_of_responses_ends_incomplete(client: FlaskClient) -> None:
    client.post("/fault", json={"finish_reason": "length"})
    last = respond(client, "Hi", stream=True).text.strip().rsplit("\n\n", 1)[-1]
    assert last.startswith("event: response.incomplete\n")
    assert '"incomplete_details": {"reason": "max_output_tokens"}' in last


@pytest.mark.parametrize("fault", [{"status": 200}, {"finish_reason": "stop"}, {"times": -1}, {"tims": 1}, [1], "x"])
def test_a_wrong_fault_is_refused(client: FlaskClient, fault: Any) -> None:
    response = client.post("/fault", json=fault)
    assert response.status_code == 400
    assert response.json["error"]["message"]  # type: ignore[index]
    assert chat(client, "Hi").status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"model": "m"}),
        ("/v1/chat/completions", {"messages": "Hi"}),
        ("/v1/responses", {"input": 3}),
        ("/v1/responses", ["Hi"]),
    ],
)
def test_a_request_without_a_question_is_refused_as_openai_does(client: FlaskClient, path: str, body: Any) -> None:
    response = client.post(path, json=body)
    assert response.status_code == 400
    assert response.json["error"]["type"] == "invalid_request_error"  # type: ignore[index]
    assert client.get("/calls").json["calls"] == 0  # type: ignore[index]


def test_answers_without_calling_a_tool_nobody_spoke_of(client: FlaskClient) -> None:
    tools = [{"type": "function", "function": {"name": "weather"}}]
    assert not read_answer(chat(client, "How are stools made?", tools=tools).json).has_tool_calls
    assert read_answer(chat(client, "Use your tools.", tools=tools).json).has_tool_calls


def test_a_new_question_after_a_tool_result_may_call_again(client: FlaskClient) -> None:
    tools = [{"type": "function", "function": {"name": "weather"}}]
    messages = [
        {"role": "user", "content": "Use the tool"},
        {"role": "tool", "tool_call_id": "1", "content": "Sunny"},
    ]
    body = {"messages": messages, "tools": tools}
    assert not read_answer(client.post("/v1/chat/completions", json=body).json).has_tool_calls
    messages.append({"role": "user", "content": "Use the tool again"})
    assert read_answer(client.post("/v1/chat/completions", json=body).json).has_tool_calls


CALCULATOR = {
    "name": "calculator",
    "description": "Useful for getting the result of a math expression.",
    "parameters": {"type": "object", "properties": {"input": {"type": "string"}}},
}
WEATHER = {
    "name": "getForecast",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "brief": {"type": "boolean"}},
    },
}


def called(message: Any) -> tuple[str, Any] | None:
    """Name and arguments of the one call in an answer of either API."""
    if "choices" in message:
        calls = [each["function"] for each in message["choices"][0]["message"].get("tool_calls", ())]
    else:
        calls = [item for item in message["output"] if item["type"] == "function_call"]
    return (calls[0]["name"], json.loads(calls[0]["arguments"])) if calls else None


@pytest.mark.parametrize("ask", [chat, respond])
@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("Use the calculator: 2+2", ("calculator", {"input": "2+2"})),
        ("Please use your Calculator for 6 * 7.", ("calculator", {"input": "6 * 7"})),
        ("Call get forecast: city Ghent, days 3", ("getForecast", {"city": "Ghent", "days": 3, "brief": True})),
        ('Ask the weather service: city: "New York"', ("getForecast", {"city": "New York", "days": 42, "brief": True})),
        ("Use a tool for 1 + 2", ("calculator", {"input": "1 + 2"})),
        ("What is 2+2?", None),
        ("How do people use a cache?", None),
    ],
)
def test_calls_the_tool_that_it_is_asked_to_use(client: FlaskClient, ask: Any, text: str, call: Any) -> None:
    functions = (CALCULATOR, WEATHER)
    tools: list[Any] = [{"type": "function", "function": each} for each in functions]
    if ask is respond:
        tools = [{"type": "function", **each} for each in functions]
    assert called(ask(client, text, tools=tools).json) == call


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        ({"type": "function", "function": {"name": "getForecast"}}, "getForecast"),
        ("required", "calculator"),
        ("auto", None),
        ("none", None),
    ],
)
def test_calls_the_tool_that_it_has_to(client: FlaskClient, choice: Any, name: str | None) -> None:
    tools = [{"type": "function", "function": each} for each in (CALCULATOR, WEATHER)]
    call = called(chat(client, "Hi", tools=tools, tool_choice=choice).json)
    assert (call and call[0]) == name


def test_answers_with_what_the_tool_gave_back(client: FlaskClient) -> None:
    tools = [{"type": "function", "function": CALCULATOR}]
    messages = [
        {"role": "user", "content": "Use the calculator: 2+2"},
        {"role": "tool", "tool_call_id": "1", "content": "4"},
    ]
    answer = read_answer(client.post("/v1/chat/completions", json={"messages": messages, "tools": tools}).json)
    assert 'The tool answered: "4"' in answer.text


def test_gives_as_many_choices_as_are_wanted(client: FlaskClient) -> None:
    def texts(**fields: Any) -> list[str]:
        return [choice["message"]["content"] for choice in chat(client, "Hi", **fields).json["choices"]]

    three = texts(n=3)
    assert len(set(three)) == 3
    assert three[:1] == texts()
    chunks = [json.loads(line[6:]) for line in chat(client, "Hi", n=2, stream=True).text.splitlines() if "{" in line]
    streamed: dict[int, str] = {}
    for chunk in chunks:
        (choice,) = chunk["choices"]
        streamed[choice["index"]] = streamed.get(choice["index"], "") + (choice["delta"].get("content") or "")
    assert list(streamed.values()) == three[:2]
    assert chat(client, "Hi", n=0).status_code == 400


def test_follows_a_schema_that_an_output_parser_wrote_into_the_prompt(client: FlaskClient) -> None:
    schema = {"type": "object", "properties": {"mood": {"enum": ["good", "bad"]}}}
    prompt = f"Your output must adhere to this JSON Schema:\n```json\n{json.dumps(schema)}\n```\nHow are you?"
    assert json.loads(read_answer(chat(client, prompt).json).text) == {"mood": "good"}


def test_gives_its_final_answer_through_the_tool_of_an_output_parser(client: FlaskClient) -> None:
    final = {"name": "format_final_json_response", "parameters": {"type": "object", "properties": {"a": {}}}}
    other = {"name": "weather", "parameters": {"type": "object"}}
    tools = [{"type": "function", "function": function} for function in (final, other)]
    first = chat(client, "Use a tool", tools=tools).json["choices"][0]["message"]
    assert first["tool_calls"][0]["function"]["name"] == "weather"
    plain = chat(client, "Just answer", tools=tools).json["choices"][0]["message"]
    assert plain["tool_calls"][0]["function"]["name"] == "format_final_json_response"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "minLength": 6, "maxLength": 6}, "text.."),
        ({"type": "string", "maxLength": 2}, "te"),
        ({"type": ["null", "integer"], "maximum": 5}, 5),
        ({"type": "number", "exclusiveMinimum": 100}, 101),
        ({"type": "boolean"}, True),
        ({"enum": ["red", "blue"]}, "red"),
        ({"const": 7}, 7),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, True),
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]}, {"a": 1, "b": 2}),
        ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [True, True]),
        ({"$defs": {"N": {"type": "integer"}}, "properties": {"n": {"$ref": "#/$defs/N"}}}, {"n": 42}),
        ({"type": "object"}, {}),
    ],
)
def test_made_up_values_satisfy_the_schema(schema: Any, value: Any) -> None:
    assert satisfy(schema, "text") == value


def test_a_schema_that_contains_itself_has_a_finite_value() -> None:
    tree = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}}
    assert "children" in satisfy(tree, "text")
    endless = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    assert "next" in satisfy(endless, "text")
    assert satisfy({"$ref": "#"}, "text") == "text"


def test_a_script_says_what_the_next_answers_are(client: FlaskClient) -> None:
    client.post("/script", json={"answers": ["one", "two"]})
    said = [chat(client, "a").json["choices"][0]["message"]["content"] for _ in range(3)]
    assert said[:2] == ["one", "two"]
    assert said[2].endswith(digest("a"))
