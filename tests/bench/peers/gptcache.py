"""GPTCache's own server, matching exactly: its map of prompts in the memory of one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack import Failure, Process, free_port
from stack.web import HttpClient, answers

from ..load import Call
from .peer import Exchanges, Filled, OneProcessOnly, python_with

_VERSION = "0.1.44"
_REQUIREMENTS = (f"gptcache=={_VERSION}", "openai==0.28.1", "fastapi==0.165.0", "uvicorn[standard]==0.54.0")
# Its command line knows vectors only, so the cache is begun here; the server is what it comes with.
_PROGRAM = """
import sys
import uvicorn
from gptcache import cache
from gptcache.processor.pre import get_prompt
from gptcache_server.server import app

cache.init(pre_embedding_func=get_prompt)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


@contextmanager
def serve(folder: Path, workers: int, exchanges: Exchanges) -> Iterator[Filled]:
    if workers > 1:
        raise OneProcessOnly
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Process(
        f"GPTCache's server on port {port}",
        [python_with("gptcache", _VERSION, *_REQUIREMENTS), "-c", _PROGRAM, str(port)],
        log=folder / "gptcache.log",
        ready=lambda: answers(url),
        env={"PIP_NO_INDEX": "1"},  # what it misses it would install by itself, into whichever Python `pip` is of
        cwd=folder / "gptcache",
        timeout=120,
    ):
        client = HttpClient(url)
        calls: list[Call] = []
        for prompt in exchanges.prompts:
            client.post("/put", {"prompt": prompt, "answer": exchanges.answer})
            calls.append(("/get", {"prompt": prompt}))
        if any(client.post(path, body)["answer"] != exchanges.answer for path, body in calls):
            raise Failure("GPTCache's server does not answer what it was given.")
        yield Filled(url, calls)
