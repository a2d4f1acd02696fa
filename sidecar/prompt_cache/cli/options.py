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
    for name in options.namespace or ():
        if not re.fullmatch(NAMESPACE_PATTERN, name) or name.endswith("\n"):
            raise ValueError(
                f"--namespace {name!r}: a namespace is 1 to 64 letters, digits, dots, dashes and underscores"
            )
    chosen: list[str] | None = options.namespace
    return chosen
