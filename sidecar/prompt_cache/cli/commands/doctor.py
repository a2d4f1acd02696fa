"""`prompt-cache doctor`."""

import argparse
import os
import sys
from pathlib import Path

import msgspec

from ...config import ConfigError, load
from ..doctor import Finding, Situation, examine
from ..options import add_config

NAME = "doctor"
HELP = "look whether all is well, and say what to mend"

_MARKS = {"ok": "✓", "advice": "!", "mend": "✗"}
_PLAIN = {"ok": "ok", "advice": "!!", "mend": "XX"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    findings = _findings(options.config)
    to_mend = sum(finding.state == "mend" for finding in findings)
    if options.json:
        report = {"ok": not to_mend, "findings": findings}
        print(msgspec.json.format(msgspec.json.encode(report)).decode())
    else:
        for finding in findings:
            print(_told(finding))
        print(f"\n{to_mend} to mend." if to_mend else "\nNothing to mend.")
    return 1 if to_mend else 0


def _findings(file: str | None) -> list[Finding]:
    file = file or os.environ.get("PROMPT_CACHE_CONFIG") or None
    try:
        config = load(file)
    except ConfigError as error:
        return [
            Finding("mend", line, "correct it; nothing else can be looked at before", "settings")
            for line in str(error).splitlines()
        ]
    where = f"{file} and the environment" if file else "the environment and the defaults"
    situation = Situation(config=config, file=Path(file) if file else None)
    return [Finding("ok", f"read from {where}", check="settings"), *examine(situation)]


def _told(finding: Finding) -> str:
    mark = _marks()[finding.state]
    lines = [f"{mark} {finding.check:<11} {finding.says}"]
    if finding.do:
        lines.append(f"{'':{len(mark) + 13}}-> {finding.do}")
    return "\n".join(lines)


def _marks() -> dict[str, str]:
    try:
        "".join(_MARKS.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return _PLAIN
    return _MARKS
