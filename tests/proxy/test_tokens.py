"""A sidecar with tokens, and with a provider's key: who may, and what reaches the provider, the log and the store."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from stack import Sidecar

from .calls import CHAT, KINDS, Caller, Kind, question
from .conftest import settings
from .upstream import Upstream

ADMIN, READER, TENANT, HELD = "admin-token", "reader-token-1", "tenant-token-1", "sk-held-by-the-sidecar"
TOKENS = f"""[
    {{name: reader, token: {READER}, role: reader}},
    {{name: tenant, token: {TENANT}, role: writer, namespaces: [tenant-a]}},
]"""
each_kind = pytest.mark.parametrize("kind", KINDS, ids=[f"{kind.name}-{at}" for at, kind in enumerate(KINDS)])


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, _upstream: Upstream) -> Iterator[Sidecar]:
    env = {
        **settings(_upstream),
        "PROMPT_CACHE_TOKEN": ADMIN,
        "PROMPT_CACHE_TOKENS": TOKENS,
        "PROMPT_CACHE_UPSTREAM_MISTRAL_URL": f"{_upstream.url}/v1",
        "PROMPT_CACHE_UPSTREAM_MISTRAL_KEY": HELD,
    }
    with Sidecar(tmp_path_factory.mktemp("guarded"), env=env) as sidecar:
        yield sidecar


@pytest.fixture
def guest(guarded: Sidecar) -> Iterator[Caller]:
    caller = Caller(guarded.url)
    yield caller
    caller.close()


def code_of(kind: Kind, body: dict[str, Any]) -> Any:
    """Where each provider's errors have a name for programs."""
    match kind.name.partition("_")[0]:
        case "anthropic":
            return body["type"] == "error" and body["error"]["type"]
        case "gemini":
            return body["error"]["code"] >= 400 and body["error"]["status"].lower()
        case "ollama":
            return body["error"].partition(":")[0]
    return body["error"]["code"]


@each_kind
def test_without_a_token_nothing_is_answered(guest: Caller, upstream: Upstream, kind: Kind) -> None:
    for refused in (guest.ask(question(), kind), guest.ask(question(), kind, X_Prompt_Cache_Token="wrong")):
        assert refused.status_code == 401
        assert code_of(kind, refused.json()) == "prompt_cache_unauthorized"
    assert upstream.seen == []


@each_kind
def test_who_may_only_read_asks_no_provider(guest: Caller, upstream: Upstream, kind: Kind) -> None:
    refused = guest.ask(question(), kind, X_Prompt_Cache_Token=READER)
    assert refused.status_code == 403
    assert code_of(kind, refused.json()) == "prompt_cache_forbidden"
    assert guest.send("GET", "/openai/v1/models", headers={"X-Prompt-Cache-Token": READER}).status_code == 403
    assert upstream.seen == []


def test_namespaces_out_of_reach_are_refused(guest: Caller, upstream: Upstream) -> None:
    embeddings = {"model": "e", "input": question()}
    for path, headers in ((CHAT.path, {}), (CHAT.path, {"X-Prompt-Cache-Namespace": "other"})):
        for body in (CHAT.body(question()), {**CHAT.body(question()), "n": 2}):
            told = {"X-Prompt-Cache-Token": TENANT, "Authorization": "Bearer k", "Cache-Control": "no-store", **headers}
            assert guest.send("POST", path, json=body, headers=told).status_code == 403
    sent = {"X-Prompt-Cache-Token": TENANT}
    assert guest.send("POST", "/openai/v1/embeddings", json=embeddings, headers=sent).status_code == 403
    assert guest.send("GET", "/openai/v1/models", headers=sent).status_code == 403
    assert upstream.seen == []
    reached = guest.ask(question(), X_Prompt_Cache_Namespace="tenant-a", X_Prompt_Cache_Token=TENANT)
    assert reached.status_code == 200


