"""Where LangCache's clients are installed, each SDK for itself."""

import tarfile
from pathlib import Path

from stack.installation import installed, run

from .. import apart

PYTHON = Path(__file__).parent / "python"
JAVASCRIPT = Path(__file__).parent / "javascript"
SDKS = ("0.11.1", "0.12.0", "0.13.0", "0.14.0")
"""Versions of the Python SDK. Its words for errors changed with 0.12."""
_CONSTRAINTS = PYTHON / "constraints.txt"
_WRAPPERS = (
    f"langcache=={SDKS[-1]}",
    "redisvl",
    "langchain-redis",
    "langchain-tests",
    "pytest-asyncio",
    "python-dotenv",
)
_SHIPPED = "tests/integration/test_langcache_semantic_cache_integration.py"


def sdk(version: str) -> Path:
    """A Python that has the SDK of that version."""
    return apart.python(f"langcache-sdk-{version}", f"LangCache's SDK {version}", _CONSTRAINTS, f"langcache=={version}")


def wrappers() -> Path:
    """A Python that has RedisVL and langchain-redis."""
    return apart.python("langcache-wrappers", "RedisVL and langchain-redis", _CONSTRAINTS, *_WRAPPERS)


def shipped_with_redisvl() -> Path:
    """The tests of LangCache's service that RedisVL's source distribution ships."""

    def build(target: Path) -> None:
        pinned = next(line for line in _CONSTRAINTS.read_text().splitlines() if line.startswith("redisvl=="))
        options = ["--no-deps", "--no-binary", "redisvl", "-d", str(target)]
        download = [str(wrappers()), "-m", "pip", "download", "-q", *options, pinned]
        run(download, env={"PIP_CONSTRAINT": str(_CONSTRAINTS)})  # which holds for what builds it, too
        (archive,) = target.glob("*.tar.gz")
        with tarfile.open(archive) as files:
            (member,) = (each for each in files.getmembers() if each.name.endswith(_SHIPPED))
            content = files.extractfile(member)
            assert content
            (target / Path(_SHIPPED).name).write_bytes(content.read())

    return (
        installed(apart.named("langcache-shipped", _CONSTRAINTS), "the tests that RedisVL ships", build)
        / Path(_SHIPPED).name
    )


def node_modules() -> Path:
    """The folder of the SDK in JavaScript."""
    return apart.node_modules("langcache", "LangCache's JavaScript SDK", JAVASCRIPT)
