"""The store in this process's memory."""

import pytest

from prompt_cache.stores.conformance import StoreConformance


class TestMemory(StoreConformance):
    @pytest.fixture
    def url(self) -> str:
        return "memory://"
