"""`prompt-cache migrate`."""

import argparse

import msgspec

from ...config import load, rules
from ...service.open import open_configured_store
from ...service.transfer import migrate
from ..options import add_config, add_namespaces, add_progress
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
    source, target = (
        open_configured_store(msgspec.structs.replace(config, store=url)) for url in (options.source, options.target)
    )
    with progress_of("Migrate", options) as progress:
        done = migrate(source, target, namespaces=options.namespace, rules=rules(config), progress=progress)
    tell(done)
