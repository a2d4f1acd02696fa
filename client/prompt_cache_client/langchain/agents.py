"""What an agent asks its model, as the fields of a request."""

from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import ModelRequest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.config import get_config

from ..credentials import without_credentials
from .formats import of_format
from .messages import of_messages
from .models import of_model
from .values import plain

Json = Any


def of_request(request: ModelRequest[Any]) -> dict[str, Json] | None:
    """The fields of a request; None for one that cannot be told from others.

    That is one whose model is chosen only when it is called, or that has objects without a form of their own.
    """
    if not isinstance(request.model, BaseChatModel):
        return None
    messages = of_messages(said(request))
    if not messages:
        return None
    fields = of_model(request.model, {"tool_choice": request.tool_choice, **request.model_settings})
    form = of_format(request.response_format)
    params = {"langchain": "agent", "agent": agent_name(), **fields["params"], **form.pop("params", {})}
    tools = [_tool(tool) for tool in request.tools]
    return fields | form | {"messages": messages, "params": params} | ({"tools": tools} if tools else {})


def said(request: ModelRequest[Any]) -> list[BaseMessage]:
    """The messages that the model is told."""
    return [request.system_message, *request.messages] if request.system_message else list(request.messages)


def agent_name() -> str | None:
    """The name of the agent that runs, which its answers carry."""
    try:
        name = (get_config().get("metadata") or {}).get("lc_agent_name")
    except RuntimeError:  # no agent runs
        return None
    return name if isinstance(name, str) else None


def _tool(tool: BaseTool | dict[str, Any] | Callable[..., Any]) -> Json:
    if isinstance(tool, dict):
        return without_credentials(plain(tool))
    described = convert_to_openai_tool(tool)
    extras = getattr(tool, "extras", None)
    return described | {"extras": plain(extras)} if extras else described
