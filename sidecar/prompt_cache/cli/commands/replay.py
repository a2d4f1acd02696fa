"""`prompt-cache replay`."""

import argparse

from ..recording import add_cassette, recorded
from ..serving import serve

NAME = "replay"
HELP = "serve what a file holds, and never ask a model"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_cassette(parser)


def run(options: argparse.Namespace) -> None:
    serve(recorded(options, "replay"))
