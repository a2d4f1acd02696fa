"""docs/semantic.md tells every guard with an example that it refuses, and settings, commands and bounds as they are."""

import re
from pathlib import Path

import msgspec
import pytest
import yaml

from prompt_cache.cli.main import main
from prompt_cache.config import configured
from prompt_cache.semantic.embedders.models import DEFAULT_MODEL, THRESHOLDS
from prompt_cache.semantic.evaluation.pairs import read_pairs
from prompt_cache.semantic.guards.comparing import compare
from prompt_cache.semantic.guards.names import FINAL, GUARDS
from prompt_cache.semantic.partition import MOST_CHARACTERS, MOST_MESSAGES

from .pages import blocks, code, page, section, tables

SEMANTIC = page("docs/semantic.md")
ROWS = {row[0].strip("`"): row for row in tables(section(SEMANTIC, "Guards"))[1:]}


def test_page__names_every_guard_in_order_and_no_other() -> None:
    assert tuple(ROWS) == GUARDS


@pytest.mark.parametrize("guard", GUARDS)
def test_guard__refuses_its_example(guard: str) -> None:
    asked, stored = re.findall('"([^"]+)"', ROWS[guard][2].replace("`", ""))
    refusing = {verdict.guard for verdict in compare(asked, stored) if not verdict.agrees}
    assert guard in refusing
    assert all(verdict.agrees for verdict in compare(asked, asked))


def test_first_example__is_served() -> None:
    asked, stored = re.findall('"([^"]+)"', SEMANTIC.partition("need one answer, not two")[0])
    assert all(verdict.agrees for verdict in compare(asked, stored))


def test_page__says_which_guards_are_final() -> None:
    (row,) = (row for row in tables(section(SEMANTIC, "It learns")) if row[0] == "**verify**")
    assert code(row[1].partition("cannot overrule")[2]) == FINAL


def test_page__tells_the_bounds_and_the_measured_threshold() -> None:
    told = section(SEMANTIC, "When not to use it")
    assert f"{MOST_CHARACTERS:,} characters" in told
    assert {2: "two", 3: "three", 4: "four", 5: "five"}[MOST_MESSAGES] in told.lower()
    (row,) = (row for row in tables(section(SEMANTIC, "Embedders")) if row[0] == "on this machine")
    assert (DEFAULT_MODEL in row[1], row[2]) == (True, f"measured: {THRESHOLDS[DEFAULT_MODEL.lower()]}")


def test_every_configuration__is_one() -> None:
    found = blocks(SEMANTIC, "yaml")
    assert found
    for block in found:
        configured(yaml.safe_load(block))
    for text in re.findall(r"`(embedder: [^`]+)`", SEMANTIC):
        if "<" not in text and "..." not in text and "url, model" not in text:
            configured(yaml.safe_load(text))


def test_the_pair_that_is_shown__can_be_read() -> None:
    (block,) = blocks(SEMANTIC, "json")
    (pair,) = read_pairs([block.encode()], "page")
    assert set(msgspec.json.decode(block)) == set(msgspec.structs.asdict(pair)) - {"line"}


def test_the_commands_that_are_shown__take_these_options(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^prompt-cache (.*?)(?:\s+#.*)?$", "\n".join(blocks(SEMANTIC, "bash")), re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        assert main(command.split()) == 2
        assert "pairs.jsonl: there is no such file" in capsys.readouterr().err


def test_a_small_word__is_no_address() -> None:
    """What `links` refuses, no model that verifies may overrule."""
    verdicts = compare("What should I do if I am sick?", "What must I do because I am sick?")
    assert [verdict.agrees for verdict in verdicts if verdict.guard == "links"] == [True]
