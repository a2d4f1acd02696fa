"""The four providers as n8n knows them: a credential each, a chat model and an app node."""

from collections.abc import Mapping
from typing import Any, NamedTuple

OWN_KEY = "sk-of-the-user"


class Provider(NamedTuple):
    """How n8n reaches one."""

    name: str
    credential: str
    """The type of its credential."""
    address: str
    """The credential's field that is changed."""
    mount: str
    """What stands in that field after the cache server's address."""
    models: str
    """Where the credential's test asks for the models there are."""

    def data(self, base: str, key: str = OWN_KEY) -> dict[str, Any]:
        """The credential's fields."""
        return {self.address: base, "apiKey": key}


PROVIDERS = {
    each.name: each
    for each in (
        Provider("openai", "openAiApi", "url", "/openai/v1", "/v1/models"),
        Provider("anthropic", "anthropicApi", "url", "/anthropic", "/v1/models"),
        Provider("gemini", "googlePalmApi", "host", "/gemini", "/v1beta/models"),
        Provider("ollama", "ollamaApi", "baseUrl", "/ollama", "/api/tags"),
    )
}


class ChatModel(NamedTuple):
    """A chat model node."""

    provider: Provider
    type: str
    version: float
    parameters: Mapping[str, Any]


def _listed(model: str) -> dict[str, Any]:
    return {"__rl": True, "mode": "id", "value": model}


CHAT_MODELS = {
    "openai": ChatModel(
        PROVIDERS["openai"], "lmChatOpenAi", 1.3, {"model": _listed("gpt-4o-mini"), "responsesApiEnabled": False}
    ),
    "openai-responses": ChatModel(PROVIDERS["openai"], "lmChatOpenAi", 1.3, {"model": _listed("gpt-5-mini")}),
    "anthropic": ChatModel(PROVIDERS["anthropic"], "lmChatAnthropic", 1.3, {"model": _listed("claude-sonnet-4-5")}),
    "gemini": ChatModel(PROVIDERS["gemini"], "lmChatGoogleGemini", 1, {"modelName": "models/gemini-2.5-flash"}),
    "ollama": ChatModel(PROVIDERS["ollama"], "lmChatOllama", 1, {"model": "llama3.2"}),
}

_SAID = {"values": [{"content": "={{ $('Question').item.json.question }}"}]}
APP_NODES: dict[str, tuple[Provider, str, float, Mapping[str, Any]]] = {
    "OpenAI": (
        PROVIDERS["openai"],
        "openAi",
        2,
        {"operation": "response", "modelId": _listed("gpt-5-mini"), "responses": _SAID},
    ),
    "OpenAI 1.x": (
        PROVIDERS["openai"],
        "openAi",
        1.8,
        {"operation": "message", "modelId": _listed("gpt-4o-mini"), "messages": _SAID},
    ),
    "Anthropic": (PROVIDERS["anthropic"], "anthropic", 1, {"modelId": _listed("claude-sonnet-4-5"), "messages": _SAID}),
    "Gemini": (
        PROVIDERS["gemini"],
        "googleGemini",
        1,
        {"modelId": _listed("models/gemini-2.5-flash"), "messages": _SAID},
    ),
    "Ollama": (PROVIDERS["ollama"], "ollama", 1, {"modelId": _listed("llama3.2"), "messages": _SAID}),
}
"""The operation that writes to a model, of each vendor's own node."""
