"""`prompt-cache purge`."""

import argparse
import sys

from ...config import load
from ...service.transfer import purge
from ...values.durations import seconds
from ..opening import opened
from ..options import add_config, add_namespaces, namespaces

NAME = "purge"
HELP = "free what has expired, and delete what the options name"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--older-than", metavar="DURATION", help="also what is older, such as 30d")
    add_namespaces(parser)
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    older_than = seconds(options.older_than) if options.older_than else None
    with opened(load(options.config), holds=True) as store:
        done = purge(store, namespaces=namespaces(options), older_than=older_than)
    print(f"{done.expired} expired, {done.deleted} deleted", file=sys.stderr)
