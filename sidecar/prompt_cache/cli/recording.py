"""What `prompt-cache record` and `prompt-cache replay` have in common."""

import argparse
import sys
from typing import Literal

import msgspec

from ..config import Config, ConfigError, NamespaceSettings, load
from .options import add_config


def add_cassette(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the cassette, such as cassettes/support.jsonl")
    add_config(parser)


def recorded(options: argparse.Namespace, mode: Literal["record", "replay"]) -> Config:
    """The settings with every namespace in this mode; nothing but the cassette outlives the process.

    Raises ConfigError.
    """
    config = load(options.config)
    if mode == "record" and not config.keeps_prompts:
        raise ConfigError("record: prompts go into the file, and with a `secret` they are not kept: unset it here")

    def on_cassette(settings: NamespaceSettings) -> NamespaceSettings:
        return msgspec.structs.replace(settings, mode=mode, cassette=options.file)

    told = "recording what models answer in" if mode == "record" else "answering, and asking no model, from"
    print(f"prompt-cache: {told} {options.file}", file=sys.stderr)
    return msgspec.structs.replace(
        config,
        store="memory://",
        defaults=on_cassette(config.defaults),
        namespaces={name: on_cassette(settings) for name, settings in config.namespaces.items()},
    )
