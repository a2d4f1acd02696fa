"""`prompt-cache calibrate`."""

import argparse
from typing import Any

import msgspec
import yaml

from ...semantic.evaluation.calibration import Calibration, calibrate
from ...semantic.evaluation.table import of_all, percent
from ...values.names import DEFAULT_NAMESPACE
from ..evaluating import add_evaluating, evaluated, without_guards
from ..options import share

NAME = "calibrate"
HELP = "find the threshold that pairs of your own questions bear out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_evaluating(parser)
    parser.add_argument(
        "--max-error",
        type=share,
        default=0.01,
        metavar="0..1",
        help="of pairs that need different answers, the share that may be served (default: 0.01)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")


def run(options: argparse.Namespace) -> int:
    """1 where the pairs do not bear it out."""
    if not 0 < options.max_error < 0.5:
        raise ValueError(f"--max-error {options.max_error}: give a share above 0 and below 0.5, such as 0.01")
    found = evaluated(options)
    done = calibrate(found.judged, options.max_error)
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(done)).decode())
    else:
        print("\n".join(_sentences(done, options, found.embedder)))
    return 0 if done.promised else 1


def _sentences(done: Calibration, options: argparse.Namespace, embedder: str) -> list[str]:
    error, counts = percent(options.max_error), done.counts
    said = [
        f"embedder         {embedder}",
        f"threshold        {'none' if done.threshold is None else f'{done.threshold:.2f}'}",
        f"served rightly   {of_all(counts.hit_rate).strip()}",
        f"served wrongly   {of_all(counts.wrong_rate).strip()}",
        "",
    ]
    if done.promised:
        said.append(
            f"With 95% confidence, at most {percent(done.most_wrong)} of pairs that need different answers are served."
        )
    elif done.threshold is None:
        said.append(f"Even from a similarity of 0.99 on, more than {error} are served wrongly: no threshold helps.")
        said.append("Leave the guards on, use another embedder, or `verify` what would be served.")
    else:
        said.append(
            f"Too few pairs to promise {error}: up to {percent(done.most_wrong)} may be wrong (95% confidence). "
            f"{done.missing:,} more that need different answers would do, if none of them is served."
        )
        said.append(f"None wrong in n pairs proves only 3/n; {error} takes {round(3 / options.max_error):,}.")
    if done.threshold is not None:
        said += ["", _settings(done.threshold, options)]
    return said


def _settings(threshold: float, options: argparse.Namespace) -> str:
    """What to write into the YAML."""
    rules: dict[str, Any] = {"match": "semantic", "threshold": threshold}
    if off := without_guards(options):
        rules["guards"] = dict.fromkeys(off, False)
    settings: dict[str, Any] = {}
    if options.embedder:
        embedder = yaml.safe_load(options.embedder)
        secret = {"key": "..."} if isinstance(embedder, dict) and "key" in embedder else {}
        settings["embedder"] = {**embedder, **secret} if secret else embedder
    if options.namespace == DEFAULT_NAMESPACE:
        settings["defaults"] = rules
    else:
        settings["namespaces"] = {options.namespace: rules}
    return yaml.safe_dump(settings, sort_keys=False).rstrip()
