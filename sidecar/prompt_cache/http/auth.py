"""Who calls, and what they may do."""

import hashlib
import hmac
from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from ..config import Config, Role
from .failures import HttpError

_RANK: dict[Role, int] = {"reader": 0, "writer": 1, "admin": 2}

_WILD = frozenset("*?[")


class Caller(Struct, frozen=True):
    """A known caller."""

    name: str
    role: Role
    namespaces: tuple[str, ...]

    def may_touch(self, namespace: str) -> bool:
        return any(pattern == "*" or fnmatchcase(namespace, pattern) for pattern in self.namespaces)

    def has(self, role: Role) -> bool:
        return _RANK[self.role] >= _RANK[role]

    def may_touch_all(self, pattern: str) -> bool:
        """Whether every namespace that a pattern matches is within reach, as far as two patterns tell."""
        if _WILD.isdisjoint(pattern):
            return self.may_touch(pattern)
        return any(
            own in ("*", pattern) or (own.endswith("*") and _WILD.isdisjoint(own[:-1]) and pattern.startswith(own[:-1]))
            for own in self.namespaces
        )

    def require(self, role: Role) -> None:
        """Raises an HttpError of 403."""
        if not self.has(role):
            raise HttpError(403, "forbidden", f"this token has the role {self.role}; this needs {role}")

    def require_namespaces(self, namespaces: Iterable[str]) -> None:
        """Raises an HttpError of 403 that names the first one out of reach."""
        if self.namespaces == ("*",):
            return
        for namespace in namespaces:
            if not self.may_touch(namespace):
                raise HttpError(403, "forbidden", f"this token may not touch the namespace {namespace}")


EVERYONE = Caller("anonymous", "admin", ("*",))
"""Where no token is configured, anybody."""


class Tokens:
    """The callers that the settings name, found by their token in the same time for all wrong ones."""

    def __init__(self, config: Config) -> None:
        known = [
            (token.token or "", Caller(token.name, token.role, tuple(token.namespaces))) for token in config.tokens
        ]
        if config.token:
            known.append((config.token, Caller("admin", "admin", ("*",))))
        self.known = tuple((_digest(token), caller) for token, caller in known)
        """(digest of the token, caller), in the order of the settings."""

    def caller(self, authorization: str | None) -> Caller:
        """Of an `Authorization` header. Raises an HttpError of 401. With no token configured everybody may do all."""
        if not self.known:
            return EVERYONE
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("send the header `Authorization: Bearer <token>`")
        presented, found = _digest(token.strip()), None
        for digest, caller in self.known:
            if hmac.compare_digest(digest, presented):
                found = caller
        if found is None:
            raise _unauthorized("this token is not known here")
        return found


def _unauthorized(detail: str) -> HttpError:
    return HttpError(401, "unauthorized", detail, {"WWW-Authenticate": "Bearer"})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
