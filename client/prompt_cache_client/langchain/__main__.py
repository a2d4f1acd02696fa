"""`python -m prompt_cache_client.langchain .langchain.db`: what LangChain's SQLiteCache kept, to be imported."""

import argparse
import sys
import warnings
from collections import Counter
from pathlib import Path

from .sqlite_cache import Left, lines


def main() -> int:
    """Write a line for each answer to standard output; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m prompt_cache_client.langchain",
        description="Write what LangChain's SQLiteCache kept, for `prompt-cache import --from pairs`.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="its database, .langchain.db unless it was named")
    warnings.filterwarnings("ignore", message="The function `loads` is in beta")
    written, left = 0, Counter[str]()
    try:
        for line in lines(parser.parse_args().file):
            if isinstance(line, Left):
                left[line.why] += 1
            else:
                print(line)
                written += 1
    except (OSError, ValueError) as error:
        print(f"prompt-cache-client: {error}", file=sys.stderr)
        return 2
    said = [f"{written} answers", *(f"{count} left out: {why}" for why, count in left.items())]
    print(", ".join(said), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
