"""Where the other caches are installed, and how programs that use them are run."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from stack.paths import REPOSITORY

from .. import apart

PROGRAMS = Path(__file__).parent / "programs"
_CONSTRAINTS = Path(__file__).parent / "constraints.txt"
_PACKAGES = (
    *("gptcache", "faiss-cpu", "sqlalchemy", "setuptools"),  # what GPTCache lacks it would install by itself
    *("langchain", "langchain-community", "langchain-openai", "langchain-redis"),
    *("litellm", "openai"),
    *("httpx", "requests"),  # of our client, which is used from the clone
)


def python() -> Path:
    """A Python that has them all."""
    return apart.python("other-caches", "GPTCache, LiteLLM and LangChain (a minute)", _CONSTRAINTS, *_PACKAGES)


def program(*arguments: str | Path, folder: Path, env: Mapping[str, str] | None = None) -> str:
    """What a program prints, run by that Python in a folder."""
    own = {
        "PYTHONPATH": str(REPOSITORY / "client"),
        "PIP_NO_INDEX": "1",  # GPTCache calls pip
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # or it is fetched
        "NO_PROXY": "*",
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [python(), *arguments], cwd=folder, env={**os.environ, **own, **(env or {})}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
