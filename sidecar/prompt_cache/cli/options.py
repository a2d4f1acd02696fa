"""Options that several commands take."""

import argparse
import re
from collections.abc import Sequence

from ..values.names import NAMESPACE_PATTERN


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="a YAML file (default: $PROMPT_CACHE_CONFIG, or none)")


def add_namespaces(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--namespace", action="append", metavar="NAME", help="only this one (may be repeated)")


def add_progress(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--progress", action="store_true", help="show progress even when this is no terminal")


def namespaces(options: argparse.Namespace) -> Sequence[str] | None:
    """Those that were named. Raises ValueError."""
    chosen: list[str] | None = options.namespace
    for name in chosen or ():
        checked_namespace(name)
    return chosen


def checked_namespace(name: str) -> str:
    """Raises ValueError where it cannot be one."""
    if not re.fullmatch(NAMESPACE_PATTERN, name) or name.endswith("\n"):
        raise ValueError(f"--namespace {name!r}: a namespace is 1 to 64 letters, digits, dots, dashes and underscores")
    return name


def share(text: str) -> float:
    """A number from 0 to 1, as the type of an option."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return found
