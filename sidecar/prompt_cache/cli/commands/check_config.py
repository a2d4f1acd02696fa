"""`prompt-cache check-config`."""

import argparse

import yaml

from ...config import load, shown
from ...service.embedder import check_embedder
from ..options import add_config

NAME = "check-config"
HELP = "check the settings and show them, secrets left out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    config = load(options.config)
    check_embedder(config)
    print(yaml.safe_dump(shown(config), sort_keys=False, allow_unicode=True), end="")
