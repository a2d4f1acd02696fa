"""Where the clients are installed."""

from pathlib import Path

from .. import apart

PYTHON = Path(__file__).parent / "python"
JAVASCRIPT = Path(__file__).parent / "javascript"
_PACKAGES = (
    "anthropic",
    "google-genai",
    "langchain-anthropic",
    "langchain-google-genai",
    "langchain-ollama",
    "langchain-openai",
    "litellm",
    "ollama",
    "openai",
    "pytest-asyncio",  # the clone's configuration of pytest names both
    "pytest-timeout",
)


def python() -> Path:
    """A Python that has every client of that language."""
    described = "the providers' Python clients (a minute)"
    return apart.python("clients", described, PYTHON / "constraints.txt", *_PACKAGES)


def node_modules() -> Path:
    """The folder of every client in JavaScript."""
    return apart.node_modules("clients", "the providers' JavaScript clients", JAVASCRIPT)
