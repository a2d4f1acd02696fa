"""`prompt-cache report`."""

import argparse
import sys
import time
from pathlib import Path

import msgspec

from ...config import load
from ...core.errors import InvalidRequest
from ...savings.grouping import GroupBy
from ...service.open import cache_on
from ..opening import opened
from ..options import add_config, add_namespaces, namespaces

NAME = "report"
HELP = "show what was saved and spent"
_DEFAULT: tuple[tuple[GroupBy, ...], ...] = (("workflow",), ("model",))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", default="7d", metavar="WHEN", help="a time, or a duration before now (default: 7d)")
    parser.add_argument("--until", metavar="WHEN", help="the same (default: now)")
    parser.add_argument(
        "--group-by",
        action="append",
        metavar="NAMES",
        help="namespace, model, workflow, node, day, hour, match or reason; several joined by commas make one table "
        "(may be repeated; default: workflow, and model)",
    )
    add_namespaces(parser)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="for programs")
    forms.add_argument("--csv", action="store_true", help="for spreadsheets: one table")
    parser.add_argument("--html", metavar="FILE", help="write a page to mail as well")
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    from ...http.native.table import csv_of  # these take longer than all other commands: who asks for a report waits
    from ..report import gathered, page_of, text_of

    groupings = [_dimensions(names) for names in options.group_by or ()] or list(_DEFAULT)
    if options.csv and len(groupings) > 1:
        if options.group_by:
            raise ValueError("--csv: is one table; give one --group-by")
        groupings = groupings[:1]
    now = time.time()
    since, until = _moment("since", options.since, now), _moment("until", options.until or "0s", now)
    if since >= until:
        raise ValueError("--since: must be before --until")
    config = load(options.config)
    with opened(config, holds=True) as store:
        cache = cache_on(store, config, lambda _event, _about: None)
        figures = gathered(
            cache, since=since, until=until, now=now, namespaces=namespaces(options), groupings=groupings
        )
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(figures)).decode())
    elif options.csv:
        table = figures.tables[0]
        sys.stdout.write(csv_of(table.dimensions, table.groups))
    else:
        sys.stdout.write(text_of(figures))
    if options.html:
        Path(options.html).write_text(page_of(figures), encoding="utf-8")


def _dimensions(names: str) -> tuple[GroupBy, ...]:
    from ...http.native.stats import StatsQuery

    try:
        return StatsQuery(group_by=names).dimensions
    except InvalidRequest as wrong:
        raise ValueError(f"--group-by: {wrong.msg}") from None


def _moment(name: str, text: str, now: float) -> float:
    from ...http.native.stats import moment

    try:
        return moment(name, text, now) or 0.0
    except InvalidRequest as wrong:
        raise ValueError(f"--{name} {text!r}: {wrong.msg}") from None
