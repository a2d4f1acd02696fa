"""A Redis Cluster: each command goes to the master that has its slot.

Routes by itself, on plain connections: where nodes do not answer, redis-py's cluster client learns the slots anew node
after node, thread after thread, so that a call waits many times its timeout.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import redis
from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError, TryAgainError

from .address import Node
from .link import Command, Direct, Link

SLOTS = 16384
_REDIRECTS = 8
_TRY_AGAIN_AFTER = 0.02


class Clustered(Link):
    """To all masters of a cluster; `seeds` are asked where the others are."""

    def __init__(self, seeds: Sequence[Node], server: Callable[[Node], Direct], timeout: float) -> None:
        self._seeds = seeds
        self._server = server
        self._timeout = timeout
        self._servers: dict[Node, Direct] = {}
        self._owners: list[Node | None] = []
        self._outdated = True
        self._failed: Node | None = None
        self._refused = -timeout
        self._pid = os.getpid()
        self._learning = threading.Lock()

    def send(self, command: Command, again: bool) -> Any:
        slot = _slot(command)
        node, asking = self._owner(slot), False
        for _ in range(_REDIRECTS):
            try:
                return self._at(node).send(command, again, asking=asking)
            except MovedError as moved:
                self._outdated = True
                node, asking = (moved.host or node[0], moved.port), False
            except AskError as ask:  # the slot is on its way: this once
                node, asking = (ask.host or node[0], ask.port), True
            except TryAgainError:  # some of its keys are here, some there: not for long
                time.sleep(_TRY_AGAIN_AFTER)
                node, asking = self._owner(slot), False
            except (redis.ConnectionError, redis.TimeoutError, ClusterDownError):
                self._outdated, self._failed = True, node
                raise
        raise RedisError("the cluster is moving this slot")

    def send_all(self, commands: Sequence[Command]) -> list[Any]:
        nodes = [self._owner(_slot(command)) for command in commands]
        answers: list[Any] = [None] * len(commands)
        for node in sorted(set(nodes), key=lambda node: node == nodes[-1]):
            places = [at for at, owner in enumerate(nodes) if owner == node]
            try:
                found = self._at(node).send_all([commands[at] for at in places])
            except (redis.ConnectionError, redis.TimeoutError):
                self._outdated, self._failed = True, node
                raise
            for at, answer in zip(places, found, strict=True):
                elsewhere = isinstance(answer, (MovedError, AskError, TryAgainError, ClusterDownError))
                answers[at] = self.send(commands[at], True) if elsewhere else answer
        return answers

    def memory(self) -> list[dict[str, str]]:
        self._owner(0)
        return [info for node in set(filter(None, self._owners)) for info in self._at(node).memory()]

    def close(self) -> None:
        for server in list(self._servers.values()):
            server.close()

    def _at(self, node: Node) -> Direct:
        return self._servers.get(node) or self._servers.setdefault(node, self._server(node))

    def _owner(self, slot: int) -> Node:
        if self._outdated:
            self._learn()
        node = self._owners[slot]
        if node is None:
            self._outdated = True
            raise RedisError(f"no master of the cluster has slot {slot}")
        return node

    def _learn(self) -> None:
        """Ask who has which slot: one thread at a time, for about the timeout; others go on with what is known."""
        if self._pid != os.getpid():
            self._pid, self._learning = os.getpid(), threading.Lock()
        known = bool(self._owners)
        if known and time.monotonic() - self._refused < self._timeout:
            return
        if not self._learning.acquire(timeout=0 if known else self._timeout):
            if self._owners:
                return
            raise redis.TimeoutError("the cluster does not answer in time")
        try:
            if self._outdated:
                self._owners = self._asked()
                self._outdated = False
        except (RedisError, OSError):
            self._refused = time.monotonic()
            if not known:
                raise
        finally:
            self._learning.release()

    def _asked(self) -> list[Node | None]:
        deadline = time.monotonic() + self._timeout
        nodes = list({*filter(None, self._owners), *self._seeds})
        random.shuffle(nodes)
        nodes.sort(key=lambda node: node == self._failed)  # that one last
        failure: Exception = redis.TimeoutError("the cluster does not answer in time")
        for node in nodes:
            try:
                return _owners(self._at(node).send(("CLUSTER", "SLOTS"), True), node[0])
            except (RedisError, OSError) as error:
                failure = error
            if time.monotonic() > deadline:
                break
        raise failure


def _slot(command: Command) -> int:
    return key_slot(str(command[3 if command[0] in ("EVAL", "EVALSHA") else 1]).encode())


def _owners(answer: list[Any], host: str) -> list[Node | None]:
    """The master of each slot; one that names no host is where it was asked."""
    owners: list[Node | None] = [None] * SLOTS
    for first, last, master, *_ in answer:
        node = ((master[0] or b"").decode() or host, int(master[1]))
        owners[first : last + 1] = [node] * (last + 1 - first)
    return owners
