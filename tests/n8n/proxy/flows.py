"""Workflows of n8n's own nodes only."""

import json
from typing import Self

from ..model.flows import ModelFlow
from .providers import APP_NODES, CHAT_MODELS

_LANGCHAIN = "@n8n/n8n-nodes-langchain"
ASKED = "={{ $('Question').item.json.question }}"


class OfficialFlow(ModelFlow):
    def chat_model(self, name: str, *ai: str, credential: str | None = None, called: str = "Model") -> Self:
        """Connect a chat model to these AI nodes."""
        model = CHAT_MODELS[name]
        reference = {model.provider.credential: {"name": credential or model.provider.name}}
        type_ = f"{_LANGCHAIN}.{model.type}"
        self.node(called, type_, model.version, {"options": {}, **model.parameters}, credentials=reference)
        for each in ai:
            self.wire(called, each, kind="ai_languageModel")
        return self

    def asks(self, name: str, type_: str, version: float, says: str = "") -> Self:
        """An AI node without a model."""
        parameters = {"promptType": "define", "text": f"{ASKED} {says}", "options": {}}
        return self.node(name, f"{_LANGCHAIN}.{type_}", version, parameters)

    def tool(self, *agents: str) -> Self:
        """Give these agents a tool that can only be called with one word."""
        schema = {"type": "object", "properties": {"city": {"type": "string", "enum": ["Bonn"]}}, "required": ["city"]}
        parameters = {
            "description": "Tells the weather of a city.",
            "jsCode": "return `It rains in ${query.city}`",
            "specifyInputSchema": True,
            "schemaType": "manual",
            "inputSchema": json.dumps(schema),
        }
        self.node("Weather", f"{_LANGCHAIN}.toolCode", 1.3, parameters)
        for each in agents:
            self.wire("Weather", each, kind="ai_tool")
        return self

    def app_node(self, name: str) -> Self:
        provider, type_, version, parameters = APP_NODES[name]
        credentials = {provider.credential: {"name": provider.name}}
        return self.node(name, f"{_LANGCHAIN}.{type_}", version, parameters, credentials=credentials)
