"""The PostgreSQL store, directly and through a transaction pooler."""

import pytest

from prompt_cache.testing.stores import SharedStoreConformance, SharedVectorConformance
from stack.postgres import Postgres

from .postgres_servers import PgBouncer


class TestPostgres(SharedStoreConformance, SharedVectorConformance):
    @pytest.fixture
    def url(self, postgres: Postgres, schema: str) -> str:
        return f"{postgres.url}?schema={schema}"


class TestTransactionPooler(SharedStoreConformance, SharedVectorConformance):
    @pytest.fixture
    def url(self, pgbouncer: PgBouncer, schema: str) -> str:
        return f"{pgbouncer.url}?schema={schema}"
