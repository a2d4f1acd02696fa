"""What tells one of Google's requests from another."""

from typing import Any

import pytest

from prompt_cache.protocols.gemini import GenerateContent
from prompt_cache.protocols.protocol import Wire
from sidecar.tests.support import key

INVENTED = "b30c1848-54d4-4b5e-b7fe-a2f58966eb78"
ANOTHER = "498c0be8-ce60-4193-9e64-77044e7edc25"


def key_of(argument: str, *takes: str) -> str:
    """Of a request in which a tool that takes these arguments was called with an `id`."""
    call = {"name": "weather", "args": {"city": "Bonn", "id": argument}}
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in takes}}
    body: dict[str, Any] = {
        "tools": [{"functionDeclarations": [{"name": "weather", "parameters": schema}]}],
        "contents": [
            {"role": "user", "parts": [{"text": "Does it rain in Bonn?"}]},
            {"role": "model", "parts": [{"functionCall": call}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"result": "yes"}}}]},
        ],
    }
    request = GenerateContent().read(Wire("models/gemini-2.5-flash:generateContent", {}, body)).request
    assert request is not None
    return key(request)


def test_an_id_that_was_made_up_for_a_call_is_no_argument() -> None:
    assert key_of(INVENTED, "city") == key_of(ANOTHER, "city")


@pytest.mark.parametrize(("one", "other"), [(INVENTED, ANOTHER), ("7", "8")])
def test_an_id_that_the_tool_takes_is_an_argument(one: str, other: str) -> None:
    assert key_of(one, "city", "id") != key_of(other, "city", "id")


def test_an_id_that_nobody_makes_up_is_an_argument() -> None:
    assert key_of("7", "city") != key_of("8", "city")
