"""Who may call, whose key pays, and that a key goes to its own provider alone."""

from typing import Any

import pytest

from prompt_cache.config import Config, upstreams
from prompt_cache.config.schema import TokenSettings, UpstreamSettings
from prompt_cache.http.failures import HttpError
from prompt_cache.http.front.exchange import Headers
from prompt_cache.http.proxy.credentials import Payer, Payers
from prompt_cache.http.proxy.routes import Routes

PATHS = {
    "openai": "/openai/v1/chat/completions",
    "anthropic": "/anthropic/v1/messages",
    "gemini": "/gemini/v1beta/models/g:generateContent",
    "ollama": "/ollama/api/chat",
}
TOKEN, HELD = "the-sidecars-token", "sk-held-here"


def payer(name: str = "openai", query: str = "", *, config: dict[str, Any] | None = None, **headers: str) -> Payer:
    """Header names with underscores."""
    settings = Config(**(config or {}))
    route = Routes(upstreams(settings)).find("POST", PATHS[name])
    assert route is not None
    sent = Headers([(each.replace("_", "-").encode(), value.encode("latin-1")) for each, value in headers.items()])
    return Payers(settings).of(route, sent, query)


def held(name: str = "openai", **config: Any) -> dict[str, Any]:
    """Settings with the provider's key."""
    return {"upstreams": {name: UpstreamSettings(key=HELD)}, **config}


# -- the caller's own key -----


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("openai", "authorization", "Bearer sk-mine"),
        ("openai", "api_key", "sk-mine"),
        ("anthropic", "x_api_key", "sk-mine"),
        ("anthropic", "authorization", "Bearer sk-mine"),
        ("gemini", "x_goog_api_key", "sk-mine"),
        ("ollama", "authorization", "Bearer sk-mine"),
    ],
)
def test_key_of_the_caller__goes_on_as_it_came(name: str, header: str, value: str) -> None:
    found = payer(name, config={}, **{header: value})
    assert found.headers == ((header.replace("_", "-"), value),)
    assert found.digest == payer(name, config={}, **{header: value}).digest
    assert found.digest != payer(name, config={}, **{header: value + "2"}).digest
    assert "sk-mine" not in found.digest


def test_key_of_the_caller__is_one_wherever_it_stands() -> None:
    digests = {
        payer("gemini", x_goog_api_key="sk-mine").digest,
        payer("gemini", "alt=sse&key=sk-mine").digest,
        payer("gemini", authorization="bearer sk-mine").digest,
    }
    assert len(digests) == 1


def test_key_of_the_caller__in_the_query_goes_on() -> None:
    assert payer("gemini", "key=sk-mine&alt=sse").query == "key=sk-mine&alt=sse"


def test_no_key__is_a_payer_of_its_own() -> None:
    assert payer().headers == ()
    assert payer().digest != payer(authorization="Bearer x").digest


# -- with tokens, and no key held -----


def test_token__goes_in_a_header_of_its_own_beside_the_key() -> None:
    found = payer(config={"token": TOKEN}, x_prompt_cache_token=TOKEN, authorization="Bearer sk-mine")
    assert found.headers == (("authorization", "Bearer sk-mine"),)
    assert found.caller.name == "admin"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer sk-mine"},
        {"x_prompt_cache_token": "wrong", "authorization": "Bearer sk-mine"},
        {"authorization": f"Bearer {TOKEN}"},  # would be sent to the provider as a key
    ],
)
def test_token__that_is_missing_or_wrong_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(HttpError) as raised:
        payer(config={"token": TOKEN}, **headers)
    assert raised.value.failure.status == 401
    assert "sk-mine" not in raised.value.failure.detail


# -- with a key that is held here -----


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("openai", ("authorization", f"Bearer {HELD}")),
        ("anthropic", ("x-api-key", HELD)),
        ("gemini", ("x-goog-api-key", HELD)),
        ("ollama", ("authorization", f"Bearer {HELD}")),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"x_api_key": TOKEN},
        {"x_goog_api_key": TOKEN},
        {"api_key": TOKEN},
        {"x_prompt_cache_token": TOKEN},
        {"x_prompt_cache_token": TOKEN, "authorization": "Bearer sk-mine"},
    ],
)
def test_held_key__pays_for_who_has_a_token(name: str, sent: tuple[str, str], headers: dict[str, str]) -> None:
    found = payer(name, "x=1&key=sk-mine&y=2", config=held(name, token=TOKEN), **headers)
    assert found.headers == (sent,)
    assert found.query == "x=1&y=2"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sk-mine"}, {"x_prompt_cache_token": "wrong"}])
def test_held_key__pays_for_nobody_else(headers: dict[str, str]) -> None:
    with pytest.raises(HttpError) as raised:
        payer(config=held(token=TOKEN), **headers)
    assert raised.value.failure.status == 401
    assert HELD not in raised.value.failure.detail


def test_held_key__pays_for_everybody_of_this_machine_where_there_is_no_token() -> None:
    found = payer(config=held(), authorization="Bearer whatever")
    assert found.headers == (("authorization", f"Bearer {HELD}"),)


def test_held_key__is_one_payer_for_all_tokens() -> None:
    tokens = [TokenSettings(name=name, token=f"token-of-{name}") for name in ("a", "b")]
    payers = [payer(config=held(tokens=tokens), authorization=f"Bearer token-of-{name}") for name in ("a", "b")]
    assert [each.caller.name for each in payers] == ["a", "b"]
    assert len({each.digest for each in payers}) == 1


def test_digest__depends_on_the_secret() -> None:
    one, other = (payer(config={"secret": secret}, authorization="Bearer k").digest for secret in ("s1", "s2"))
    assert one != other
