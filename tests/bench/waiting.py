"""What hits wait, and how much memory it takes, while many slow calls pass through the proxy."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from stack import Sidecar, free_port

CALLS, SECONDS = 200, 10.0
_PATH = "/openai/v1/chat/completions"
_KNOWN = {"model": "gpt-4o", "messages": [{"role": "user", "content": "What is known?"}]}
_HITS = 600


def run(calls: int = CALLS, seconds: float = SECONDS) -> None:
    """Print what became of the default install (2 workers, SQLite), idle and under load."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        env = {
            "PROMPT_CACHE_STORE": f"sqlite:///{folder}/bench.db",
            "PROMPT_CACHE_WORKERS": "2",
            "PROMPT_CACHE_UPSTREAM_OPENAI_URL": f"http://127.0.0.1:{port}/v1",
        }
        sidecar = stack.enter_context(Sidecar(folder, env=env))
        asyncio.run(_measured(sidecar, port, calls, seconds))


async def _measured(sidecar: Sidecar, port: int, calls: int, seconds: float) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with _upstream(port, seconds), aiohttp.ClientSession(connector=connector) as session:
        await _ask(session, sidecar, _KNOWN)
        await asyncio.gather(*(_ask(session, sidecar, _streamed(f"first {at}")) for at in range(calls)))  # warm
        idle, before, files = await _hits(session, sidecar), _memory(sidecar), _files(sidecar)
        began = time.monotonic()
        slow = [asyncio.create_task(_ask(session, sidecar, _streamed(f"slow {at}"))) for at in range(calls)]
        await asyncio.sleep(2.0)
        during, after, more = await _hits(session, sidecar), _memory(sidecar), _files(sidecar)
        await asyncio.gather(*slow)
        print(f"\n{calls} calls of {seconds:g} s each beside hits; 2 workers, SQLite")
        print(f"{'hits, idle':<30} p50 {idle[0]:6.2f} ms  p99 {idle[1]:6.2f} ms")
        print(f"{'hits, beside the calls':<30} p50 {during[0]:6.2f} ms  p99 {during[1]:6.2f} ms")
        print(f"{'p99 to idle':<30} {during[1] / idle[1]:.2f}")
        print(f"{'memory for each call':<30} {(after - before) / calls:.0f} kB")
        print(f"{'open files of all processes':<30} {max(more, files)}")
        print(f"{'all calls together':<30} {time.monotonic() - began:.1f} s", flush=True)


def _streamed(question: str) -> dict[str, Any]:
    return {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": question}]}


async def _ask(session: aiohttp.ClientSession, sidecar: Sidecar, body: dict[str, Any]) -> bytes:
    async with session.post(sidecar.url + _PATH, json=body) as response:
        assert response.status == 200
        return await response.read()


async def _hits(session: aiohttp.ClientSession, sidecar: Sidecar) -> tuple[float, float]:
    """The median and the 99th percentile, in milliseconds."""
    waited = []
    for _ in range(_HITS):
        began = time.perf_counter()
        await _ask(session, sidecar, _KNOWN)
        waited.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.005)
    waited.sort()
    return waited[len(waited) // 2], waited[len(waited) * 99 // 100]


def _processes(sidecar: Sidecar) -> list[Path]:
    mark = f"127.0.0.1:{sidecar.port}".encode()
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environ.read_bytes():
                found.append(environ.parent)
        except OSError:
            continue
    return found


def _memory(sidecar: Sidecar) -> int:
    """kB that its processes have, shared pages counted in each."""
    lines = [line for each in _processes(sidecar) for line in (each / "status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def _files(sidecar: Sidecar) -> int:
    return sum(len(list((each / "fd").iterdir())) for each in _processes(sidecar))


@asynccontextmanager
async def _upstream(port: int, seconds: float) -> AsyncIterator[None]:
    """Says something every half second; what begins with `first` or is known, at once."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        about = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o"}
        if not body.get("stream"):
            message = {"role": "assistant", "content": "This."}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return web.json_response({**about, "object": "chat.completion", "choices": [choice]})
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        fast = str(body["messages"][0]["content"]).startswith("first")
        for at in range(20):
            choice = {"index": 0, "delta": {"content": f" word {at}"}, "finish_reason": None}
            await response.write(b"data: " + web.json_response({**about, "choices": [choice]}).body + b"\n\n")  # type: ignore[operator]
            await asyncio.sleep(0 if fast else seconds / 20)
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        await response.write(b"data: " + web.json_response({**about, "choices": [last]}).body + b"\n\n")  # type: ignore[operator]
        await response.write(b"data: [DONE]\n\n")
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield
    await runner.cleanup()
