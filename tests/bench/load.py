"""wrk, out of Debian's package: throughput and latency of a service under keep-alive connections."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stack import versions
from stack.debian import Unpacked, unpacked
from stack.installation import run

_PACKAGES = "wrk libc6 libgcc-s1 libluajit-5.1-2 libluajit-5.1-common libssl3t64 libzstd1 zlib1g"
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}
_SCRIPT = """
local calls = %s
local requests, next = {}, 0
init = function()
    for at, call in ipairs(calls) do
        requests[at] = wrk.format("POST", call[1], {["Content-Type"] = "application/json"}, call[2])
    end
end
request = function()
    next = next + 1
    local request = requests[(next - 1) %% #requests + 1]
    -- as long as the mark, or the length that the head gives would be wrong
    return (request:gsub("%s", string.format("%%012d", next)))
end
"""

EACH = "@eachcall@@@"
"""In a body: becomes another text with each call."""

Call = tuple[str, object]
"""A path, and the body to POST to it."""


@dataclass(frozen=True)
class Measured:
    """Requests per second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


def wrk() -> Unpacked:
    """The unpacked load generator, fetched on first use."""
    release = versions.DEBIAN_REDIS_8
    return unpacked(f"wrk-{release}", "wrk", release, _PACKAGES.split(), lambda _: None)


def measure(url: str, calls: Sequence[Call], folder: Path, *, connections: int = 16, seconds: int = 5) -> Measured:
    """Make these calls, over and over, as fast as they are answered. Fails when a single answer is not a success."""
    listed = ", ".join(f"{{{json.dumps(path)}, {json.dumps(json.dumps(body))}}}" for path, body in calls)
    script = folder / "calls.lua"
    script.write_text(_SCRIPT % (f"{{{listed}}}", EACH))
    # By default it gives up after 2 s, which a slow peer on a busy machine takes.
    patience = ["--timeout", f"{seconds}s"]
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", *patience, "--latency", "-s", str(script), url]
    printed = run([*wrk().command("usr/bin/wrk"), *options])
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise RuntimeError(f"not every request was answered:\n{printed}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    latencies = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+(?:us|ms|s))", printed, re.MULTILINE))
    if not found or len(latencies) != 2:
        raise RuntimeError(f"wrk said something else:\n{printed}")
    return Measured(float(found[1]), _milliseconds(latencies["50"]), _milliseconds(latencies["99"]))


def _milliseconds(text: str) -> float:
    number = text.rstrip("ums")
    return float(number) * _UNITS[text[len(number) :]]
