"""The words of ASGI."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

WHOLE = "prompt_cache.whole"
"""Where the scope has a body that came with its head: then nothing has to be waited for."""

PAID = "prompt_cache.paid"
"""Set in the scope where an answer costs money as long as somebody waits for it: then who hangs up has left."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
