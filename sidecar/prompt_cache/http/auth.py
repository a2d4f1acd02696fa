"""Who calls, and what they may do."""

import hashlib
import hmac
from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from ..config import Config, Role
from .problems import ProblemError

_RANK: dict[Role, int] = {"reader": 0, "writer": 1, "admin": 2}


class Caller(Struct, frozen=True):
    """A known caller."""

    name: str
    role: Role
    namespaces: tuple[str, ...]

    def may_touch(self, namespace: str) -> bool:
        return any(pattern == "*" or fnmatchcase(namespace, pattern) for pattern in self.namespaces)

    def require(self, role: Role) -> None:
        """Raises a 403 problem."""
        if _RANK[self.role] < _RANK[role]:
            raise ProblemError(403, "forbidden", f"this token has the role {self.role}; this needs {role}")

    def require_namespaces(self, namespaces: Iterable[str]) -> None:
        """Raises a 403 problem that names the first one out of reach."""
        if self.namespaces == ("*",):
            return
        for namespace in namespaces:
            if not self.may_touch(namespace):
                raise ProblemError(403, "forbidden", f"this token may not touch the namespace {namespace}")


_EVERYONE = Caller("anonymous", "admin", ("*",))


class Tokens:
    """Finds the caller of an `Authorization` header, in the same time for all wrong tokens."""

    def __init__(self, config: Config) -> None:
        known = [
            (token.token or "", Caller(token.name, token.role, tuple(token.namespaces))) for token in config.tokens
        ]
        if config.token:
            known.append((config.token, Caller("admin", "admin", ("*",))))
        self._known = [(_digest(token), caller) for token, caller in known]

    def caller(self, authorization: str | None) -> Caller:
        """Raises a 401 problem. With no token configured everybody may do everything."""
        if not self._known:
            return _EVERYONE
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ProblemError(401, "unauthorized", "send the header `Authorization: Bearer <token>`")
        presented, found = _digest(token.strip()), None
        for digest, caller in self._known:
            if hmac.compare_digest(digest, presented):
                found = caller
        if found is None:
            raise ProblemError(401, "unauthorized", "this token is not known here")
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
