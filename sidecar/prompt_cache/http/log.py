"""One JSON line per request on standard output: never a prompt, an answer or a secret."""

import os
import sys
import time
from typing import Any

import msgspec


def write_log(fields: dict[str, Any]) -> None:
    """Write one line at once, so that lines of several workers do not mix."""
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
    try:
        os.write(sys.stdout.fileno(), msgspec.json.encode({"time": stamp, **fields}) + b"\n")
    except (OSError, ValueError):
        return  # a closed or full standard output must not fail a request
