"""Short ways to record into a file, and to replay it."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from prompt_cache.core.errors import NotRecorded
from prompt_cache.core.rules import NamespaceRules, Recording, Rules
from sidecar.tests.support import Asker

QUESTION = "What is the capital of France?"


def recording(file: Path, **rules: Any) -> Asker:
    return asker_of(file, "record", **rules)


def replaying(file: Path, **rules: Any) -> Asker:
    return asker_of(file, "replay", **rules)


def asker_of(file: Path, mode: Literal["record", "replay"], scrub: tuple[str, ...] = (), **rules: Any) -> Asker:
    recorded = NamespaceRules(recording=Recording(mode=mode, path=str(file), scrub=scrub), **rules)
    return Asker(rules=Rules(NamespaceRules(), {"default": recorded, "tests*": recorded}))


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def why(asker: Asker, prompt: str = QUESTION, **fields: Any) -> str:
    with pytest.raises(NotRecorded) as raised:
        asker.ask(prompt, **fields)
    return str(raised.value)
