"""Real PostgreSQL, directly and through a transaction pooler, one of each per run."""

import os
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from stack import versions
from stack.debian import Unpacked, unpacked
from stack.postgres import Postgres
from stack.processes import Process, free_port

_PACKAGES = (
    "pgbouncer libaudit1 libc6 libcap-ng0 libcap2 libcares2 libevent-2.1-7t64 libgcc-s1 libldap2 libpam0g libsasl2-2"
    " libssl3t64 libsystemd0 libzstd1 zlib1g"
)
_numbers = count()


class PgBouncer(Process):
    """A pooler that may give every transaction another of its few server connections; a context manager."""

    def __init__(self, folder: Path, server: Postgres) -> None:
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        release = versions.DEBIAN_POSTGRES_17
        engine = unpacked(f"pgbouncer-{release}", "PgBouncer", release, _PACKAGES.split(), _runnable)
        self._settings = folder / f"pgbouncer-{self.port}.ini"
        self._settings.write_text(
            f"[databases]\npostgres = host=127.0.0.1 port={server.port} user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\nauth_type = any\n"
            "pool_mode = transaction\ndefault_pool_size = 4\nmax_client_conn = 500\nserver_round_robin = 1\n"
            "max_prepared_statements = 0\n"
        )
        # PgBouncer refuses to run as root.
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        super().__init__(
            f"PgBouncer on port {self.port}",
            [*engine.command("usr/sbin/pgbouncer"), *user, self._settings],
            log=folder / f"pgbouncer-{self.port}.log",
            ready=self._accepts,
            timeout=15,
        )

    def _accepts(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _runnable(engine: Unpacked) -> None:
    """It needs nothing more."""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def pgbouncer(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[PgBouncer]:
    with PgBouncer(tmp_path_factory.mktemp("pgbouncer"), postgres) as pooler:
        yield pooler


@pytest.fixture
def schema(postgres: Postgres) -> Iterator[str]:
    """The name of a schema that does not exist yet, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    yield name
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE".encode())
