"""The store of files in a folder."""

from pathlib import Path

import pytest

from prompt_cache.stores.conformance import SharedStoreConformance


class TestFile(SharedStoreConformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"file://{tmp_path}/cache"
