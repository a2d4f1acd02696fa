"""What reached a model while a middleware's handler ran, and what the model answered."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from langchain.agents.middleware import ModelRequest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.tracers.context import register_configure_hook

from .agents import said

_NAME = "ls_model_name"


@dataclass(slots=True)
class _Run:
    """One call of a model."""

    model: dict[str, Any]
    name: str | None
    said: list[Any]
    tools: set[str] | None
    """Their names; None where the model does not tell."""
    answer: BaseMessage | None = None
    failed: bool = False


class Witness(BaseCallbackHandler):
    """Sees the calls of models below a middleware, which may ask another model, or something else.

    What another model answered, or to something else, is no answer to the request that the middleware was given.
    """

    run_inline = True

    def __init__(self) -> None:
        self._runs: dict[UUID, _Run] = {}

    def why_not(self, answer: AIMessage, request: ModelRequest[Any]) -> str | None:
        """Why this is not what the model answered to the request. An answer of no model at all is what it is."""
        if not self._runs:
            return None
        run = next((run for run in self._runs.values() if _is(run.answer, answer)), None)
        if run is None:
            return "it is no answer of a model"
        if run.said != _said(said(request)) or _has_other_tools(run, request):
            return "the model was told something else; PromptCacheMiddleware belongs last in the list"
        others_failed = any(other.failed and other.model != run.model for other in self._runs.values())
        if others_failed or not _same_model(run, request.model):
            return "another model answered than was asked"
        return None

    # -- callbacks -----

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        invocation_params: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        tools = _names((invocation_params or {}).get("tools"))
        self._runs[run_id] = _Run(serialized or {}, (metadata or {}).get(_NAME), _said(messages[0]), tools)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        if (run := self._runs.get(run_id)) and response.generations and response.generations[0]:
            first = response.generations[0][0]
            run.answer = first.message if isinstance(first, ChatGeneration) else None

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:  # noqa: ARG002 - named by LangChain
        if run := self._runs.get(run_id):
            run.failed = True


_present: ContextVar[Witness | None] = ContextVar("prompt_cache_witness", default=None)
register_configure_hook(_present, inheritable=True)


@contextmanager
def witness() -> Iterator[Witness]:
    """Present at all calls of models that are made meanwhile."""
    one = Witness()
    before = _present.set(one)
    try:
        yield one
    finally:
        _present.reset(before)


def _said(messages: Sequence[BaseMessage]) -> list[Any]:
    """Of messages what callbacks are told as the model is: not so pictures, which they get in another form."""
    return [
        (message.type, str(message.text), [(call["name"], call["args"]) for call in getattr(message, "tool_calls", ())])
        for message in messages
    ]


def _has_other_tools(run: _Run, request: ModelRequest[Any]) -> bool:
    wanted = _names(request.tools)
    if run.tools is None or wanted is None:
        return False
    # An answer format may be a tool beside the others.
    return not wanted <= run.tools if request.response_format else wanted != run.tools


def _names(tools: Sequence[Any] | None) -> set[str] | None:
    """The names of tools; None where they are not known."""
    if tools is None:
        return None
    names: list[Any] = []
    for tool in tools:
        if isinstance(tool, dict):
            function = tool.get("function")
            names.append(function.get("name") if isinstance(function, dict) else tool.get("name"))
        else:
            names.append(getattr(tool, "name", None))
    return None if None in names else set(names)


def _is(one: BaseMessage | None, other: BaseMessage) -> bool:
    return one is other or (one is not None and one.id is not None and one.id == other.id)


def _same_model(run: _Run, model: BaseChatModel) -> bool:
    asked = model._serialized
    if run.model == asked:
        return True
    # What has no form of its own may have been copied to bind its tools, so that its class and name must do.
    return (
        asked.get("type") == run.model.get("type") == "not_implemented"
        and asked.get("id") == run.model.get("id")
        and model._get_ls_params().get(_NAME) == run.name
    )
