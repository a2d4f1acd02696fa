"""What LiteLLM's cache keeps, and that the guide has all of its parameters and no other."""

import json
from fnmatch import fnmatch
from typing import Any

import pytest

from ..docs.pages import code, page, section, tables
from .environment import PROGRAMS, program

_GUIDE = section(page("docs/migrating.md"), "LiteLLM")


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(program(PROGRAMS / "litellm_cache.py", folder=tmp_path_factory.mktemp("litellm")))
    return told


def test_what_is_kept_does_not_tell_the_question(litellm: dict[str, Any]) -> None:
    ((key, value),) = litellm["kept"].items()
    assert "the answer" in value["response"]
    assert "question itself" not in key + json.dumps(value)
    assert set(value) == {"timestamp", "response"}


@pytest.mark.parametrize(("of", "head"), [("of a call", "with a call"), ("of the cache", "cache_params")])
def test_guide__has_every_parameter_and_no_other(litellm: dict[str, Any], of: str, head: str) -> None:
    assert _named(head, litellm[of]) == set(litellm[of])


def _named(head: str, there: list[str]) -> set[str]:
    """What the first column of the table with this head names; `s3_*` stands for all that begin so."""
    rows, found = tables(_GUIDE), set()
    start = next(at for at, row in enumerate(rows) if head in row[0])
    for row in rows[start + 1 :]:
        if row[0].startswith("LiteLLM"):
            break
        for name in code(row[0]):
            found |= {each for each in there if fnmatch(each, name)} or {name}
    return found


def test_named__finds_what_is_missing() -> None:
    assert _named("with a call", ["ttl", "new"]) >= {"ttl", "no-store"}
    assert "new" not in _named("with a call", ["ttl", "new"])
