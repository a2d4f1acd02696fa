"""What a postgresql:// URL says: where the server is, and how we keep our things there."""

import re
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict

_SCHEMA = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_OURS = ("schema", "unlogged", "pool_size")
_MAX_POOL_SIZE = 100


class Address(Struct, frozen=True, kw_only=True):
    """A server, and our place in it."""

    server: dict[str, Any]
    """Connection parameters as libpq names them."""
    schema: str
    unlogged: bool = False
    pool_size: int = 8
    """Connections at once, per process."""

    @classmethod
    def from_url(cls, url: str, prefix: str) -> "Address":
        """`postgresql://user:password@host:port/database`, with libpq's own options and ours in the query.

        Raises ValueError, whose message never holds any part of the URL but the names and values of our own options.
        """
        try:
            parts = urlsplit(url)
            options = parse_qsl(parts.query, keep_blank_values=True)
            theirs = urlencode([option for option in options if option[0] not in _OURS])
            server = conninfo_to_dict(urlunsplit(parts._replace(query=theirs)))
            ports = str(server.get("port", 0)).split(",")
            if parts.fragment or not all(port.isdigit() for port in ports) or _misread(parts, options):
                raise ValueError
        except (ValueError, psycopg.Error):
            raise ValueError(
                "the store URL cannot be read; it looks like postgresql://user:password@host:5432/database,"
                " with special characters of the password percent-encoded (@ is %40, / is %2F, # is %23)"
            ) from None
        ours = {name: value for name, value in options if name in _OURS}
        return cls(
            server=server,
            schema=_schema(ours.get("schema"), prefix),
            unlogged=_switch(ours.get("unlogged", "false")),
            pool_size=_pool_size(ours.get("pool_size", "8")),
        )


def _misread(parts: SplitResult, options: list[tuple[str, str]]) -> bool:
    """Whether a special character of the password ended it early, so that the rest would pass for something else."""
    elsewhere = (parts.path, *(value for name, value in options if name in _OURS))
    return parts.netloc.count("@") > 1 or any("@" in text for text in elsewhere)


def _schema(name: str | None, prefix: str) -> str:
    if name is None:
        name = re.sub(r"\W", "_", prefix.lower(), flags=re.ASCII)[:62]
        return name if _SCHEMA.fullmatch(name) else f"_{name}"
    if not _SCHEMA.fullmatch(name):
        raise ValueError(
            f"schema={name} in the store URL: use lower-case letters, digits and underscores, and no pg_ in front"
        )
    return name


def _switch(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(f"unlogged={value} in the store URL: use true or false")
    return value == "true"


def _pool_size(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= _MAX_POOL_SIZE:
        raise ValueError(f"pool_size={value} in the store URL: use a number from 1 to {_MAX_POOL_SIZE}")
    return int(value)
