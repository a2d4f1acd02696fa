"""The providers' own protocols, without a network: how a call, an answer, a stream and an error are written in each."""

from .anthropic import Messages
from .embeddings import OllamaEmbed, OpenAIEmbeddings
from .gemini import GenerateContent
from .ollama import Chat, Generate
from .openai_chat import ChatCompletions
from .openai_completions import Completions
from .openai_responses import Responses
from .protocol import Endpoint

ENDPOINTS: dict[str, tuple[Endpoint, ...]] = {
    "openai": (ChatCompletions(), Responses(), Completions(), OpenAIEmbeddings()),
    "anthropic": (Messages(),),
    "gemini": (GenerateContent(),),
    "ollama": (Chat(), Generate(), OllamaEmbed()),
}
"""By protocol, the calls that can be answered from the cache. All others pass through."""