@pytest.mark.parametrize("path", ["/u/nobody/models", "/u/openai/../x", "/u/"])
def test_the_names_of_upstreams_are_for_callers(guest: Caller, path: str) -> None:
    refused = requests.Request("GET", guest.url + path).prepare()
    refused.url = guest.url + path
    with requests.Session() as session:
        answer = session.send(refused, timeout=10)
    assert answer.status_code == 401
    assert "mistral" not in answer.text


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"Authorization": f"Bearer {ADMIN}"}),
        ("", {"x-api-key": ADMIN}),
        ("", {"api-key": ADMIN}),
        ("", {"X-Prompt-Cache-Token": ADMIN, "Authorization": "Bearer sk-of-the-caller"}),
        (f"?key={ADMIN}", {}),
        (f"?%6bey={ADMIN}&a=1", {}),
        (f"?key={ADMIN}&key={ADMIN}", {}),
    ],
)
@pytest.mark.parametrize("path", ["/u/mistral/chat/completions", "/u/mistral/models"])
def test_a_token_in_the_place_of_a_key_never_reaches_the_provider(
    guest: Caller, upstream: Upstream, path: str, query: str, headers: dict[str, str]
) -> None:
    method, body = ("POST", CHAT.body(question())) if "chat" in path else ("GET", None)
    assert guest.send(method, path + query, json=body, headers=headers).status_code == 200
    (seen,) = upstream.seen
    sent = f"{seen.raw_path} {dict(seen.headers)}"
    assert f"Bearer {HELD}" in sent
    assert ADMIN not in sent
    assert "sk-of-the-caller" not in sent


def test_the_providers_key_pays_for_nobody_without_a_token(guest: Caller, upstream: Upstream) -> None:
    for headers in ({}, {"Authorization": "Bearer sk-of-the-caller"}, {"Authorization": f"Bearer {HELD}"}):
        sent = guest.send("POST", "/u/mistral/chat/completions", json=CHAT.body(question()), headers=headers)
        assert sent.status_code == 401
        assert HELD not in sent.text
    assert upstream.seen == []


def test_keys_are_nowhere_to_be_read(guest: Caller, guarded: Sidecar, upstream: Upstream) -> None:
    secret, asked = "sk-very-secret", question()
    guest.ask(asked, key=secret, X_Prompt_Cache_Token=ADMIN)
    path = f"/gemini/v1beta/models/g:generateContent?key={secret}&access_token={secret}"
    body = {"contents": [{"parts": [{"text": asked}]}]}
    guest.send("POST", path, json=body, headers={"X-Prompt-Cache-Token": ADMIN, "x-custom-api-key": secret})
    upstream.status = 500
    guest.ask(asked + "!", key=secret, X_Prompt_Cache_Token=ADMIN)
    upstream.status = 200
    upstream.fault = "cut"
    for stream in (False, True):
        with contextlib.suppress(requests.RequestException):
            guest.ask(asked + "?", key=secret, stream=stream, X_Prompt_Cache_Token=ADMIN)
    admin = {"Authorization": f"Bearer {ADMIN}"}
    entries = guest.send("GET", "/v1/entries?namespace=default&limit=50", headers=admin)
    told = [entries.text]
    kept = entries.json()["items"]
    for entry in kept:
        told.append(guest.send("GET", f"/v1/entries/{entry['key']}", headers=admin).text)
    told += [guest.send("GET", page, headers=admin).text for page in ("/metrics", "/v1/stats", "/v1/namespaces")]
    log = guarded.log.read_text()
    assert len(kept) >= 2
    for text in (*told, log):
        assert secret not in text
        assert HELD not in text
    assert asked not in log
    assert asked not in told[-3]


def test_without_tokens_pages_of_other_hosts_are_refused(caller: Caller, upstream: Upstream) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        for method, path in (("POST", CHAT.path), ("GET", "/openai/v1/models"), ("OPTIONS", CHAT.path)):
            refused = caller.send(method, path, json=CHAT.body(question()), headers=headers)
            assert refused.status_code == 403
            assert refused.json()["error"]["code"] == "prompt_cache_foreign_host"
    assert upstream.seen == []
