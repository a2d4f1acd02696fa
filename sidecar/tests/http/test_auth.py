"""Who calls, and what they may do."""

from typing import Any

import pytest

from prompt_cache.config.schema import Config, TokenSettings
from prompt_cache.http.auth import Caller, Tokens
from prompt_cache.http.failures import HttpError

CONFIG = Config(
    token="root-token",
    tokens=[
        TokenSettings(name="reports", token="read-token", role="reader"),
        TokenSettings(name="bot", token="bot-token", namespaces=["support", "prod-*"]),
    ],
)


def status(action: Any, *arguments: Any) -> int:
    with pytest.raises(HttpError) as raised:
        action(*arguments)
    return raised.value.failure.status


@pytest.mark.parametrize(
    ("header", "name", "role"),
    [
        ("Bearer root-token", "admin", "admin"),
        ("bearer root-token", "admin", "admin"),
        ("BEARER  read-token ", "reports", "reader"),
        ("Bearer bot-token", "bot", "writer"),
    ],
)
def test_tokens__known(header: str, name: str, role: str) -> None:
    caller = Tokens(CONFIG).caller(header)
    assert (caller.name, caller.role) == (name, role)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "root-token",
        "Basic root-token",
        "Bearer nope",
        "Bearer root-token2",
        "Bearer root-toke",
        "Bearer ROOT-TOKEN",
        "Bearer root-token read-token",
        "Bearer \udcff",
        "Bearer é",
    ],
)
def test_tokens__unknown(header: str | None) -> None:
    assert status(Tokens(CONFIG).caller, header) == 401


def test_tokens__none_configured_lets_everybody_do_everything() -> None:
    for header in (None, "Bearer anything"):
        caller = Tokens(Config()).caller(header)
        caller.require("admin")
        caller.require_namespaces(["a", "b"])


@pytest.mark.parametrize(
    ("role", "may"),
    [("reader", {"reader"}), ("writer", {"reader", "writer"}), ("admin", {"reader", "writer", "admin"})],
)
def test_caller__roles_are_a_ladder(role: Any, may: set[str]) -> None:
    caller = Caller("x", role, ("*",))
    for needed in ("reader", "writer", "admin"):
        if needed in may:
            caller.require(needed)
        else:
            assert status(caller.require, needed) == 403


@pytest.mark.parametrize(
    ("namespace", "allowed"),
    [("support", True), ("prod-eu", True), ("prod-", True), ("prod", False), ("default", False), ("Support", False)],
)
def test_caller__namespaces_are_patterns(namespace: str, allowed: bool) -> None:
    caller = Tokens(CONFIG).caller("Bearer bot-token")
    assert caller.may_touch(namespace) is allowed
    if allowed:
        caller.require_namespaces([namespace])
    else:
        assert status(caller.require_namespaces, ["support", namespace]) == 403
