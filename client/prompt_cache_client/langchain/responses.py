"""What an agent's model answered, as JSON and back."""

from collections.abc import Sequence
from typing import Any

from langchain.agents.middleware import ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from ..answers import NotCacheable, Unwanted
from .answers import message_of, of_message, renewed
from .formats import structured
from .witness import Witness

Json = Any


class ResponseForm:
    """The answers to one request. A hit equals what was stored, but for the ids of its messages."""

    def __init__(self, request: ModelRequest[Any], seen: Witness, *, cache_tool_calls: bool) -> None:
        self._request = request
        self._seen = seen
        self._cache_tool_calls = cache_tool_calls

    def to_json(self, response: ModelResponse[Any] | AIMessage) -> Json:
        """Raises NotCacheable."""
        if isinstance(response, AIMessage):
            response = ModelResponse(result=[response])
        if type(response) is not ModelResponse:
            raise Unwanted("it has more to it than messages")
        answer = self._answer(response)
        if reason := self._seen.why_not(answer, self._request):
            raise NotCacheable(reason)
        has_structure = response.structured_response is not None
        fields = {"generations": [{"message": of_message(one)} for one in response.result], "structured": has_structure}
        if has_structure and not _equal(self._structured(response.result), response.structured_response):
            raise NotCacheable("its structured response does not come back from its messages")
        return fields

    def of_json(self, data: Json) -> ModelResponse[Any]:
        """Raises NotCacheable."""
        try:
            result = [renewed(message_of(one["message"])) for one in data["generations"]]
            has_structure = data["structured"]
            if not any(isinstance(message, AIMessage) for message in result):
                raise TypeError
        except (KeyError, TypeError) as error:
            raise NotCacheable(f"what is stored is no answer of an agent's model: {type(error).__name__}") from None
        return ModelResponse(result=result, structured_response=self._structured(result) if has_structure else None)

    def _answer(self, response: ModelResponse[Any]) -> AIMessage:
        """The answer of the model. Raises Unwanted for one that is but a step on the way to what is wanted."""
        answer = next((message for message in response.result if isinstance(message, AIMessage)), None)
        if answer is None or answer.invalid_tool_calls:
            raise Unwanted("it is no answer that can be used")
        answered = {message.tool_call_id for message in response.result if isinstance(message, ToolMessage)}
        if answered and response.structured_response is None:
            raise Unwanted("it does not have the answer format")
        if not self._cache_tool_calls and any(call["id"] not in answered for call in answer.tool_calls):
            raise Unwanted("it calls tools")
        return answer

    def _structured(self, result: Sequence[BaseMessage]) -> Any:
        try:
            return structured(self._request.response_format, result)
        except Exception as error:  # a schema of the user's may raise anything, in words that quote the answer
            raise NotCacheable(f"it does not have the answer format: {type(error).__name__}") from None


def _equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
