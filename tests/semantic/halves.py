"""Where the pairs are."""

from tests.docs.pages import ROOT

_DATA = ROOT / "tests/data"
HALVES = {
    "held back": [_DATA / "pairs-held-back.jsonl"],
    "development": sorted(_DATA.glob("pairs-development*.jsonl")),
}
"""The files of each half. Nobody who works on guards or languages looks into the first."""
