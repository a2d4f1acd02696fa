"""What the commands that judge pairs share: their options, and the pairs, judged."""

import argparse
import os
import re
import sys
from collections.abc import Collection
from pathlib import Path

from ..config import Config, ConfigError, load
from ..semantic.evaluation.pairs import Pair, read_pairs
from ..semantic.guards.names import GUARDS
from ..service.evaluating import Evaluated, evaluate
from ..values.names import DEFAULT_NAMESPACE
from .options import add_config, add_progress, checked_namespace
from .transferring import progress_of

_EMBEDDER = "PROMPT_CACHE_EMBEDDER"


def add_evaluating(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="PAIRS", help='lines of JSON: {"a": "...", "b": "...", "same": true}; - is standard input'
    )
    parser.add_argument(
        "--embedder",
        metavar="NAME",
        help="local, local:NAME, or a mapping as in the settings (default: theirs, else local)",
    )
    parser.add_argument(
        "--namespace", metavar="NAME", default=DEFAULT_NAMESPACE, help="whose rules hold (default: default)"
    )
    parser.add_argument("--no-guards", action="store_true", help="by cosine alone")
    parser.add_argument(
        "--without-guard", action="append", metavar="NAME", default=[], help="leave one out (may be repeated)"
    )
    add_progress(parser)
    add_config(parser)


def evaluated(options: argparse.Namespace) -> Evaluated:
    """The pairs of the file, judged. Raises ConfigError, ValueError, OSError."""
    pairs = _pairs(options.file)
    namespace = checked_namespace(options.namespace)
    without = without_guards(options)
    config = _config(options)
    return evaluate(
        config,
        pairs,
        namespace=namespace,
        without=without,
        watch=lambda label, unit: progress_of(label, options, unit),
    )


def without_guards(options: argparse.Namespace) -> Collection[str]:
    """The guards that the options switch off. Raises ValueError."""
    if options.no_guards:
        return GUARDS
    named: list[str] = options.without_guard
    for name in named:
        if name not in GUARDS:
            raise ValueError(f"--without-guard {name}: there is no such guard; there are {', '.join(GUARDS)}")
    return named


def _pairs(file: str) -> list[Pair]:
    if file == "-":
        return read_pairs(sys.stdin.buffer, "standard input")
    with Path(file).open("rb") as lines:
        return read_pairs(lines, file)


def _config(options: argparse.Namespace) -> Config:
    """The settings, with the embedder that was asked for; where there is none at all, the local one."""
    if not options.embedder:
        config = load(options.config)
        if config.embedder is not None:
            return config
        options.embedder = "local"
    try:
        return load(options.config, {**os.environ, _EMBEDDER: options.embedder})
    except ConfigError as error:
        raise ConfigError(re.sub(f"^{_EMBEDDER}(: embedder)?", "--embedder", str(error))) from None
