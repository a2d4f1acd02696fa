"""The providers' own protocols, without a network: how a call, an answer, a stream and an error are written in each."""

from collections.abc import Callable

from . import anthropic, gemini, ollama, openai_chat
from .anthropic import Messages
from .embeddings import OllamaEmbed, OpenAIEmbeddings
from .gemini import GenerateContent
from .ollama import Chat, Generate
from .openai_chat import ChatCompletions
from .openai_completions import Completions
from .openai_responses import Responses
from .protocol import Body, Endpoint

ENDPOINTS: dict[str, tuple[Endpoint, ...]] = {
    "openai": (ChatCompletions(), Responses(), Completions(), OpenAIEmbeddings()),
    "anthropic": (Messages(),),
    "gemini": (GenerateContent(),),
    "ollama": (Chat(), Generate(), OllamaEmbed()),
}
"""By protocol, the calls that can be answered from the cache. All others pass through."""

ERRORS: dict[str, Callable[[int, str, str], Body]] = {
    "openai": openai_chat.error,
    "anthropic": anthropic.error,
    "gemini": gemini.error,
    "ollama": ollama.error,
}
"""By protocol, the shape of a failure: of its HTTP status, a name for programs, and a sentence for people."""
