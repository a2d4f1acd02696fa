"""The store in one SQLite file."""

from pathlib import Path

import pytest

from prompt_cache.stores.conformance import SharedStoreConformance


class TestSqlite(SharedStoreConformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/cache.db"
