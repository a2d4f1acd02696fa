"""Workflows with the Prompt Cache Chain in them."""

import json
from typing import Any, Self

from ..conftest import Rig
from ..flows import CACHE, Published
from ..model.flows import ModelFlow

_TYPE = "n8n-nodes-prompt-cache.langchainPromptCache"


class ChainFlow(ModelFlow):
    def cache_chain(
        self, name: str = "Chain", prompt: str = "={{ $json.question }}", *, more: Any = None, **parameters: Any
    ) -> Self:
        """The node without a model; `more` are its settings (`onError`, ...)."""
        given = {"promptType": "define", "text": prompt, **parameters}
        credentials = {"promptCacheApi": {"name": parameters.pop("credential", CACHE)}}
        return self.node(name, _TYPE, 1, given, credentials=credentials, **(more or {}))

    def asks(self, chain: str = "Chain", **model: Any) -> Self:
        """Connect a chat model of its own to a chain."""
        name = f"{chain} Model"
        return self.openai(name, **model).wire(name, chain, kind="ai_languageModel")

    def parser(self, chain: str = "Chain", *, fixed_by: str | None = None) -> Self:
        """Attach n8n's structured parser; `fixed_by` names the model that mends what it refuses."""
        parameters = {"jsonSchemaExample": json.dumps({"city": "Bonn"}), "autoFix": fixed_by is not None}
        self.node("Parser", "@n8n/n8n-nodes-langchain.outputParserStructured", 1.3, parameters)
        if fixed_by:
            self.openai(fixed_by).wire(fixed_by, "Parser", kind="ai_languageModel")
        return self.wire("Parser", chain, kind="ai_outputParser")


def published(rig: Rig, **parameters: Any) -> Published:
    """A webhook, the chain and its model."""
    flow = ChainFlow().webhook().cache_chain(**parameters).asks().wire("Question", "Chain")
    return rig.publish(flow)
