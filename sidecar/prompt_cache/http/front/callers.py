"""Whom a server without a token answers: programs of this machine, and no page of a browser that was led here."""

import ipaddress
from functools import lru_cache

from ...config import Config
from ..failures import HttpError
from .exchange import Exchange


class Callers:
    """A page may have its own name resolved to loopback; what it cannot do is lie about `Host` and `Origin`."""

    def __init__(self, config: Config) -> None:
        self._open = not config.token and not config.tokens
        self._names = {"localhost", config.address[0].lower(), *(name.lower() for name in config.allowed_hosts)}
        self._known = lru_cache(maxsize=256)(self._is_known)

    def require_known(self, exchange: Exchange) -> None:
        """Raises an HttpError of 403. Where there are tokens, they decide."""
        if not self._open:
            return
        host, origin = exchange.headers.raw(b"host"), exchange.headers.raw(b"origin")
        if host is not None and not self._known(host):
            raise _foreign("Host", host)
        if origin is not None and not self._known(origin.partition(b"://")[2]):
            raise _foreign("Origin", origin)

    def _is_known(self, host: bytes) -> bool:
        name = host.decode("latin-1").lower()
        name = name.partition("]")[0].lstrip("[") if name.startswith("[") else name.partition(":")[0]
        if name in self._names or name.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def _foreign(header: str, value: bytes) -> HttpError:
    said = value.decode("latin-1")[:100]
    return HttpError(
        403,
        "foreign-host",
        f"without a token only this machine is answered, and the header {header} says {said!r}; "
        "name that host in the setting allowed_hosts, or set a token",
    )
