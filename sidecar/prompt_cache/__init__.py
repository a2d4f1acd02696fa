"""Prompt Cache: store the answers of LLM calls and replay them when the same question comes again."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("prompt-cache-sidecar")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
