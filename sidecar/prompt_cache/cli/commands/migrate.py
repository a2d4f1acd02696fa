"""`prompt-cache migrate`."""

import argparse

from ...config import ConfigError, load, rules
from ...service.transfer import migrate
from ..opening import opened
from ..options import add_config, add_namespaces, add_progress, namespaces
from ..transferring import progress_of, tell

NAME = "migrate"
HELP = "copy one store into another; run it again to go on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FROM", help="a store URL")
    parser.add_argument("target", metavar="TO", help="a store URL")
    add_namespaces(parser)
    add_progress(parser)
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    config = load(options.config)
    if options.source == options.target:
        raise ConfigError("FROM and TO are the same store; name two")
    with (
        opened(config, options.source, name="FROM", holds=True) as source,
        opened(config, options.target, name="TO") as target,
        progress_of("Migrate", options) as progress,
    ):
        done = migrate(source, target, namespaces=namespaces(options), rules=rules(config), progress=progress)
    tell(done)
