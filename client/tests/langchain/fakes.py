"""Models that answer from a function, and count."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from prompt_cache_client import PromptCache
from prompt_cache_client.acts import Ask

Answer = Callable[[Sequence[BaseMessage]], AIMessage]

USAGE = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}


def said(text: str, model: str = "gpt-4o-mini", **fields: Any) -> AIMessage:
    """An answer as the integrations of providers give it."""
    metadata = {"model_name": model, "finish_reason": "tool_calls" if fields.get("tool_calls") else "stop"}
    return AIMessage(text, usage_metadata=USAGE, response_metadata=metadata, **fields)


def entries_of(cache: PromptCache) -> list[dict[str, Any]]:
    """What the cache holds, as `GET /v1/entries` tells it."""
    items: list[dict[str, Any]] = json.loads(cache._transport.send(Ask("GET", "/v1/entries")).body)["items"]
    return items


def agent_of(model: BaseChatModel, **of_agent: Any) -> Any:
    """An agent whose types are not looked at: with an answer format, what it gives back is of another."""
    return create_agent(model, **of_agent)


class Model(BaseChatModel):
    """Answers by a function of its messages, until it is away."""

    model_name: str = "gpt-4o-mini"
    temperature: float = 0.0
    seconds: float = 0.0

    _fails: bool = PrivateAttr(default=False)
    _answer: Answer = PrivateAttr()
    _calls: list[dict[str, Any]] = PrivateAttr(default_factory=list)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    def __init__(self, answer: Answer | str, **settings: Any) -> None:
        super().__init__(**settings)
        name = self.model_name
        self._answer = (lambda _: said(answer, name)) if isinstance(answer, str) else answer

    def away(self, fails: bool = True) -> "Model":
        self._fails = fails
        return self

    @property
    def calls(self) -> int:
        return len(self._calls)

    @property
    def given(self) -> list[dict[str, Any]]:
        """What each call was given beside its messages."""
        return self._calls

    @property
    def _llm_type(self) -> str:
        return "test"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, "temperature": self.temperature}

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's
        **kwargs: Any,
    ) -> ChatResult:
        with self._lock:
            self._calls.append({"stop": stop, **kwargs})
        time.sleep(self.seconds)
        if self._fails:
            raise ConnectionError("the provider is away")
        return ChatResult(
            generations=[ChatGeneration(message=self._answer(messages)) for _ in range(kwargs.get("n", 1))]
        )
