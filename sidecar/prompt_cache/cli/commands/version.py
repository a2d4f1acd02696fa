"""`prompt-cache version`."""

import argparse

from ... import __version__

NAME = "version"
HELP = "print the version"


def add_arguments(_: argparse.ArgumentParser) -> None:
    return None


def run(_: argparse.Namespace) -> None:
    print(__version__)
