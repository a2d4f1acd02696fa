"""`prompt-cache record`."""

import argparse

from ..recording import add_cassette, recorded
from ..serving import serve

NAME = "record"
HELP = "serve, and record what models answer in a file that tests replay"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_cassette(parser)


def run(options: argparse.Namespace) -> None:
    serve(recorded(options, "record"))
