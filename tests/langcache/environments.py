"""Where LangCache's clients are installed: once for each user, apart from the clone, each SDK for itself."""

import hashlib
import shutil
import sys
import tarfile
from pathlib import Path

from stack.installation import installed, run
from stack.node import npm

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

    def build(target: Path) -> None:
        _install(target, f"langcache=={version}")

    return installed(_name(f"sdk-{version}"), f"LangCache's SDK {version}", build) / "bin/python"


def wrappers() -> Path:
    """A Python that has RedisVL and langchain-redis."""

    def build(target: Path) -> None:
        _install(target, *_WRAPPERS)

    return installed(_name("wrappers"), "RedisVL and langchain-redis", build) / "bin/python"


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

    return installed(_name("shipped"), "the tests that RedisVL ships", build) / Path(_SHIPPED).name


def node_modules() -> Path:
    """The folder of the SDK in JavaScript."""
    lists = [JAVASCRIPT / name for name in ("package.json", "package-lock.json", ".npmrc")]

    def build(target: Path) -> None:
        for file in lists:
            shutil.copy(file, target)
        npm("ci", "--ignore-scripts", cwd=target)

    return installed(f"langcache-node-{_digest(*lists)}", "LangCache's JavaScript SDK", build) / "node_modules"


def _install(target: Path, *packages: str) -> None:
    run([sys.executable, "-m", "venv", target])
    run([target / "bin/python", "-m", "pip", "install", "-q", "-c", _CONSTRAINTS, "pytest", *packages])


def _name(what: str) -> str:
    return f"langcache-{what}-python-{sys.version_info.major}.{sys.version_info.minor}-{_digest(_CONSTRAINTS)}"


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
