"""Where the clients are installed: once for each user, apart from the clone, as they are many and heavy."""

import hashlib
import shutil
import sys
from pathlib import Path

from stack.installation import installed, run
from stack.node import npm

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
    "pytest",
    "pytest-asyncio",  # the clone's configuration of pytest names both
    "pytest-timeout",
)


def python() -> Path:
    """A Python that has every client of that language."""
    constraints = PYTHON / "constraints.txt"
    release = f"python-{sys.version_info.major}.{sys.version_info.minor}"

    def build(target: Path) -> None:
        run([sys.executable, "-m", "venv", target])
        run([target / "bin/python", "-m", "pip", "install", "-q", "-c", constraints, *_PACKAGES])

    name = f"clients-{release}-{_digest(constraints)}"
    return installed(name, "the providers' Python clients (a minute)", build) / "bin/python"


def node_modules() -> Path:
    """The folder of every client in JavaScript."""
    lists = [JAVASCRIPT / name for name in ("package.json", "package-lock.json", ".npmrc")]

    def build(target: Path) -> None:
        for file in lists:
            shutil.copy(file, target)
        npm("ci", "--ignore-scripts", cwd=target)

    name = f"clients-node-{_digest(*lists)}"
    return installed(name, "the providers' JavaScript clients", build) / "node_modules"


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
