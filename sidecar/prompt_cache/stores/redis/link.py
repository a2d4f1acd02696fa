"""Connections to Redis: one call, one answer, in bounded time; whatever goes wrong is a StoreUnavailable."""

import os
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import redis
from redis.connection import ConnectionInterface, ConnectionPool
from redis.exceptions import AskError, NoPermissionError, NoScriptError, OutOfMemoryError, RedisError, ResponseError
from redis.sentinel import MasterNotFoundError

from ..base import StoreFull, StoreUnavailable
from .scripts import Script

Command = tuple[Any, ...]

_BROKEN = (RedisError, OSError)


class Link(ABC):
    """How commands reach the server that has the key they name. Safe between threads, and after a fork."""

    def call(self, *command: Any, again: bool = False) -> Any:
        """The answer as it came: bytes, whole numbers, lists. `again` marks what may be sent twice."""
        try:
            return self.send(command, again)
        except _BROKEN as error:
            raise _explained(error) from error

    def run(self, script: Script, key: str, *arguments: Any, again: bool = False) -> Any:
        """What a script returns that works in the slot of `key`."""
        try:
            try:
                return self.send(script.called(key, arguments), again)
            except NoScriptError:
                return self.send(script.called(key, arguments, in_full=True), again)
        except _BROKEN as error:
            raise _explained(error) from error

    def call_all(self, commands: Sequence[Command], script: Script, key: str, *arguments: Any) -> list[Any]:
        """The answers to commands that may be sent twice, and last to a script; one trip to each server it takes."""
        try:
            *answers, last = self.send_all([*commands, script.called(key, arguments)])
            if isinstance(last, NoScriptError):
                last = self.send(script.called(key, arguments, in_full=True), True)
            for answer in (*answers, last):
                if isinstance(answer, Exception):
                    raise answer
        except _BROKEN as error:
            raise _explained(error) from error
        return [*answers, last]

    def call_each(self, commands: Sequence[Command]) -> list[Any]:
        """The answers to commands that may be sent twice; one trip to each server it takes."""
        try:
            answers = self.send_all(commands)
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
        except _BROKEN as error:
            raise _explained(error) from error
        return answers

    def check(self) -> None:
        """Raise StoreUnavailable unless every server answers and keeps what must not be lost."""
        try:
            infos = self.memory()
        except _BROKEN as error:
            raise _explained(error) from error
        for info in infos:
            if info.get("maxmemory", "0") != "0" and info.get("maxmemory_policy", "").startswith("allkeys"):
                raise StoreUnavailable(
                    "Redis: maxmemory-policy lets it drop any key, so that an invalidated answer could come back;"
                    " set it to noeviction, or to volatile-lru"
                )

    @abstractmethod
    def send(self, command: Command, again: bool) -> Any:
        """As `call`, with redis-py's own exceptions."""

    @abstractmethod
    def send_all(self, commands: Sequence[Command]) -> list[Any]:
        """The answers to commands that may be sent twice, the last one's not before the others'.

        What a server refuses is an exception in its place.
        """

    @abstractmethod
    def memory(self) -> list[dict[str, str]]:
        """What each server says of its memory."""

    @abstractmethod
    def close(self) -> None: ...


class Direct(Link):
    """To one server, or to the one that the sentinels name.

    Speaks through connections of its own instead of redis-py's client, whose pool and hooks cost more than a GET.
    """

    def __init__(self, pool: Callable[[], ConnectionPool]) -> None:
        self._open = pool
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._pool: ConnectionPool | None = None
        self._idle: deque[ConnectionInterface] = deque()

    def send(self, command: Command, again: bool, *, asking: bool = False) -> Any:
        """`asking` tells a node of a cluster that it is meant, though the slot is only on its way to it."""
        answer = self._answers([("ASKING",), command] if asking else [command], again)[-1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send_all(self, commands: Sequence[Command]) -> list[Any]:
        return self._answers(commands, True)

    def _answers(self, commands: Sequence[Command], again: bool) -> list[Any]:
        if self._pid != os.getpid():
            self._forget()  # those of the process before the fork are not ours to use
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connection()
        try:
            return self._ask(connection, commands, again)
        except BaseException:
            connection.disconnect()  # an answer that comes too late must not answer another question
            raise
        finally:
            self._idle.append(connection)

    def _ask(self, connection: ConnectionInterface, commands: Sequence[Command], again: bool) -> list[Any]:
        idle = connection.is_connected
        if idle and not again and _closed(connection):
            connection.disconnect()
        try:
            return _ask(connection, commands)
        except redis.ConnectionError:
            if not (idle and again):
                raise
        connection.disconnect()  # most likely the server went and came back while it lay idle
        return _ask(connection, commands)

    def _connection(self) -> ConnectionInterface:
        with self._lock:
            if self._pool is None:
                self._pool = self._open()
            return self._pool.make_connection()

    def memory(self) -> list[dict[str, str]]:
        self.send(("PING",), True)
        try:
            info = self.send(("INFO", "memory"), True)
        except NoPermissionError:
            return []
        lines = (line.partition(":") for line in info.decode().splitlines())
        return [{name: value for name, _, value in lines}]

    def close(self) -> None:
        while self._idle:
            self._idle.pop().disconnect()


def _ask(connection: ConnectionInterface, commands: Sequence[Command]) -> list[Any]:
    """All answers; what the server refuses is an exception in its place, so that none is left unread."""
    if not connection.is_connected:
        try:
            connection.connect()  # sending would connect too, but without asking the sentinels where
        except MasterNotFoundError as error:  # goes on to show all settings of the connection
            raise redis.ConnectionError(str(error).partition(" : ")[0]) from None
    connection.send_packed_command(connection.pack_commands(commands))
    answers = []
    for _ in commands:
        try:
            answers.append(connection.read_response())
        except ResponseError as refused:
            answers.append(refused)
    return answers


def _closed(connection: ConnectionInterface) -> bool:
    try:
        return connection.can_read(0)  # nothing is due, so this is the end of the stream
    except redis.ConnectionError:
        return True


def _explained(error: Exception) -> StoreUnavailable:
    text = str(error) or type(error).__name__
    if isinstance(error, OutOfMemoryError) or text.startswith(("OOM ", "MISCONF ")):
        return StoreFull(f"Redis: {text}")
    if isinstance(error, AskError):
        return StoreUnavailable("Redis: this server is part of a cluster; begin the URL with redis+cluster")
    return StoreUnavailable(f"Redis: {text}")
