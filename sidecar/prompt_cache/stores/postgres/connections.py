"""Connections to PostgreSQL: pooled, each wait bounded, gone servers noticed before they are asked."""

import math
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import Params, PQGen
from psycopg.pq import ConnStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from ..base import StoreFull, StoreUnavailable
from .address import Address

Row = tuple[Any, ...]
_T = TypeVar("_T")

_FULL = (errors.DiskFull, errors.OutOfMemory, errors.ReadOnlySqlTransaction)
"""Databases as a service turn read-only when the disk is almost full."""
_TRY_AGAIN = (errors.DeadlockDetected, errors.SerializationFailure)
_TRIES = 3
_INTERVAL = 0.1
_SERVERS_SHARE = 0.8
"""Of our patience: a server that is alive gives up first, says so, and has nothing left to do for nobody."""
_LEAST_SHARE = 0.25
"""Of the timeout, for the statement, however long the connection took."""
_IDLE_SECONDS = 300.0
_LIFETIME_SECONDS = 1800.0


class Connection(psycopg.Connection[Row]):
    """One that gives up when the server has been silent for `patience` seconds, be it dead, frozen or unreachable."""

    patience = math.inf

    def wait(self, gen: PQGen[_T], interval: float = _INTERVAL, *args: Any, **limits: Any) -> _T:
        return super().wait(self._bounded(gen), interval, *args, **limits)

    def _bounded(self, gen: PQGen[_T]) -> PQGen[_T]:
        heard = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard >= self.patience:
                    self.pgconn.finish()  # what it still may answer is of no use to anybody
                    raise psycopg.OperationalError("the server does not answer")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    @property
    def hung_up(self) -> bool:
        """Whether the other side has closed it, as far as the socket knows without asking."""
        if self.closed:
            return True
        if not _readable(self.pgconn.socket):
            return False
        try:
            self.pgconn.consume_input()
        except psycopg.Error:
            return True
        return self.pgconn.status == ConnStatus.BAD or _readable(self.pgconn.socket)


class Connections:
    """The pool of one process; after a fork the child has its own. `timeout`, in seconds, bounds every run.

    Nothing lives in a session: no prepared statement, no setting beyond its transaction, no lock. So every run may be
    given another server connection by a pooler in between.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self._address = address
        self._timeout = timeout
        self._lock = threading.Lock()
        self._pool: ConnectionPool[Connection] | None = None
        self._process = 0
        self._inherited: list[ConnectionPool[Connection]] = []

    def run(self, sql: str, values: Params = ()) -> list[Row]:
        """Run one statement in a transaction of its own, in one round trip.

        Raises StoreFull, StoreUnavailable.
        """
        for tries in range(1, _TRIES + 1):
            with explained():
                try:
                    return self._run(sql, values)
                except _TRY_AGAIN:
                    if tries == _TRIES:
                        raise
        raise AssertionError("unreachable")

    def _run(self, sql: str, values: Params) -> list[Row]:
        with self._lent() as connection:
            with connection.pipeline():
                # One message to the server, hence one transaction: the limits hold for the statement and end with it.
                connection.execute(
                    "SELECT set_config('statement_timeout', %s, true), set_config('search_path', %s, true)",
                    (str(_milliseconds(connection.patience * _SERVERS_SHARE)), search_path(self._address.schema)),
                )
                cursor = connection.cursor(binary=True)
                cursor.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def _lent(self) -> Iterator[Connection]:
        pool, began = self._opened(), time.monotonic()
        while True:
            left = self._timeout - (time.monotonic() - began)
            connection = pool.getconn(timeout=left)
            if not connection.hung_up:
                break
            connection.close()
            pool.putconn(connection)
        connection.patience = max(left, self._timeout * _LEAST_SHARE)
        try:
            yield connection
        except BaseException:
            if connection.info.transaction_status:  # not idle
                connection.close()
            raise
        finally:
            pool.putconn(connection)

    def _opened(self) -> ConnectionPool[Connection]:
        with self._lock:
            if self._pool is not None and self._process != os.getpid():
                self._inherited.append(self._pool)  # the parent's: closing it here would end its conversations
                self._pool = None
            if self._pool is None:
                self._pool = ConnectionPool(
                    kwargs={**self._parameters(), "autocommit": True, "prepare_threshold": None},
                    connection_class=Connection,
                    min_size=0,
                    max_size=self._address.pool_size,
                    timeout=self._timeout,
                    reconnect_timeout=self._timeout,
                    max_idle=_IDLE_SECONDS,
                    max_lifetime=_LIFETIME_SECONDS,
                    num_workers=2,
                    name="prompt-cache",
                    open=True,
                )
                self._process = os.getpid()
            return self._pool

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """A connection outside the pool, for what is done once.

        Raises StoreFull, StoreUnavailable.
        """
        with explained(), Connection.connect(**self._parameters(), autocommit=True, prepare_threshold=None) as one:
            one.patience = self._timeout
            yield one

    def _parameters(self) -> dict[str, Any]:
        ours = {
            "application_name": "prompt-cache",
            "client_encoding": "utf8",
            "connect_timeout": math.ceil(self._timeout),
            "tcp_user_timeout": _milliseconds(self._timeout),
            "keepalives_idle": 30,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
        return ours | self._address.server

    def close(self) -> None:
        """Let go of this process's connections; a later run opens new ones."""
        with self._lock:
            if self._pool is not None and self._process == os.getpid():
                self._pool.close()
                self._pool = None


@contextmanager
def explained() -> Iterator[None]:
    """Turn the driver's exceptions into the store's. Messages are the server's own, without statements or values."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("PostgreSQL: no connection in time") from error
    except psycopg.Error as error:
        kind = StoreFull if isinstance(error, _FULL) else StoreUnavailable
        message = error.diag.message_primary or str(error).strip() or type(error).__name__
        raise kind(f"PostgreSQL: {message.splitlines()[0]}") from error


def search_path(schema: str) -> str:
    # Temporary tables of whoever else uses a pooled server connection come last, not first.
    return f"{schema}, pg_temp"


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _readable(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
