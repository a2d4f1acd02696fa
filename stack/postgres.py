"""PostgreSQL 17 with pgvector as a process on loopback."""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from . import versions
from .debian import Unpacked, unpacked
from .installation import run
from .processes import Process, free_port

_PACKAGES = (
    "postgresql-17 postgresql-17-pgvector libpq5 tzdata libaudit1 libc6 libcap-ng0 libcap2 libcom-err2 libgcc-s1"
    " libgssapi-krb5-2 libicu76 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libldap2 liblz4-1 liblzma5 libpam0g"
    " libsasl2-2 libssl3t64 libstdc++6 libsystemd0 libxml2 libxxhash0 libzstd1 zlib1g"
)
_PROTOCOL_3 = 3 << 16
_PROGRAMS = "usr/lib/postgresql/17/bin"
_FAST_NOT_DURABLE = ("fsync=off", "full_page_writes=off")


def postgres_engine() -> Unpacked:
    """The unpacked PostgreSQL 17 with pgvector, fetched on first use."""
    release = versions.DEBIAN_POSTGRES_17
    return unpacked(
        f"postgres-17-{release}", "PostgreSQL 17 with pgvector", release, _PACKAGES.split(), _make_postgres_runnable
    )


def _make_postgres_runnable(engine: Unpacked) -> None:
    # initdb runs the `postgres` beside itself, which needs the loader too; the paths stay right when the tree is moved.
    program = engine.root / _PROGRAMS / "postgres"
    program.rename(program.with_suffix(".real"))
    loader, _, libraries, *_ = (os.path.relpath(part, program.parent) for part in engine.command("unused"))
    program.write_text(
        "#!/bin/sh\n"
        'here=$(cd "$(dirname "$0")" && pwd)\n'
        f'exec "$here/{loader}" --library-path "$here/{libraries}"'
        ' --argv0 "$here/postgres" "$here/postgres.real" "$@"\n'
    )
    program.chmod(0o755)


class Postgres(Process):
    """One PostgreSQL server with an empty cluster of its own; user `postgres`, no password.

    `settings` are lines of postgresql.conf; by default a crash of the machine, not of the server, may lose data.
    """

    def __init__(self, folder: Path, *, port: int | None = None, settings: Sequence[str] = _FAST_NOT_DURABLE) -> None:
        self.port = port or free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._home = folder / f"postgres-{self.port}"
        self._engine = postgres_engine()
        # PostgreSQL refuses to run as root, and another user may not reach root's folders.
        user = "nobody" if os.geteuid() == 0 else None
        if user:
            self._home = Path(tempfile.mkdtemp(prefix="prompt-cache-postgres-"))
            self._engine = Unpacked(shutil.copytree(self._engine.root, self._home / "root", symlinks=True))
            shutil.chown(self._home, user)
        options = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "jit=off",
            *settings,
        ]
        super().__init__(
            f"PostgreSQL on port {self.port}",
            [
                self._engine.root / _PROGRAMS / "postgres",
                *("-D", self._data),
                *(part for option in options for part in ("-c", option)),
            ],
            log=folder / f"postgres-{self.port}.log",
            ready=self._accepts,
            env={"LC_ALL": "C.UTF-8"},
            cwd=self._home,
            user=user,
            timeout=30,
            stop_signal=signal.SIGINT,
        )

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def launch(self) -> Self:
        if not (self._data / "PG_VERSION").exists():
            self._initialize()
        return super().launch()

    def close(self) -> None:
        """Stop and remove the data."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def __exit__(self, *_: object) -> None:
        self.close()

    def _initialize(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        initdb = [*self._engine.command(f"{_PROGRAMS}/initdb"), "-D", self._data, "--no-sync"]
        options = ["--auth=trust", "--username=postgres", "--locale=C.UTF-8", "--encoding=UTF8"]
        run([*initdb, *options], cwd=self._home, env=self.env, user=self._user)

    def _accepts(self) -> bool:
        """Whether the server answers a startup message with anything but "starting up"."""
        body = struct.pack("!i", _PROTOCOL_3) + b"user\0postgres\0\0"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(struct.pack("!i", len(body) + 4) + body)
                return connection.recv(1) == b"R"
        except OSError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        # Each backend leads a session of its own, out of reach of a signal to the group.
        backends = self._backends() if number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT) else []
        super()._signal(number)
        for backend in backends:
            with contextlib.suppress(ProcessLookupError):
                os.kill(backend, number)

    def _backends(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.pid)], stdout=subprocess.PIPE, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]
