"""The cache servers that LangCache's clients are pointed at."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import create_app
from prompt_cache.http.front.overload import overloaded
from prompt_cache.stores.base import StoreFull, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore

from ..api.conftest import SETTINGS as OF_THE_API

SETTINGS = {**OF_THE_API, "PROMPT_CACHE_BODY_LIMIT": "300KB"}
"""The same callers and workers, and room for long prompts."""

_FAULTS = {
    "broken": lambda: RuntimeError("a secret"),
    "away": lambda: StoreUnavailable("gone"),
    "full": lambda: StoreFull("no room"),
    "busy": overloaded,
}


class _Failing(PromptCache):
    """Fails in the way that the prompt names."""

    def answers(self, request: Any, *_: Any, **__: Any) -> Any:
        raise _FAULTS[request.prompt]()


@contextmanager
def failing() -> Iterator[str]:
    """The address of a server whose searches fail, each as its prompt says: `broken`, `away`, `full` or `busy`."""
    app = create_app(_Failing(MemoryStore()), Config(request_log=False))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
