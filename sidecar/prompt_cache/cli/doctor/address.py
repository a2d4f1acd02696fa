"""Whether the address is free, or whose it is."""

import http.client
import json
from collections.abc import Iterator

from ... import __version__
from ...config import ConfigError
from .finding import Finding, Situation, advice, mend, ok

_TIMEOUT = 3.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def address(situation: Situation) -> Iterator[Finding]:
    from ...http.server import require_free_address

    listen = situation.config.listen
    try:
        require_free_address(situation.config)
    except ConfigError as error:
        running = _running(*situation.config.address)
        if running is None:
            yield mend(str(error).partition("; ")[0], "stop it, or set PROMPT_CACHE_LISTEN to another address")
            return
        yield _version(listen, running)
        return
    yield ok(f"{listen} is free")


def _version(listen: str, running: str) -> Finding:
    if running == __version__:
        return ok(f"{listen} is served by prompt-cache {running}")
    says = f"{listen} is served by prompt-cache {running}, and {__version__} is installed"
    return advice(says, "restart the one that runs")


def _running(host: str, port: int) -> str | None:
    """The version of the sidecar that answers there; None when it is none."""
    connection = http.client.HTTPConnection(_ANYWHERE.get(host, host), port, timeout=_TIMEOUT)
    try:
        connection.request("GET", "/healthz")
        health = json.loads(connection.getresponse().read(1000))
        return str(health["version"]) if health["status"] == "ok" else None
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return None
    finally:
        connection.close()
