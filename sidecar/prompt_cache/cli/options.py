"""Options that several commands take."""

import argparse


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="a YAML file (default: $PROMPT_CACHE_CONFIG, or none)")


def add_namespaces(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--namespace", action="append", metavar="NAME", help="only this one (may be repeated)")


def add_progress(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--progress", action="store_true", help="show progress even when this is no terminal")
