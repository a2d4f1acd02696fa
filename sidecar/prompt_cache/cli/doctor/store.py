"""Whether the store takes, gives back and forgets, how fast, and whether its clock is ours."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from ...config import ConfigError
from ...service.open import open_configured_store
from ...stores import Record, Store, StoreUnavailable
from ..opening import database
from .engines import facts_of
from .finding import Finding, Situation, advice, mend, ok

_PLACE = "!doctor"
"""A namespace that no caller can name."""
_SLOW, _APART = 0.05, 2.0
"""Seconds."""
_REACH = "see that it runs, and that the address, the user and the password in `store` are right"
_ON_DISK = "mend that; the database itself was not changed"
_TIME = "keep the clock of every machine that serves or stores by NTP, such as `timedatectl set-ntp true`"


def store(situation: Situation) -> Iterator[Finding]:
    path = database(situation.config.store)
    if path is not None and not path.exists():
        # Made by whoever serves, not by whoever asks: it would be theirs.
        yield _room_for(path)
        return
    try:
        opened = open_configured_store(situation.config)
        try:
            yield from _tried(opened, situation)
        finally:
            opened.close()
    except ConfigError as error:
        yield mend(str(error), "write it as docs/stores.md shows")
    except StoreUnavailable as error:
        yield mend(str(error).partition("\n")[0], _ON_DISK if path else _REACH)


def clock(situation: Situation) -> Iterator[Finding]:
    path, now = database(situation.config.store), situation.clock()
    if path is not None:
        ahead = path.stat().st_mtime - now if path.exists() else 0.0
        if ahead > _APART:
            says = f"{path} was written {ahead:,.0f} s from now: the clock was set back, and answers live longer"
            yield mend(says, _TIME)
        return
    facts = facts_of(situation.config)
    if facts is None:
        return
    apart = facts.time - situation.clock()
    if abs(apart) > _APART:
        where = "ahead of" if apart > 0 else "behind"
        says = f"the clock of {facts.name} is {abs(apart):,.0f} s {where} this machine's: lives and leases end wrongly"
        yield mend(says, _TIME)
    else:
        yield ok(f"the clock of {facts.name} and this machine's agree")


def _tried(opened: Store, situation: Situation) -> Iterator[Finding]:
    if not opened.keeps:
        yield advice("nothing is kept: this store switches caching off", "set `store` to one that keeps")
        return
    key, body, now = f"{_PLACE}/{uuid4()}", os.urandom(16), situation.clock()
    opened.put([Record(key=key, namespace=_PLACE, body=body, created=now, expires=now + 60)])
    try:
        began = time.perf_counter()
        found = opened.get([key])
        took = time.perf_counter() - began
    finally:
        deleted = opened.delete([key])
    if found != [body] or deleted != 1 or opened.get([key]) != [None]:
        yield mend("the store does not give back what it took", "is a cache or a replica in between? name the master")
        return
    facts = facts_of(situation.config)
    says = (
        f"{facts.name if facts else situation.engine} takes, gives back and forgets; a read takes {took * 1000:.1f} ms"
    )
    if took > _SLOW:
        yield advice(says, "run the sidecar nearer to its store: each lookup waits for it")
    else:
        yield ok(says)
    if not opened.shared:
        yield advice("answers live in one process and end with it", "keep them: `store: sqlite:///prompt-cache.db`")


def _room_for(path: Path) -> Finding:
    folder = next(each for each in path.parents if each.exists())
    if os.access(folder, os.W_OK | os.X_OK):
        return ok(f"{path} is not there yet; the first start makes it")
    return mend(f"{path} is not there, and {folder} cannot be written to", "let the user that serves own the folder")
