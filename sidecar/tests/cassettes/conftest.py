"""Where a cassette is recorded."""

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "a.jsonl"
