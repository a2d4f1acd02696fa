"""`prompt-cache serve`."""

import argparse

from ...config import load
from ..options import add_config
from ..serving import serve

NAME = "serve"
HELP = "serve the HTTP API"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    serve(load(options.config))
