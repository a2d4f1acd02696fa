"""`prompt-cache COMMAND ...`: which commands there are, and what becomes of their errors."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from ..config import ConfigError
from ..stores import StoreUnavailable
from . import check_config, demo_model, export, import_, migrate, purge, serve, version


class Command(Protocol):
    """What the module of a command has."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what it takes."""

    def run(self, options: argparse.Namespace) -> Any:
        """Do it. Raises ConfigError, StoreUnavailable, ValueError, OSError with a sentence for people."""


COMMANDS: tuple[Command, ...] = (serve, check_config, version, demo_model, export, import_, migrate, purge)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (ConfigError, StoreUnavailable, ValueError, OSError) as error:
        print(f"prompt-cache: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="prompt-cache", description="A response cache for LLM calls.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        each = commands.add_parser(command.NAME, help=command.HELP)
        command.add_arguments(each)
        each.set_defaults(run=command.run)
    return parser
