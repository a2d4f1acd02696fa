"""A program that asks one question through the cache, to be started many times; prints what it was answered."""

import argparse
import time
from pathlib import Path

from prompt_cache_client import PromptCache


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("namespace")
    parser.add_argument("calls", type=Path, help="a file to which each call adds a line")
    parser.add_argument("--takes", type=float, default=0.5, help="seconds of a call")
    parser.add_argument("--lease", type=float, default=30)
    parser.add_argument("--answer", default="one answer")
    options = parser.parse_args()

    def call() -> str:
        with options.calls.open("a") as calls:
            calls.write("call\n")
        time.sleep(options.takes)
        return str(options.answer)

    with PromptCache(options.address, token="the-token", namespace=options.namespace, timeout=10) as cache:
        print(cache.get_or_call("q", call, lease=options.lease), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
