"""`prompt-cache evaluate`."""

import argparse
from pathlib import Path

import msgspec

from ...config import ConfigError
from ...semantic.evaluation.chart import chart
from ...semantic.evaluation.report import plain, report
from ...semantic.evaluation.table import table
from ..evaluating import add_evaluating, evaluated
from ..options import share

NAME = "evaluate"
HELP = "measure how often semantic matching is right and wrong, on pairs of questions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_evaluating(parser)
    parser.add_argument(
        "--threshold", type=share, metavar="0..1", help="the similarity from which on an answer is served"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--svg", metavar="FILE", help="also draw a chart")


def run(options: argparse.Namespace) -> None:
    if options.svg and not Path(options.svg).absolute().parent.is_dir():
        raise NotADirectoryError(None, "its folder is not there; make it first", options.svg)
    found = evaluated(options)
    threshold = found.threshold if options.threshold is None else options.threshold
    if threshold is None:
        raise ConfigError(
            f"threshold: none was measured for the embedder {found.embedder}: give --threshold; `calibrate` finds one"
        )
    told = report(found.judged, embedder=found.embedder, threshold=threshold, guards=found.guards)
    if options.svg:
        Path(options.svg).write_text(chart(told), encoding="utf-8")
    print(msgspec.json.format(msgspec.json.encode(plain(told))).decode() if options.json else table(told).rstrip())
