"""`prompt-cache COMMAND ...`: which commands there are, and what becomes of their errors."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from ..config import ConfigError
from ..stores import StoreUnavailable
from .sentences import sentence

COMMANDS = (
    "serve",
    "record",
    "replay",
    "check_config",
    "doctor",
    "version",
    "demo_model",
    "export",
    "import_",
    "migrate",
    "purge",
    "report",
    "evaluate",
    "calibrate",
)
"""The files of `commands/`, in the order in which help lists them."""


class Command(Protocol):
    """What the module of a command has."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what it takes."""

    def run(self, options: argparse.Namespace) -> int | None:
        """Do it; returns the exit status, where that is not 0.

        Raises ConfigError, StoreUnavailable, ValueError, OSError with a sentence for people.
        """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except BrokenPipeError:  # whoever read our output has had enough
        sys.stdout = None
        return 141
    except (ConfigError, StoreUnavailable, ValueError, OSError) as error:
        print(f"prompt-cache: {sentence(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="prompt-cache", description="A response cache for LLM calls.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        command = cast(Command, import_module(f".commands.{name}", __package__))
        each = commands.add_parser(command.NAME, help=command.HELP)
        command.add_arguments(each)
        each.set_defaults(run=command.run)
    return parser
