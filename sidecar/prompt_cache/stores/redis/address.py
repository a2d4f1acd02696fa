"""Where Redis is: the URL forms, and what redis-py is told for each."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec import Struct

FORMS = (
    "redis://[user:password@]host[:port][/db], unix:///path.sock[?db=n], redis+cluster://host:port[,host:port], "
    "or redis+sentinel://host:port[,host:port]/service[/db]; rediss for TLS"
)


Node = tuple[str, int]
"""Host and port."""


class Address(Struct, frozen=True):
    """One server, the sentinels that know it, or some nodes of a cluster."""

    kind: Literal["server", "socket", "sentinel", "cluster"]
    nodes: list[Node]
    tls: bool
    service: str
    options: dict[str, Any]
    """For connections to Redis; `sentinel` holds those for connections to sentinels."""
    sentinel: dict[str, Any]


def parse(url: str) -> Address:
    """Raises ValueError with a sentence that never quotes the URL, which may carry a password."""
    scheme = url.split(":", 1)[0]
    transport, _, topology = scheme.partition("+")
    try:
        parts = urlsplit(url)
        where = parts.netloc.rpartition("@")[2]
        nodes = [_node(each, 26379 if topology == "sentinel" else 6379) for each in where.split(",")]
    except ValueError:
        parts, nodes = None, []
    if parts is None or parts.fragment or "@" in parts.path:
        raise ValueError(f"the Redis URL must look like {FORMS}; write special characters of a password as %XX")
    tls = transport == "rediss"
    options, sentinel = _options(parts.query, tls)
    options |= _login(parts)
    path = [unquote(part) for part in parts.path.split("/") if part]
    if scheme == "unix":
        if where or not path:
            raise ValueError("unix:// needs the socket's absolute path: unix:///run/redis/redis.sock")
        return Address("socket", [], False, "", {**options, "path": unquote(parts.path)}, {})
    service = path.pop(0) if topology == "sentinel" and path else ""
    if topology == "sentinel" and not service:
        raise ValueError("redis+sentinel:// needs the service's name after the hosts, such as /mymaster")
    if sentinel and topology != "sentinel":
        raise ValueError(f"{next(iter(sentinel))} belongs to redis+sentinel:// only")
    if len(nodes) > 1 and not topology:
        raise ValueError("several hosts are for redis+cluster:// and redis+sentinel://")
    if path:
        options.setdefault("db", _whole("db", path.pop(0)))
    if path or (topology == "cluster" and options.pop("db", 0)):
        raise ValueError(f"the path of a Redis URL names a database and no more (a cluster has only 0): {FORMS}")
    kind: Literal["server", "sentinel", "cluster"] = (
        "cluster" if topology == "cluster" else "sentinel" if topology == "sentinel" else "server"
    )
    sentinel = {name.removeprefix("sentinel_"): value for name, value in sentinel.items()}
    return Address(kind, nodes, tls, service, options, sentinel)


def _node(text: str, default: int) -> Node:
    parts = urlsplit(f"//{text}")
    return parts.hostname or "localhost", parts.port or default


def _login(parts: SplitResult) -> dict[str, str]:
    login = {}
    if parts.username:
        login["username"] = unquote(parts.username)
    if parts.password:
        login["password"] = unquote(parts.password)
    return login


def _whole(name: str, value: str) -> int:
    if not value.isdecimal():
        raise ValueError(f"{name} in the Redis URL must be a whole number")
    return int(value)


def _choice(*values: str) -> Callable[[str, str], str]:
    def chosen(name: str, value: str) -> str:
        if value not in values:
            raise ValueError(f"{name} in the Redis URL must be one of {', '.join(values)}")
        return value

    return chosen


def _switch(name: str, value: str) -> bool:
    return _choice("true", "false")(name, value.lower()) == "true"


def _existing(name: str, value: str) -> str:
    if not Path(value).exists():
        raise ValueError(f"{name} in the Redis URL names a file that does not exist")
    return value


def _text(_: str, value: str) -> str:
    return value


_TLS: Mapping[str, Callable[[str, str], Any]] = {
    "ssl_ca_certs": _existing,
    "ssl_ca_path": _existing,
    "ssl_certfile": _existing,
    "ssl_keyfile": _existing,
    "ssl_password": _text,
    "ssl_ciphers": _text,
    "ssl_cert_reqs": _choice("none", "optional", "required"),
    "ssl_check_hostname": _switch,
}
_SENTINEL: Mapping[str, Callable[[str, str], Any]] = {"sentinel_username": _text, "sentinel_password": _text}
_OPTIONS: Mapping[str, Callable[[str, str], Any]] = {"db": _whole, "client_name": _text, **_TLS, **_SENTINEL}


def _options(query: str, tls: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    options: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _OPTIONS:
            raise ValueError(f"the Redis URL has an option that is not one of {', '.join(_OPTIONS)}")
        if name in _TLS and not tls:
            raise ValueError(f"{name} is for TLS: begin the Redis URL with rediss")
        options[name] = _OPTIONS[name](name, value)
    if tls:
        verified = options.get("ssl_cert_reqs") != "none"
        options["ssl_check_hostname"] = verified and options.get("ssl_check_hostname", True)
    return options, {name: options.pop(name) for name in _SENTINEL if name in options}
