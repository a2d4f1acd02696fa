"""`prompt-cache demo-model`."""

import argparse

from ...config import Config, ConfigError

NAME = "demo-model"
HELP = "serve a small OpenAI-compatible model to try things with"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--listen", default="127.0.0.1:8788", metavar="HOST:PORT")
    parser.add_argument("--delay", type=float, default=1.0, metavar="SECONDS", help="how long an answer takes")


def run(options: argparse.Namespace) -> None:
    from ... import demo_model
    from ...http.server import require_free_address

    if options.delay < 0:
        raise ValueError("--delay is the seconds that an answer takes: 0 or more")
    try:
        require_free_address(Config(listen=options.listen))
    except ConfigError as error:
        raise ConfigError(f"--{str(error).partition(';')[0]}; give --listen another one") from None
    demo_model.run(options.listen, options.delay)
