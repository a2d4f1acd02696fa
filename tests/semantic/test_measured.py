"""docs/semantic.md tells what `prompt-cache evaluate` finds with the local model: it may get better, never worse."""

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import pytest

from prompt_cache.cli.main import main
from tests.docs.pages import page, section, tables

from .halves import HALVES

TOLD = tables(section(page("docs/semantic.md"), "Why a threshold is not enough"))

Report = dict[str, Any]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """Of both halves, by the local model at the default settings."""
    return {half: _evaluated(files, tmp_path_factory.mktemp("pairs")) for half, files in HALVES.items()}


def _evaluated(files: list[Path], folder: Path) -> Report:
    pairs = folder / "pairs.jsonl"
    pairs.write_bytes(b"".join(file.read_bytes() for file in files))
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as environment, redirect_stdout(out):
        environment.setenv("PROMPT_CACHE_EMBEDDER", "local")
        assert main(["evaluate", str(pairs), "--json"]) == 0
    return msgspec.json.decode(out.getvalue(), type=Report)


def _told(row: list[str]) -> Iterator[tuple[int, int]]:
    """Of each cell such as `110 of 243`, both numbers."""
    for cell in row[1:]:
        if found := re.search(r"([\d,]+) of ([\d,]+)", cell):
            yield int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def _row(name: str) -> list[tuple[int, int]]:
    (row,) = (row for row in TOLD if row[0] == name)
    return list(_told(row))


@pytest.mark.parametrize("half", HALVES)
def test_with_guards__it_is_no_worse_than_told(reports: dict[str, Report], half: str) -> None:
    found = reports[half]
    (right, positives), (wrong, negatives) = _row(f"with guards, {half}")
    assert (positives, negatives) == (found["positives"], found["negatives"])
    assert found["served_positives"] >= right
    assert found["served_negatives"] <= wrong


def test_readme__tells_the_same() -> None:
    (right, positives), (wrong, negatives) = _row("with guards, held back")
    (alone, _), _ = _row("cosine alone, as seldom wrong")
    readme = page("README.md")
    assert f"{right} of {positives} paraphrases ({right / positives:.0%})" in readme
    assert f"{wrong} of {negatives} traps ({wrong / negatives:.1%})" in readme
    assert f"as seldom wrong serves {alone} of {positives}" in readme


@pytest.mark.parametrize("threshold", [0.6, 0.85, 0.95])
def test_cosine_alone__serves_what_is_told_give_or_take_a_pair(reports: dict[str, Report], threshold: float) -> None:
    (at,) = (each for each in reports["held back"]["thresholds"] if each["threshold"] == threshold)
    (right, _), (wrong, _) = _row(f"cosine alone from {threshold:g} on")
    assert abs(at["cosine"]["served_positives"] - right) <= 2
    assert abs(at["cosine"]["served_negatives"] - wrong) <= 2


def test_each_language__is_no_worse_than_told(reports: dict[str, Report]) -> None:
    names = {"en": "English", "fr": "French", "de": "German", "es": "Spanish"}
    for each in reports["held back"]["languages"]:
        (right, positives), (wrong, negatives) = _row(names[each["lang"]])
        assert (positives, negatives) == (each["positives"], each["negatives"])
        assert each["served_positives"] >= right
        assert each["served_negatives"] <= wrong


def test_guards__never_serve_what_cosine_alone_does_not(reports: dict[str, Report]) -> None:
    for found in reports.values():
        for at in found["thresholds"]:
            assert at["served_positives"] <= at["cosine"]["served_positives"]
            assert at["served_negatives"] <= at["cosine"]["served_negatives"]
