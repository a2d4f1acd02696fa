"""Workflows whose models go through the Prompt Cache Model, and what their log tree tells."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Self

from ..flows import CACHE, MODEL, Flow, Published

_LANGCHAIN = "@n8n/n8n-nodes-langchain"
_CACHED = "n8n-nodes-prompt-cache.promptCacheModel"


class ModelFlow(Flow):
    """Adds AI nodes without a model; `cached` and `plain` connect one."""

    def basic_chain(self, **batching: Any) -> Self:
        parameters = {"promptType": "define", "text": "={{ $json.question }}", "batching": batching}
        return self.node("AI", f"{_LANGCHAIN}.chainLlm", 1.7, parameters)

    def ai_agent(self, *, parser: bool = False, fallback: bool = False, **options: Any) -> Self:
        """An AI Agent with a calculator; `parser` makes its output structured."""
        parameters: dict[str, Any] = {"promptType": "define", "text": "={{ $json.question }}", "options": options}
        if fallback:
            parameters["needsFallback"] = True
        if parser:
            parameters["hasOutputParser"] = True
            schema = {"jsonSchemaExample": json.dumps({"city": "Bonn", "size": "small"})}
            self.node("Parser", f"{_LANGCHAIN}.outputParserStructured", 1.3, schema)
            self.wire("Parser", "AI", kind="ai_outputParser")
        self.node("AI", f"{_LANGCHAIN}.agent", 3, parameters)
        return self.node("Calculator", f"{_LANGCHAIN}.toolCalculator").wire("Calculator", "AI", kind="ai_tool")

    def extractor(self) -> Self:
        attributes = [{"name": "city", "description": "A city that is named", "required": True}]
        parameters = {"text": "={{ $json.question }}", "attributes": {"attributes": attributes}}
        return self.node("AI", f"{_LANGCHAIN}.informationExtractor", 1.2, parameters)

    def memory(self) -> Self:
        parameters = {"sessionIdType": "customKey", "sessionKey": "={{ $json.session }}"}
        self.node("Memory", f"{_LANGCHAIN}.memoryBufferWindow", 1.3, parameters)
        return self.wire("Memory", "AI", kind="ai_memory")

    def openai(
        self, name: str, *, responses: bool = False, model: str = "demo-model", credential: str = MODEL, **options: Any
    ) -> Self:
        parameters = {
            "model": {"__rl": True, "mode": "id", "value": model},
            "responsesApiEnabled": responses,
            "options": {"maxRetries": 0, **options},
        }
        credentials = {"openAiApi": {"name": credential}}
        return self.node(name, f"{_LANGCHAIN}.lmChatOpenAi", 1.3, parameters, credentials=credentials)

    def cache_model(
        self, name: str = "Cached", *, credential: str = CACHE, keep: Mapping[str, Any] | None = None, **options: Any
    ) -> Self:
        credentials = {"promptCacheApi": {"name": credential}}
        return self.node(name, _CACHED, 1, {**(keep or {}), "options": options}, credentials=credentials)

    def cached(self, *, responses: bool = False, model: Mapping[str, Any] | None = None, **more: Any) -> Self:
        """Connect a chat model to the AI node by way of the cache; `more` are the cache node's options."""
        self.openai("Model", responses=responses, **(model or {})).cache_model(**more)
        return self.wire("Model", "Cached", "AI", kind="ai_languageModel")

    def chat(self, agent: str = "AI") -> Self:
        """A public chat that streams; its address is `path`."""
        parameters = {"public": True, "mode": "webhook", "options": {"responseMode": "streaming"}}
        self.node("Chat", f"{_LANGCHAIN}.chatTrigger", 1.3, parameters, webhookId=self.path)
        return self.wire("Chat", agent)


class Chat:
    """A visitor of a published chat."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def say(self, text: str) -> list[str]:
        """The pieces of the streamed answer."""
        body = {"action": "sendMessage", "sessionId": uuid.uuid4().hex, "chatInput": text}
        answer = self._published.client.webhook(f"{self._published.path}/chat", body)
        events = [answer] if isinstance(answer, dict) else [json.loads(line) for line in answer.splitlines() if line]
        return [event["content"] for event in events if event["type"] == "item" and event["content"]]


def runs(published: Published, node: str = "Cached") -> list[dict[str, Any]]:
    """What each run of a model node put into the log tree of the last execution, in order."""
    data = published.last_execution()["data"]["resultData"]["runData"]
    return [run["data"]["ai_languageModel"][0][0]["json"] for run in data.get(node, [])]


def statuses(published: Published, node: str = "Cached") -> list[str]:
    return [str(run["status"]) for run in runs(published, node)]
