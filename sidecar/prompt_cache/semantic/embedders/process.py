"""The process that has the model, for all who embed as this user. It lives as long as somebody is connected.

So it needs to know nobody's process id: the system closes the connections of whoever ends, however it ends.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from .models import read_model
from .wire import HEAD, Answer, framed, lock_of, read_ask, size_of

LINGER = 3.0
"""Seconds without anybody before it ends: a worker that is replaced by another shall find it."""
_FIRST = 15.0
"""The same before the first has come."""
_TRIES = 20
"""Of a fiftieth of a second, to be the one that has the lock."""
_MOST = 16_000
"""Characters that are embedded in one go, more or less; who asks meanwhile waits that long."""


class _Job(Struct, eq=False):
    texts: list[str]
    answer: asyncio.Future[Answer]
    reader: asyncio.StreamReader

    @property
    def size(self) -> int:
        return sum(map(len, self.texts))


class Service:
    def __init__(self, socket: Path, model: Path) -> None:
        self._socket = socket
        self._model = model
        self._connected = 0
        self._loaded = asyncio.Event()
        self._error = ""
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()

    async def run(self) -> None:
        """Until nobody is left."""
        before = os.umask(0o177)
        server = await asyncio.start_unix_server(self._serve, self._socket)  # in place of one that was left behind
        os.umask(before)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        work = asyncio.create_task(self._work())
        left = _FIRST
        while left > 0:
            await asyncio.sleep(0.25)
            left = LINGER if self._connected else min(left, LINGER if self._error else left) - 0.25
        server.close()
        work.cancel()
        self._end()

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.unlink()
        os._exit(0)  # whoever still waits sees the connection close; a model has nothing to put in order

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connected += 1
        try:
            await self._loaded.wait()
            writer.write(framed(Answer([], self._error)))
            while not self._error:
                asked = read_ask(await reader.readexactly(size_of(await reader.readexactly(HEAD.size))))
                job = _Job(asked.texts, asyncio.get_running_loop().create_future(), reader)
                self._jobs.put_nowait(job)
                writer.write(framed(await job.answer))
                await writer.drain()
        except (OSError, EOFError, ValueError):  # it left, or is none of ours
            pass
        finally:
            self._connected -= 1
            writer.close()

    async def _work(self) -> None:
        try:
            from .bert import Bert

            bert = await asyncio.to_thread(lambda: Bert(read_model(self._model)))
        except Exception as error:
            self._error = f"its model cannot be loaded ({type(error).__name__})"
            return
        finally:
            self._loaded.set()
        while True:
            jobs = await self._together()
            try:
                vectors = await asyncio.to_thread(bert.embed, [text for job in jobs for text in job.texts])
            except Exception as error:
                for job in jobs:
                    job.answer.set_result(Answer([], f"its model failed ({type(error).__name__})"))
                continue
            for job in jobs:
                job.answer.set_result(Answer(vectors[: len(job.texts)]))
                del vectors[: len(job.texts)]

    async def _together(self) -> Sequence[_Job]:
        """What waits at this moment, but not for those who have left."""
        jobs: list[_Job] = []
        while not jobs or (not self._jobs.empty() and sum(job.size for job in jobs) < _MOST):
            job = await self._jobs.get()
            if job.reader.at_eof():
                job.answer.set_result(Answer([]))
            else:
                jobs.append(job)
        return jobs


def main(socket: str, model: str) -> None:
    """Away from whoever starts it, which need not wait for it nor outlive it."""
    if os.fork():
        os._exit(0)
    with lock_of(Path(socket)).open("w") as lock:
        for _ in range(_TRIES):
            with contextlib.suppress(BlockingIOError):  # somebody looks whether it is locked, or another was quicker
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                asyncio.run(Service(Path(socket), Path(model)).run())
            time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
