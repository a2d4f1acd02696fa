"""`prompt-cache demo-model`."""

import argparse

NAME = "demo-model"
HELP = "serve a small OpenAI-compatible model to try things with"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--listen", default="127.0.0.1:8788", metavar="HOST:PORT")
    parser.add_argument("--delay", type=float, default=1.0, metavar="SECONDS", help="how long an answer takes")


def run(options: argparse.Namespace) -> None:
    from ... import demo_model

    demo_model.run(options.listen, options.delay)
